import type { Connection } from "../environment.ts";
import { CollectionError, CursorRefused } from "../errors.ts";
import type { HttpClient, HttpResponse } from "../http.ts";
import { Pacer } from "../pace.ts";
import type { RetryContext } from "../retry.ts";
import { pageScanner } from "../scan.ts";
import type { Secrets } from "../secrets.ts";
import { type Meter, redirected, VendorHttp } from "../vendor-http.ts";

const apiRoot = "/web/api/v2.1";
/** `GET /user` is asked this often for the token's expiry, in milliseconds. */
const expiryEvery = 6 * 3600_000;

export interface RestRequest<T> {
  /** Below `/web/api/v2.1`, e.g. `/threats`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** The feed's name and the permission that it needs, for messages. */
  readonly feed: string;
  readonly permission: string;
  readonly pacer: Pacer;
  readonly read: (body: Buffer) => T;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** One console, with one token: everything that all of its feeds share. */
export class SentinelOneClient {
  readonly connection: Connection;
  readonly #secrets: Secrets;
  readonly #http: VendorHttp;
  readonly #now: () => number;
  readonly #userPacer: Pacer;
  #tokenExpiresAt: string | undefined;
  #userAskedAt: number | undefined;

  constructor(connection: Connection, http: HttpClient, secrets: Secrets, retries: RetryContext) {
    this.connection = connection;
    this.#secrets = secrets;
    this.#http = new VendorHttp(connection, http, retries);
    this.#now = () => retries.clock.now();
    this.#userPacer = new Pacer(retries.clock, 1);
  }

  get tokenExpiresAt(): string | undefined {
    return this.#tokenExpiresAt;
  }

  /** The console's clock. The first question is `GET /user`, whose answer also tells when the token ends. */
  async serverNow(meter: Meter, signal: AbortSignal): Promise<number> {
    const known = this.#userAskedAt !== undefined && this.#now() - this.#userAskedAt < expiryEvery;
    if (!known || !this.#http.knowsServerTime) await this.#askUser(meter, signal);
    return this.#http.serverNow();
  }

  async get<T>(request: RestRequest<T>): Promise<T> {
    const token = await this.#secrets.read(this.connection.secretId);
    try {
      return await this.#get(request, token);
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
    }
    // The secret may have been rotated since it was read.
    const fresh = await this.#secrets.read(this.connection.secretId, true);
    try {
      return await this.#get(request, fresh);
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
    }
    // A console answers 401 for single feeds too; only this question tells whether the token is dead. It throws if it is.
    await this.#askUser(request.meter, request.signal);
    throw this.#notPermitted(request, 401);
  }

  #get<T>(request: RestRequest<T>, token: string): Promise<T> {
    const url = new URL(apiRoot + request.path, this.connection.url);
    for (const [name, value] of Object.entries(request.query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return this.#http.exchange({
      request: { method: "GET", url, headers: { authorization: `ApiToken ${token}`, accept: "application/json" } },
      read: request.read,
      refuse: (response) => this.#refuse(request, url, response),
      pacer: request.pacer,
      signal: request.signal,
      meter: request.meter,
    });
  }

  #refuse(request: RestRequest<unknown>, url: URL, response: HttpResponse): never {
    const { status } = response;
    if (status >= 300 && status < 400) throw redirected(this.#http.label, url, response);
    if (status === 401) throw new Unauthorized();
    if (status === 403) throw this.#notPermitted(request, status);
    if (request.query["cursor"] !== undefined && (status === 400 || status === 404)) throw new CursorRefused();
    if (status === 404 || status === 501) {
      const text = `${this.#http.label}: the console has no feed "${request.feed}" (${status}). Its version or licence lacks it; remove "${request.feed}" from this connection's streams, or check the connection's url.`;
      throw new CollectionError("not-available", "unavailable", text);
    }
    const code = errorCode(response.body);
    const text = `${this.#http.label}: the console refuses the request for "${request.feed}" (${status}${code && `, code ${code}`}). This is a fault of the connector or a console of an unusual version: please report it with this line.`;
    throw new CollectionError("failing", "refused", text);
  }

  #notPermitted({ feed, permission }: RestRequest<unknown>, status: number): CollectionError {
    const text = `${this.#http.label}: the console refuses feed "${feed}" (${status}). The token's role lacks the permission ${permission}, or its scope is too narrow. Grant it to the service user, or remove "${feed}" from this connection's streams.`;
    return new CollectionError("not-permitted", "permission", text);
  }

  async #askUser(meter: Meter, signal: AbortSignal): Promise<void> {
    const token = await this.#secrets.read(this.connection.secretId);
    try {
      this.#tokenExpiresAt = await this.#get(this.#userRequest(meter, signal), token);
      this.#userAskedAt = this.#now();
      return;
    } catch (error) {
      // Some roles may not read their own user: then the expiry stays unknown, and everything else works.
      if (error instanceof CollectionError && (error.status === "not-permitted" || error.status === "not-available")) {
        this.#userAskedAt = this.#now();
        return;
      }
      if (!(error instanceof Unauthorized)) throw error;
    }
    const fresh = await this.#secrets.read(this.connection.secretId, true);
    try {
      this.#tokenExpiresAt = await this.#get(this.#userRequest(meter, signal), fresh);
      this.#userAskedAt = this.#now();
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      const text = `${this.#http.label}: the console does not accept the token (401 on GET /user). It has expired, was revoked or belongs to another console. Make a new one and store it as the connection's secret.`;
      throw new CollectionError("failing", "token", text);
    }
  }

  #userRequest(meter: Meter, signal: AbortSignal): RestRequest<string | undefined> {
    return {
      path: "/user",
      query: {},
      feed: "user",
      permission: "to read its own user",
      pacer: this.#userPacer,
      read: readExpiry,
      meter,
      signal,
    };
  }
}

/** 401: to be judged by `GET /user`. */
class Unauthorized extends Error {
  override readonly name = "Unauthorized";
}

const scanUser = pageScanner({ records: "records", envelope: ["data.apiToken.expiresAt"], fields: [] });

function readExpiry(body: Buffer): string | undefined {
  const [expiresAt] = scanUser(body).envelope;
  return expiresAt?.startsWith('"') ? (JSON.parse(expiresAt) as string) : undefined;
}

/** The vendor's error number, the only part of an error's body that is shown. */
function errorCode(body: Buffer): string {
  return /"code"\s*:\s*(\d{3,10})\b/.exec(body.toString("latin1", 0, 4096))?.[1] ?? "";
}
