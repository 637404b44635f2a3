import http from "node:http";
import https from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** How long a console may take and how much it may say. Milliseconds and bytes. */
export interface HttpLimits {
  /** Until the connection stands and the answer's headers are there. */
  readonly headersTimeout: number;
  /** Until the whole answer is there. */
  readonly bodyTimeout: number;
  readonly maxBytes: number;
}

export const standardLimits: HttpLimits = { headersTimeout: 60_000, bodyTimeout: 180_000, maxBytes: 64_000_000 };

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export type HttpFailure = "refused" | "unknown-host" | "certificate" | "timeout" | "interrupted" | "too-large";

/** No answer that could be used. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Connections to one console, kept alive between requests. Redirects are handed back, never followed; TLS is always verified. */
export class HttpClient {
  readonly #limits: HttpLimits;
  readonly #secure = new https.Agent({ keepAlive: true, maxSockets: 16 });
  readonly #loopback = new http.Agent({ keepAlive: true, maxSockets: 16 });

  constructor(limits: HttpLimits = standardLimits) {
    this.#limits = limits;
  }

  /** Throws `HttpError`, or the signal's reason. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { url } = request;
    if (url.protocol !== "https:" && !isLoopback(url)) throw new Error(`${url.origin} is not https`);
    const response = await this.#exchange(request);
    if (response.headers["content-encoding"] !== "gzip") return response;
    return { ...response, body: await this.#decompress(url, response.body) };
  }

  close(): void {
    this.#secure.destroy();
    this.#loopback.destroy();
  }

  #exchange({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const { headersTimeout, bodyTimeout, maxBytes } = this.#limits;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const secure = url.protocol === "https:";
      const request = (secure ? https : http).request(url, {
        method,
        agent: secure ? this.#secure : this.#loopback,
        headers: { "accept-encoding": "gzip", ...headers, ...(body && { "content-length": Buffer.byteLength(body) }) },
      });
      // Time-outs guard real sockets, so they run on real time; whatever waits on purpose uses the injected clock.
      const tooSlow = AbortSignal.timeout(bodyTimeout);
      const headersLate = AbortSignal.timeout(headersTimeout);
      const onSlow = () => fail(new HttpError("timeout", `${url.host} did not finish its answer in ${bodyTimeout} ms`));
      const onLate = () => fail(new HttpError("timeout", `${url.host} did not answer within ${headersTimeout} ms`));
      const onAbort = () => fail(signal?.reason);
      tooSlow.addEventListener("abort", onSlow);
      headersLate.addEventListener("abort", onLate);
      signal?.addEventListener("abort", onAbort);
      const settle = () => {
        tooSlow.removeEventListener("abort", onSlow);
        headersLate.removeEventListener("abort", onLate);
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: unknown) => {
        settle();
        reject(signal?.aborted && error === signal.reason ? (error as Error) : asHttpError(url, error));
        // Without an error: the socket of an answer that was complete has nobody left who listens for one.
        request.destroy();
      };
      request.on("error", fail);
      request.on("response", (response) => {
        headersLate.removeEventListener("abort", onLate);
        const body = new Body(Number(response.headers["content-length"] ?? 0), maxBytes);
        response.on("data", (chunk: Buffer) => {
          if (!body.add(chunk)) fail(tooLarge(url, maxBytes));
        });
        response.on("error", fail);
        response.on("end", () => {
          settle();
          const answered = response.headers as Record<string, string | undefined>;
          resolve({
            status: response.statusCode ?? 0,
            headers: answered,
            body: body.bytes,
          });
        });
      });
      request.end(body);
    });
  }

  async #decompress(url: URL, body: Buffer): Promise<Buffer> {
    try {
      return await promisify(gunzip)(body, { maxOutputLength: this.#limits.maxBytes });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(url, this.#limits.maxBytes);
      throw new HttpError("interrupted", `${url.host} sent an answer that cannot be decompressed`, { cause: error });
    }
  }
}

/** An answer as it arrives: in memory of its own, of the announced length, rather than in pieces that are put together in the end. */
class Body {
  readonly #most: number;
  #bytes: Buffer;
  #length = 0;

  constructor(announced: number, most: number) {
    this.#most = most;
    this.#bytes = Buffer.allocUnsafeSlow(announced > 0 && announced <= most ? announced : 65_536);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** False where the answer became too long. */
  add(chunk: Buffer): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#most) return false;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#most, 2 * length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return true;
  }
}

const tooLarge = (url: URL, maxBytes: number) =>
  new HttpError("too-large", `${url.host} sent an answer of more than ${maxBytes} bytes`);

/** Plain http is accepted for these hosts alone. */
export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

function asHttpError(url: URL, error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const cause = { cause: error };
  if (code === "ENOTFOUND") return new HttpError("unknown-host", `there is no host named ${url.hostname}`, cause);
  if (code === "ECONNREFUSED") return new HttpError("refused", `${url.host} refuses the connection`, cause);
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME|SSL|TLS/.test(code) && code !== "ERR_TLS_HANDSHAKE_TIMEOUT") {
    return new HttpError("certificate", `the TLS certificate of ${url.host} is not trusted (${code})`, cause);
  }
  return new HttpError("interrupted", `the connection to ${url.host} broke${code && ` (${code})`}`, cause);
}
