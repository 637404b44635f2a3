import type { Connection } from "../environment.ts";
import { CollectionError, CursorRefused } from "../errors.ts";
import type { HttpClient, HttpResponse } from "../http.ts";
import { JsonError } from "../json.ts";
import type { RetryContext } from "../retry.ts";
import { pageScanner } from "../scan.ts";
import type { Secrets } from "../secrets.ts";
import { formatIso, type Micros, toMillis } from "../timestamps.ts";
import { type Caller, redirected, VendorHttp } from "../vendor-http.ts";
import type { ValenceProfile } from "./profile.ts";

/** No limit is documented. */
const pace = { requestsPerSecond: 2 };

export interface ListRequest {
  /** What is listed, for messages. */
  readonly feed: string;
  readonly path: string;
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
  readonly continuation?: string | undefined;
  readonly limit?: number;
  readonly caller: Caller;
}

export interface ListPage {
  /** Each item's own bytes. */
  readonly items: readonly Buffer[];
  readonly continuation?: string;
}

/** One Valence tenant, spoken to as its profile says. */
export class ValenceClient {
  readonly connection: Connection;
  readonly profile: ValenceProfile;
  readonly #secrets: Secrets;
  readonly #http: VendorHttp;
  readonly #scan: ReturnType<typeof pageScanner>;

  constructor(
    connection: Connection,
    profile: ValenceProfile,
    http: HttpClient,
    secrets: Secrets,
    retries: RetryContext,
  ) {
    this.connection = connection;
    this.profile = profile;
    this.#secrets = secrets;
    this.#http = new VendorHttp(connection, http, retries);
    const path = (pointer: string) => pointer.slice(1).replaceAll("/", ".");
    this.#scan = pageScanner({ records: path(this.profile.items), envelope: [path(this.profile.next)], fields: [] });
  }

  serverNow(): Micros {
    return this.#http.serverNow();
  }

  get knowsServerTime(): boolean {
    return this.#http.knowsServerTime;
  }

  async list(request: ListRequest): Promise<ListPage> {
    // The second time with the vault's current value: the secret may have been rotated since it was read.
    for (const fresh of [false, true]) {
      const key = await this.#secrets.read(this.connection.secretId, fresh);
      try {
        return await this.#list(request, key);
      } catch (error) {
        if (!(error instanceof Unauthorized)) throw error;
      }
    }
    const text = `${this.#http.label}: the server does not accept the API key (401 on "${request.feed}"). It was revoked, belongs to another tenant, or is sent the wrong way: see "header" and "scheme" of the connection's profile.`;
    throw new CollectionError("failing", "token", text);
  }

  #list(request: ListRequest, key: string): Promise<ListPage> {
    const { method, header, scheme } = this.profile;
    const url = new URL(request.path, this.connection.url);
    const parameters = this.#parameters(request);
    if (method === "GET") for (const [name, value] of parameters) url.searchParams.set(name, String(value));
    return this.#http.exchange({
      request: {
        method,
        url,
        headers: {
          accept: "application/json",
          [header.toLowerCase()]: scheme ? `${scheme} ${key}` : key,
          ...(method === "POST" && { "content-type": "application/json" }),
        },
        ...(method === "POST" && { body: JSON.stringify(Object.fromEntries(parameters)) }),
      },
      read: (body) => this.#read(body, request),
      refuse: (response) => this.#refuse(request, url, response),
      pacer: this.#http.pacer(request.path, pace),
      caller: request.caller,
    });
  }

  #parameters({ from, to, continuation, limit }: ListRequest): [string, string | number][] {
    const { parameters, paging, pageSize } = this.profile;
    const counted = paging === "offset" || paging === "page";
    const all: [string, string | number | undefined][] = [
      [parameters.from, from === undefined ? undefined : this.#time(from)],
      [parameters.to, to === undefined ? undefined : this.#time(to)],
      [parameters.limit, limit ?? pageSize],
      [parameters.continuation, continuation === undefined || !counted ? continuation : Number(continuation)],
    ];
    return all.filter((entry): entry is [string, string | number] => entry[0] !== "" && entry[1] !== undefined);
  }

  #time(time: Micros): string | number {
    const { timeUnit } = this.profile;
    if (timeUnit === "iso") return formatIso(time);
    return timeUnit === "seconds" ? Math.floor(time / 1_000_000) : toMillis(time);
  }

  #read(body: Buffer, { continuation }: ListRequest): ListPage {
    const { records, envelope } = this.#scan(body);
    if (!records) throw new JsonError(`there is no list at "${this.profile.items}" in it`);
    const items = records.map(({ json }) => json);
    const next = this.#next(envelope[0], items.length, continuation);
    return { items, ...(next !== undefined && { continuation: next }) };
  }

  #next(cursor: string | undefined, count: number, continuation: string | undefined): string | undefined {
    const { paging, pageSize } = this.profile;
    if (paging === "none") return undefined;
    if (paging === "cursor") {
      const value: unknown = cursor === undefined ? undefined : JSON.parse(cursor);
      return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
    }
    if (count < pageSize) return undefined;
    return String(paging === "offset" ? Number(continuation ?? 0) + count : Number(continuation ?? 1) + 1);
  }

  #refuse(request: ListRequest, url: URL, response: HttpResponse): never {
    const { status } = response;
    const label = this.#http.label;
    if (status >= 300 && status < 400) throw redirected(label, url, response);
    if (status === 401) throw new Unauthorized();
    if (status === 403) {
      const text = `${label}: the server refuses feed "${request.feed}" (403). The API key's role may not read it: make a key with the role Admin, or switch the feed off for this connection.`;
      throw new CollectionError("not-permitted", "permission", text);
    }
    if (request.continuation !== undefined && (status === 400 || status === 404)) throw new CursorRefused();
    if (status === 404 || status === 501) {
      const text = `${label}: there is no "${request.feed}" at ${url.pathname} (${status}). The paths are unconfirmed guesses: see "paths" of the connection's profile, or switch the feed off.`;
      throw new CollectionError("not-available", "unavailable", text);
    }
    const text = `${label}: the server refuses the request for "${request.feed}" (${status}). The profile's parameters are unconfirmed guesses: compare "parameters", "timeUnit" and "method" with Valence's documentation.`;
    throw new CollectionError("failing", "refused", text);
  }
}

class Unauthorized extends Error {
  override readonly name = "Unauthorized";
}
