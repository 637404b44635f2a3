import type { Connection } from "../environment.ts";
import { CollectionError, CursorRefused } from "../errors.ts";
import type { HttpClient, HttpResponse } from "../http.ts";
import type { Pace } from "../pace.ts";
import type { RetryContext } from "../retry.ts";
import { pageScanner } from "../scan.ts";
import type { Secrets } from "../secrets.ts";
import type { Micros } from "../timestamps.ts";
import { type Caller, redirected, VendorHttp } from "../vendor-http.ts";

const apiRoot = "/web/api/v2.1";
export interface RestRequest<T> extends Pace {
  /** Below `/web/api/v2.1`, e.g. `/threats`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** The feed's name and the permission that it needs, for messages. */
  readonly feed: string;
  readonly permission: string;
  /** Requests of this name share their pace. @default the path */
  readonly pacedAs?: string;
  /** JSON; the request is a POST with it, and a GET without. */
  readonly body?: string;
  /** May throw for an answer other than 200 that means something else here than elsewhere. */
  readonly judge?: (response: HttpResponse) => void;
  /** @param connection its name, for messages */
  readonly read: (body: Buffer, connection: string) => T;
  readonly caller: Caller;
}

/** One console, with one token: everything that all of its feeds share. */
export class SentinelOneClient {
  readonly connection: Connection;
  readonly #secrets: Secrets;
  readonly #http: VendorHttp;

  constructor(connection: Connection, http: HttpClient, secrets: Secrets, retries: RetryContext) {
    this.connection = connection;
    this.#secrets = secrets;
    this.#http = new VendorHttp(connection, http, retries);
  }

  /** The console's clock; our own until it has answered anything. */
  serverNow(): Micros {
    return this.#http.serverNow();
  }

  get knowsServerTime(): boolean {
    return this.#http.knowsServerTime;
  }

  get<T>(request: RestRequest<T>): Promise<T> {
    return this.#ask(request);
  }

  post<T>(request: RestRequest<T> & { readonly body: string }): Promise<T> {
    return this.#ask(request);
  }

  async #ask<T>(request: RestRequest<T>): Promise<T> {
    // The second time with the vault's current value: the secret may have been rotated since it was read.
    for (const fresh of [false, true]) {
      const token = await this.#secrets.read(this.connection.secretId, fresh);
      try {
        return await this.#send(request, token);
      } catch (error) {
        if (!(error instanceof Unauthorized)) throw error;
      }
    }
    // A console answers 401 for single feeds too; only this question tells whether the token is dead. It throws if it is.
    await this.tokenExpiresAt(request.caller);
    throw this.#notPermitted(request, 401);
  }

  #send<T>(request: RestRequest<T>, token: string): Promise<T> {
    const url = new URL(apiRoot + request.path, this.connection.url);
    for (const [name, value] of Object.entries(request.query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return this.#http.exchange({
      request: {
        method: request.body === undefined ? "GET" : "POST",
        url,
        headers: {
          authorization: `ApiToken ${token}`,
          accept: "application/json",
          ...(request.body !== undefined && { "content-type": "application/json" }),
        },
        body: request.body,
      },
      read: (body) => request.read(body, this.connection.name),
      refuse: (response) => this.#refuse(request, url, response),
      pacer: this.#http.pacer(request.pacedAs ?? request.path, request),
      caller: request.caller,
    });
  }

  #refuse(request: RestRequest<unknown>, url: URL, response: HttpResponse): never {
    const { status } = response;
    request.judge?.(response);
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

  /** Asks `GET /user`. Undefined where the console does not say; throws where the token is dead. */
  async tokenExpiresAt(caller: Caller): Promise<string | undefined> {
    for (const fresh of [false, true]) {
      const token = await this.#secrets.read(this.connection.secretId, fresh);
      try {
        return await this.#send(userRequest(caller), token);
      } catch (error) {
        if (error instanceof Unauthorized) continue;
        // Some roles may not read their own user: then the expiry stays unknown, and everything else works.
        const isRefused = error instanceof CollectionError && ["not-permitted", "not-available"].includes(error.status);
        if (!isRefused) throw error;
        return undefined;
      }
    }
    const text = `${this.#http.label}: the console does not accept the token (401 on GET /user). It has expired, was revoked or belongs to another console. Make a new one and store it as the connection's secret.`;
    throw new CollectionError("failing", "token", text);
  }
}

const userRequest = (caller: Caller): RestRequest<string | undefined> => ({
  path: "/user",
  query: {},
  feed: "user",
  permission: "to read its own user",
  requestsPerSecond: 1,
  read: readExpiry,
  caller,
});

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
