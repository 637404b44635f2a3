import {
  type SentinelOneOptions,
  type SentinelOneSimulator,
  startSentinelOne,
} from "../../../local/vendors/sentinelone.ts";

/** A Wednesday morning, when people work. */
export const MORNING = Date.UTC(2026, 2, 18, 10);

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- records of every feed, read by name
export type Json = Record<string, any>;

export interface TestConsole extends AsyncDisposable {
  readonly simulator: SentinelOneSimulator;
  /** The simulator's clock; tests set it. */
  now: number;
  /** Path and query below the API; the default token unless another `Authorization` is given, none for `""`. */
  get(path: string, authorization?: string): Promise<Answer>;
  page(path: string): Promise<{ data: Json[]; pagination: { nextCursor: string | null; totalItems?: number } }>;
  /** All rows, by following cursors; `between` is called after each page. */
  walk(path: string, between?: () => void): Promise<Json[]>;
}

/** A small console whose clock stands still until a test moves it. */
export async function openConsole(options: SentinelOneOptions = {}): Promise<TestConsole> {
  const clock = { now: MORNING };
  const simulator = await startSentinelOne({ scale: 0.05, rateLimits: false, now: () => clock.now, ...options });
  const console: TestConsole = {
    simulator,
    get now() {
      return clock.now;
    },
    set now(now) {
      clock.now = now;
    },
    get: async (path, authorization = `ApiToken ${simulator.token}`) => {
      const headers = authorization === "" ? {} : { authorization };
      const response = await fetch(`${simulator.url}/web/api/v2.1${path}`, { headers });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    page: async (path) => {
      const { status, text } = await console.get(path);
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${text}`);
      return JSON.parse(text) as Awaited<ReturnType<TestConsole["page"]>>;
    },
    walk: async (path, between) => {
      const rows: Json[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: Awaited<ReturnType<TestConsole["page"]>> = await console.page(
          cursor === "" ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
        );
        rows.push(...page.data);
        cursor = page.pagination.nextCursor;
        if (cursor !== null) between?.();
      }
      return rows;
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
  return console;
}
