import { type SentinelOneSimulator, startSentinelOne } from "../../../../local/vendors/sentinelone.ts";
import { TestClock } from "../../../function-code/support/test-clock.ts";
import { TestWorker, type TestWorkerOptions } from "../../../function-code/support/test-worker.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A worker and a console that live by one clock. */
export interface SimulatedConsole extends AsyncDisposable {
  readonly clock: TestClock;
  readonly simulator: SentinelOneSimulator;
  readonly worker: TestWorker;
  /** Queries of all requests for a path, as the worker asked them. */
  readonly asked: URLSearchParams[];
}

/** @param path the requests that are written down, below the API's root */
export async function simulatedConsole(
  stream: string,
  path: string,
  {
    siteIds,
    settings,
  }: { readonly siteIds?: readonly string[]; readonly settings?: TestWorkerOptions["settings"] } = {},
): Promise<SimulatedConsole> {
  const clock = new TestClock();
  const asked: URLSearchParams[] = [];
  const simulator = await startSentinelOne({
    scale: 0.1,
    rateLimits: false,
    now: () => clock.time,
    intercept: (request) => {
      if (request.path.endsWith(path)) asked.push(request.query);
      return undefined;
    },
  });
  const connection = {
    name: "emea",
    vendor: "sentinelone",
    url: simulator.url,
    secretId: "s",
    streams: [stream],
    ...(siteIds && { siteIds }),
  } as const;
  const worker = new TestWorker({
    connections: [connection],
    clock,
    secrets: { read: () => Promise.resolve(simulator.token) },
    ...(settings && { settings }),
  });
  return {
    clock,
    simulator,
    worker,
    asked,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
}
