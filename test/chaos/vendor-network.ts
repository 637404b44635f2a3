import { HttpClient, type HttpRequest, type HttpResponse, standardLimits } from "../../function-code/http.ts";
import type { SimulatorAnswer } from "../../local/vendors/simulator.ts";
import type { Faults } from "./mischief.ts";
import type { Actor } from "./timeline.ts";
import { appliesTo, badAnswers, cursorOf, spoilers } from "./vendor-faults.ts";

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

  get answer(): Promise<SimulatorAnswer> | undefined {
    return this.#answer;
  }
}

export interface VendorNetworkOptions {
  readonly actor: Actor;
  readonly mischief: Faults;
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
  /** Pages by the cursor that they handed out. */
  readonly #handedOut = new Map<string, string>();

  constructor(options: VendorNetworkOptions) {
    super();
    this.#options = options;
  }

  override send(request: HttpRequest): Promise<HttpResponse> {
    const { actor, mischief } = this.#options;
    return actor.call(`${request.url.pathname}${request.url.search}`, async (takes) => {
      request.signal?.throwIfAborted();
      const fault = mischief.vendor(actor.now());
      if (fault === undefined || !appliesTo(fault, request.url)) return await this.#sendWell(request);
      mischief.count(`vendor: ${fault}`);
      if (fault !== "time-out") return await this.#sendBadly(fault, request);
      takes(standardLimits.headersTimeout);
      return await this.#sendInVain(request);
    });
  }

  override close(): void {
    super.close();
    this.#impatient.close();
  }

  async #sendWell(request: HttpRequest): Promise<HttpResponse> {
    const response = await super.send(request);
    const page = response.body.toString("utf8");
    const cursor = cursorOf(page);
    if (cursor !== undefined) this.#handedOut.set(cursor, page);
    // What a console shows may be behind its clock.
    return { ...response, headers: { ...response.headers, date: new Date(this.#options.serverNow()).toUTCString() } };
  }

  async #sendBadly(fault: string, request: HttpRequest): Promise<HttpResponse> {
    const { stage, serverNow, elsewhere } = this.#options;
    const context = { soon: new Date(serverNow() + 7000).toUTCString(), elsewhere };
    const answer = badAnswers[fault]?.(context);
    if (answer) stage.set(answer);
    const response = await super.send(request).finally(() => stage.clear());
    const spoil = spoilers[fault];
    if (!spoil) return response;
    const cursor = request.url.searchParams.get("cursor");
    const page = spoil(response.body.toString("utf8"), {
      ...context,
      cursor,
      before: this.#handedOut.get(cursor ?? ""),
    });
    return { ...response, body: Buffer.from(page) };
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
}
