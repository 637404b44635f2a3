import { isUtf8 } from "node:buffer";
import type { Clock } from "./clock.ts";
import type { Connection } from "./environment.ts";
import { AnswerTooLarge, CollectionError } from "./errors.ts";
import { type HttpClient, HttpError, type HttpRequest, type HttpResponse, isLoopback } from "./http.ts";
import { JsonError } from "./json.ts";
import { type Pace, type PacedCaller, Pacer } from "./pace.ts";
import { redact } from "./redact.ts";
import { parseRetryAfter, type RetryContext, Transient, withRetries } from "./retry.ts";
import { fromMillis, type Micros } from "./timestamps.ts";

/** The run on whose behalf requests are made: it counts them, and stays the holder of its stream while they last. */
export interface Caller extends PacedCaller {
  requests: number;
  retries: number;
  readonly signal: AbortSignal;
  /** Awaited before each request. */
  readonly beforeRequest: () => Promise<void>;
  /** What its feed could not read and went on without, in the operator's words. */
  shortfall?: CollectionError;
}

export interface Exchange<T> {
  readonly request: Omit<HttpRequest, "signal">;
  /** Reads a good answer. Throws `JsonError` where it is not what was asked for: the request is then repeated. */
  readonly read: (body: Buffer) => T;
  /** Decides what an answer other than 200 means, by throwing. Not called for 429 and 5xx, which are repeated. */
  readonly refuse: (response: HttpResponse) => Promise<never> | never;
  readonly pacer: Pacer;
  readonly caller: Caller;
}

/** Talks to one vendor address: pacing, retries, the server's clock, and errors in the operator's words. */
export class VendorHttp {
  readonly #connection: Connection;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #retries: RetryContext;
  readonly #pacers = new Map<string, Pacer>();
  /** The server's clock minus ours, in milliseconds, by its latest answer. */
  #offset: number | undefined;

  constructor(connection: Connection, http: HttpClient, retries: RetryContext) {
    const url = new URL(connection.url);
    if (url.protocol !== "https:" && !isLoopback(url)) {
      const text = `${this.#label(connection)}: ${url.origin} is not https. A token is sent over https only; plain http is accepted for loopback addresses.`;
      throw new CollectionError("failing", "address", text);
    }
    this.#connection = connection;
    this.#http = http;
    this.#clock = retries.clock;
    this.#retries = retries;
  }

  get label(): string {
    return this.#label(this.#connection);
  }

  /** The one pacer of a path: the windows of a backlog share it. */
  pacer(path: string, pace: Pace): Pacer {
    const known = this.#pacers.get(path);
    if (known) return known;
    const pacer = new Pacer(this.#clock, pace);
    this.#pacers.set(path, pacer);
    return pacer;
  }

  /** The server's clock; our own until the server has told its. */
  serverNow(): Micros {
    return fromMillis(this.#clock.now() + (this.#offset ?? 0));
  }

  get knowsServerTime(): boolean {
    return this.#offset !== undefined;
  }

  exchange<T>(exchange: Exchange<T>): Promise<T> {
    const { caller, pacer } = exchange;
    const onRetry = () => {
      caller.retries++;
    };
    return withRetries({ ...this.#retries, signal: caller.signal, onRetry }, async () => {
      await pacer.turn(caller);
      await caller.beforeRequest();
      caller.requests++;
      const response = await this.#send(exchange);
      if (response.status === 200) return this.#read(exchange, response);
      this.#throwPassing(response, pacer);
      return await exchange.refuse(response);
    });
  }

  #read<T>(exchange: Exchange<T>, response: HttpResponse): T {
    try {
      // Bytes that are no text would have Azure refuse the batch that they are in.
      const text = isUtf8(response.body) ? response.body : Buffer.from(response.body.toString("utf8"));
      return exchange.read(redact(text));
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const kind = /^\s*</.test(response.body.toString("latin1", 0, 64)) ? "HTML" : "something else";
      const what = response.body.length === 0 ? "an empty answer" : `${kind} (${error.message})`;
      const text = `${this.label}: ${exchange.request.url.host}${exchange.request.url.pathname} answered 200, but with ${what} instead of the expected JSON. Check that the address is the console's own and that no proxy or login page stands in between.`;
      throw new Transient(new CollectionError("failing", "answer", text));
    }
  }

  async #send({ request, caller }: Exchange<unknown>): Promise<HttpResponse> {
    try {
      const response = await this.#http.send({ ...request, signal: caller.signal });
      const date = Date.parse(response.headers["date"] ?? "");
      if (!Number.isNaN(date)) this.#offset = date - this.#clock.now();
      return response;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: HttpError): Error {
    if (error.failure === "too-large") return new AnswerTooLarge(`${this.label}: ${error.message}.`);
    const options = { cause: error };
    if (error.failure === "certificate") {
      const text = `${this.label}: ${error.message}. The token was not sent. Use the console's own host name, and see that nothing intercepts TLS on the way.`;
      return new CollectionError("failing", "network", text, options);
    }
    const hint =
      error.failure === "unknown-host" || error.failure === "refused"
        ? " Check the connection's url in the stack's settings."
        : "";
    return new Transient(
      new CollectionError(
        "failing",
        "network",
        `${this.label}: ${error.message}.${hint} The next run tries again.`,
        options,
      ),
    );
  }

  #throwPassing(response: HttpResponse, pacer: Pacer): void {
    const { status } = response;
    if (status !== 429 && status !== 408 && (status < 500 || status === 501)) return;
    const retryAfter = parseRetryAfter(response.headers["retry-after"], this.serverNow() / 1000);
    if (retryAfter !== undefined || status === 429) pacer.hold(retryAfter ?? 0);
    throw new Transient(
      status === 429
        ? new CollectionError(
            "throttled",
            "throttled",
            `${this.label}: the server answers "too many requests" (429). Something else may be using the same token; the next run goes on where this one stopped.`,
          )
        : new CollectionError(
            "failing",
            "server",
            `${this.label}: the server fails (${status}). The next run tries again.`,
          ),
      retryAfter,
    );
  }

  #label(connection: Connection): string {
    return `${connection.vendor} "${connection.name}"`;
  }
}

/** Refuses a redirect: a token is sent to no address but the configured one. */
export function redirected(label: string, url: URL, response: HttpResponse): CollectionError {
  let host = "another address";
  try {
    host = new URL(response.headers["location"] ?? "", url).host;
  } catch {
    // A location that is no address is not worth showing.
  }
  const text = `${label}: ${url.host} redirects to ${host} (${response.status}), where the token is not sent. If that is the console's address now, set it as the connection's url.`;
  return new CollectionError("failing", "address", text);
}
