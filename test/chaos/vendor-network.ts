import { HttpClient, type HttpRequest, type HttpResponse, standardLimits } from "../../function-code/http.ts";
import type { SimulatorAnswer } from "../../local/vendors/simulator.ts";
import type { Mischief, VendorFault } from "./mischief.ts";
import type { Actor } from "./timeline.ts";

/** Shorter than a test waits: used only where the server is told not to answer at all. */
const impatientLimits = { ...standardLimits, headersTimeout: 20 };

/** Where a simulator learns what it is to answer instead of the truth. One call is under way at a time. */
export class Stage {
  #answer: Promise<SimulatorAnswer> | undefined;

  set(answer: SimulatorAnswer | Promise<SimulatorAnswer>): void {
    this.#answer = Promise.resolve(answer);
  }

  clear(): void {
    this.#answer = undefined;
  }

  take(): Promise<SimulatorAnswer> | undefined {
    return this.#answer;
  }
}

export interface VendorNetworkOptions {
  readonly actor: Actor;
  readonly mischief: Mischief;
  readonly stage: Stage;
  /** The server's clock, epoch milliseconds. */
  readonly serverNow: () => number;
  /** A host that must never be asked for anything. */
  readonly elsewhere: string;
}

/** The worker's own HTTP client on simulated time. The server answers badly, or the true answer is spoilt on its way. */
export class VendorNetwork extends HttpClient {
  readonly #options: VendorNetworkOptions;
  readonly #impatient = new HttpClient(impatientLimits);
  /** Bodies by the cursor that they handed out. */
  readonly #handedOut = new Map<string, Buffer>();

  constructor(options: VendorNetworkOptions) {
    super();
    this.#options = options;
  }

  override send(request: HttpRequest): Promise<HttpResponse> {
    const { actor, mischief } = this.#options;
    return actor.call(`${request.url.pathname}${request.url.search}`, async (takes) => {
      request.signal?.throwIfAborted();
      const fault = mischief.vendor(actor.now());
      if (fault === undefined || !appliesTo(fault, request.url)) return this.#remember(await super.send(request));
      mischief.count(`vendor: ${fault}`);
      if (fault === "time-out") {
        takes(standardLimits.headersTimeout);
        return await this.#sendInVain(request);
      }
      const answer = this.#badAnswer(fault);
      if (!answer) return this.#spoil(fault, request.url, await super.send(request));
      this.#options.stage.set(answer);
      try {
        return await super.send(request);
      } finally {
        this.#options.stage.clear();
      }
    });
  }

  override close(): void {
    super.close();
    this.#impatient.close();
  }

  async #sendInVain(request: HttpRequest): Promise<HttpResponse> {
    const { stage } = this.#options;
    const answer = Promise.withResolvers<SimulatorAnswer>();
    stage.set(answer.promise);
    try {
      return await this.#impatient.send(request);
    } finally {
      stage.clear();
      answer.resolve({ status: 503 });
    }
  }

  #badAnswer(fault: VendorFault): SimulatorAnswer | undefined {
    const later = new Date(this.#options.serverNow() + 7000).toUTCString();
    switch (fault) {
      case "429":
        return { status: 429, body: '{"errors":[{"code":4290010,"title":"Too many requests"}]}' };
      case "429 with seconds":
        return { status: 429, headers: { "Retry-After": "5" } };
      case "429 with a date":
        return { status: 429, headers: { "Retry-After": later } };
      case "429 with HTML":
        return { status: 429, headers: { "Content-Type": "text/html" }, body: "<html>slow down</html>" };
      case "429 that asks for an hour":
        return { status: 429, headers: { "Retry-After": "3600" } };
      case "500":
        return { status: 500, body: "{}" };
      case "502 with HTML":
        return { status: 502, headers: { "Content-Type": "text/html" }, body: "<html>bad gateway</html>" };
      case "503 with seconds":
        return { status: 503, headers: { "Retry-After": "20" } };
      case "reset":
        return { status: 200, cutAfter: 0 };
      case "reset in the body":
        return { status: 200, headers: { "Content-Length": "100000" }, body: '{"data":[{"id":"1"', cutAfter: 18 };
      case "text as gzip":
        return { status: 200, headers: { "Content-Encoding": "gzip" }, body: "not compressed" };
      case "empty 200":
        return { status: 200 };
      case "HTML as JSON":
        return { status: 200, headers: { "Content-Type": "application/json" }, body: "<html>Sign in</html>" };
      case "expired cursor":
        return { status: 400, body: '{"errors":[{"code":4000040,"title":"Validation Error"}]}' };
      case "redirect":
        return { status: 302, headers: { Location: `${this.#options.elsewhere}/web/api/v2.1/activities` } };
      case "401 for a moment":
        return { status: 401, body: "{}" };
      case "403 for a moment":
        return { status: 403, body: "{}" };
      case "404 for a moment":
        return { status: 404, body: "{}" };
      default:
        return undefined;
    }
  }

  #spoil(fault: VendorFault, url: URL, response: HttpResponse): HttpResponse {
    const text = response.body.toString("utf8");
    const cursor = url.searchParams.get("cursor");
    switch (fault) {
      case "truncated JSON":
        return { ...response, body: response.body.subarray(0, Math.floor(response.body.length * 0.7)) };
      case "cursor loop":
        return withBody(
          response,
          text.replace(/"nextCursor":\s*"[^"]*"/, () => `"nextCursor":${JSON.stringify(cursor)}`),
        );
      case "cursor with an address":
        return withBody(
          response,
          text.replace(/"nextCursor":\s*"[^"]*"/, () => `"nextCursor":"${this.#options.elsewhere}/next?page=2"`),
        );
      case "page twice":
        return { ...response, body: this.#handedOut.get(cursor ?? "") ?? response.body };
      case "rows twice":
        return withBody(response, rowsTwice(text));
      default:
        return response;
    }
  }

  #remember(response: HttpResponse): HttpResponse {
    const cursor = /"nextCursor":\s*"([^"]*)"/.exec(response.body.toString("latin1"))?.[1];
    if (cursor !== undefined) this.#handedOut.set(cursor, response.body);
    return response;
  }
}

const withBody = (response: HttpResponse, text: string): HttpResponse => ({ ...response, body: Buffer.from(text) });

/** A fault of cursors needs one. Rows without an id that come twice are two rows. */
function appliesTo(fault: VendorFault, url: URL): boolean {
  if (fault === "rows twice") return !url.pathname.endsWith("/audit-logs");
  const needsCursor = ["expired cursor", "cursor loop", "page twice"].includes(fault);
  return !needsCursor || url.searchParams.has("cursor");
}

/** Each row is listed two times in a row. */
function rowsTwice(text: string): string {
  const page = JSON.parse(text) as { data?: unknown; items?: unknown };
  const rows = page.data ?? page.items;
  if (!Array.isArray(rows)) return text;
  const name = page.data === undefined ? "items" : "data";
  return JSON.stringify({ ...page, [name]: rows.flatMap((row: unknown) => [row, row]) });
}
