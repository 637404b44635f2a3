import type { CollectContext } from "../../../../function-code/context.ts";
import type { CheckpointEntity } from "../../../../function-code/state/entities.ts";
import {
  type SentinelOneOptions,
  type SentinelOneSimulator,
  startSentinelOne,
} from "../../../../local/vendors/sentinelone.ts";
import type { SimulatorRequest } from "../../../../local/vendors/simulator.ts";
import { TestClock, testStart } from "../../../function-code/support/test-clock.ts";
import { TestWorker, type TestWorkerOptions } from "../../../function-code/support/test-worker.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- records of every feed, read by name
type Record = { readonly [member: string]: any };

export interface SimulatedConsoleOptions extends SentinelOneOptions {
  /** The console's clock stands still, so that what it shows stays the same while the worker's goes on. */
  readonly frozen?: true;
  readonly siteIds?: readonly string[];
  readonly settings?: TestWorkerOptions["settings"];
}

/** One stream of a simulated console, and the worker that collects it, on one clock. */
export class SimulatedConsole implements AsyncDisposable {
  readonly clock: TestClock;
  readonly simulator: SentinelOneSimulator;
  readonly worker: TestWorker;
  /** Requests as the worker made them, but for those about its token. */
  readonly asked: SimulatorRequest[];
  readonly #stream: string;

  private constructor(
    stream: string,
    simulator: SentinelOneSimulator,
    clock: TestClock,
    asked: SimulatorRequest[],
    { siteIds, settings }: SimulatedConsoleOptions,
  ) {
    this.#stream = stream;
    this.simulator = simulator;
    this.clock = clock;
    this.asked = asked;
    const connection = { name: "emea", vendor: "sentinelone", url: simulator.url, secretId: "s" } as const;
    this.worker = new TestWorker({
      connections: [{ ...connection, streams: [stream], ...(siteIds && { siteIds }) }],
      clock,
      secrets: { read: () => Promise.resolve(simulator.token) },
      ...(settings && { settings }),
    });
  }

  static async open(stream: string, options: SimulatedConsoleOptions = {}): Promise<SimulatedConsole> {
    const clock = new TestClock();
    const asked: SimulatorRequest[] = [];
    const simulator = await startSentinelOne({
      scale: 0.1,
      rateLimits: false,
      ...options,
      now: () => (options.frozen ? testStart : clock.time),
      intercept: (request) => {
        if (!request.path.endsWith("/user")) asked.push(request);
        return options.intercept?.(request);
      },
    });
    return new SimulatedConsole(stream, simulator, clock, asked, options);
  }

  collect(changes: Partial<CollectContext> = {}): Promise<CheckpointEntity> {
    return this.worker.collect("emea", `sentinelone-${this.#stream}`, changes);
  }

  /** Everything that was delivered, in order of arrival. */
  get records(): readonly Record[] {
    return this.worker.sink.records(`sentinelone-${this.#stream}`);
  }

  /** The newest version of each object that was delivered. */
  get latest(): readonly Record[] {
    return [...new Map(this.records.map((record) => [record["id"], record])).values()];
  }

  /** What the console shows now. */
  get source(): readonly string[] {
    return this.simulator.keys(this.#stream).toSorted();
  }

  /** The console's sites. */
  async sites(): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const answer = await fetch(`${this.simulator.url}/web/api/v2.1/sites?limit=100`, {
      headers: { authorization: `ApiToken ${this.simulator.token}` },
    });
    const { data } = (await answer.json()) as { data: { sites: { id: string; name: string }[] } };
    return data.sites;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker[Symbol.asyncDispose]();
    await this.simulator.close();
  }
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
