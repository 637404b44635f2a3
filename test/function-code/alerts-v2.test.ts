import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { type Answer, HttpConsole, json } from "./support/http-console.ts";
import { TestClock, testStart } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

interface Alert {
  readonly id: string;
  updatedAt: string;
  readonly [field: string]: unknown;
}

interface Query {
  readonly query: string;
  readonly variables: {
    readonly first: number;
    readonly after?: string;
    readonly filters: readonly { readonly dateTimeRange: { readonly start: number; readonly end: number } }[];
    readonly scope?: unknown;
  };
}

const minute = 60_000;
const ago = (milliseconds: number) => new Date(testStart - milliseconds).toISOString();
const stream = "sentinelone-alerts-v2";

let alerts: Alert[];
let queries: Query[];
/** Instead of the page; undefined for the page. */
let instead: (query: Query) => { readonly status?: number; readonly body: object } | undefined;
/** Something happens at the console after a page. */
let meanwhile: () => void;
let pageSize: number;

/** Unified alerts in a few lines, with cursors that count rows. */
const answer: Answer = (url, request, response) => {
  if (url.pathname.endsWith("/user")) return json(response, 200, { data: { apiToken: {} } });
  const reply = async () => {
    const query = JSON.parse(await text(request)) as Query;
    queries.push(query);
    const other = instead(query);
    if (other) return json(response, other.status ?? 200, other.body);
    const [range] = query.variables.filters.map(({ dateTimeRange }) => dateTimeRange);
    const rows = alerts
      .filter(
        ({ updatedAt }) => Date.parse(updatedAt) >= (range?.start ?? 0) && Date.parse(updatedAt) <= (range?.end ?? 0),
      )
      .sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : a.updatedAt > b.updatedAt ? 1 : 0));
    const start = Number(query.variables.after ?? 0);
    const end = Math.min(rows.length, start + pageSize);
    const edges = rows.slice(start, end).map((node, i) => ({ cursor: String(start + i), node }));
    const pageInfo = { hasNextPage: end < rows.length, endCursor: String(end) };
    json(response, 200, { data: { alerts: { totalCount: rows.length, pageInfo, edges } } });
    meanwhile();
  };
  void reply();
};

let server: HttpConsole;
let worker: TestWorker;
beforeEach(async () => {
  alerts = [];
  queries = [];
  instead = () => undefined;
  meanwhile = () => undefined;
  pageSize = 500;
  server = await HttpConsole.start(answer);
  worker = workerFor(server.url);
});
afterEach(async () => {
  await worker[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function workerFor(url: string, more: { siteIds?: readonly string[] } = {}): TestWorker {
  const connection = { name: "emea", vendor: "sentinelone", secretId: "s", streams: ["alerts-v2"], url } as const;
  return new TestWorker({ connections: [{ ...connection, ...more }] });
}

const delivered = (by = worker) =>
  by.sink.records(stream).map((record) => `${String(record["id"])}|${String(record["updatedAt"])}`);

test("a row is the alert as the console wrote it, without the envelope's own", async () => {
  alerts.push({ id: "a", updatedAt: ago(minute), name: "x", unknownToUs: [1] });
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 1, caughtUp: true });
  expect(worker.sink.records(stream)).toEqual(alerts);
});

test("both bounds are inclusive, in milliseconds, from the first run's lower bound on", async () => {
  alerts.push({ id: "edge", updatedAt: ago(24 * 60 * minute) }, { id: "before", updatedAt: ago(24 * 60 * minute + 1) });
  await worker.collect("emea", stream);
  expect(delivered()).toEqual([`edge|${ago(24 * 60 * minute)}`]);
  expect(queries[0]?.variables.filters).toEqual([
    expect.objectContaining({
      fieldId: "updatedAt",
      dateTimeRange: expect.objectContaining({ start: testStart - 24 * 60 * minute }) as object,
    }),
  ]);
});

test("alerts that change while the pages are read push no other out of them", async () => {
  pageSize = 3;
  for (let i = 0; i < 20; i++) alerts.push({ id: `a${i}`, updatedAt: ago((60 - i) * minute) });
  let changed = 0;
  meanwhile = () => {
    const moved = alerts[changed++];
    if (moved && changed < 8) moved.updatedAt = new Date(testStart + changed).toISOString();
  };
  await worker.collect("emea", stream);
  await worker.collect("emea", stream);
  expect(new Set(delivered())).toEqual(
    new Set([...delivered(), ...alerts.map(({ id, updatedAt }) => `${id}|${updatedAt}`)]),
  );
  expect(new Set(delivered()).size).toBe(delivered().length);
});

test("a crowd of one millisecond is followed by the cursor to its end", async () => {
  pageSize = 2;
  for (let i = 0; i < 7; i++) alerts.push({ id: `a${i}`, updatedAt: ago(minute) });
  alerts.push({ id: "later", updatedAt: ago(1000) });
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 8 });
});

describe("an answer of 200 that has errors", () => {
  const failing = (message: string, extensions?: object) => ({
    body: { errors: [{ message, extensions }], data: { alerts: null } },
  });

  test("is tried again, and delivers nothing of what came with it", async () => {
    alerts.push({ id: "a", updatedAt: ago(minute) });
    const partial = { alerts: { totalCount: 1, pageInfo: { hasNextPage: false }, edges: [] } };
    instead = () =>
      queries.length < 3 ? { body: { errors: [{ message: "Timeout of a shard" }], data: partial } } : undefined;
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 1, retries: 2 });
  });

  test("is a failure if it stays, without the error's own text", async () => {
    instead = () => failing("canary-of-the-record");
    const checkpoint = await worker.collect("emea", stream);
    expect(checkpoint).toMatchObject({ status: "failing", errorClass: "server" });
    expect(checkpoint.watermark).toBeUndefined();
    expect(JSON.stringify([checkpoint, worker.logged])).not.toContain("canary");
  });

  test.each([
    ["Access denied: user lacks permission", undefined],
    ["failed", { classification: "FORBIDDEN" }],
  ])("says who may not read: %s %j", async (message, extensions) => {
    instead = () => failing(message, extensions);
    const checkpoint = await worker.collect("emea", stream);
    expect(checkpoint).toMatchObject({ status: "not-permitted" });
    expect(checkpoint.lastError).toContain("Unified Alerts.view");
  });
});

describe("a console that does not know a field", () => {
  const unknown = (name: string) => ({
    errors: [
      {
        message: `Validation error (FieldUndefined@[alerts/edges/node/${name}]) : Field '${name}' in type 'Alert' is undefined`,
      },
    ],
  });

  test.each([200, 400])("is asked for fewer, once in a run, whether it answers %i", async (status) => {
    pageSize = 1;
    alerts.push({ id: "a", updatedAt: ago(minute) }, { id: "b", updatedAt: ago(1000) });
    instead = ({ query }) => (query.includes("realTime") ? { status, body: unknown("realTime") } : undefined);
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 2 });
    expect(queries.filter(({ query }) => query.includes("realTime"))).toHaveLength(1);
    expect(queries.at(-1)?.query).toContain("detectionSource");
    await worker.collect("emea", stream);
    expect(queries.filter(({ query }) => query.includes("realTime"))).toHaveLength(2);
  });

  test("is asked for the least at last, and then is a failure that names itself", async () => {
    instead = ({ query }) => (query.includes("detectionSource") ? { body: unknown("detectionSource") } : undefined);
    alerts.push({ id: "a", updatedAt: ago(minute) });
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 1 });
    instead = () => ({ body: unknown("id") });
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "failing", errorClass: "answer" });
  });
});

describe("a cursor that is refused", () => {
  beforeEach(() => {
    pageSize = 2;
    instead = ({ variables }) =>
      variables.after === undefined ? undefined : { status: 400, body: { errors: [{ message: "bad cursor" }] } };
  });

  test("is not needed where times differ", async () => {
    for (let i = 0; i < 5; i++) alerts.push({ id: `a${i}`, updatedAt: ago((10 - i) * minute) });
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 5 });
  });

  test("leaves no way through a crowd of one millisecond, and is told as what it is", async () => {
    for (let i = 0; i < 3; i++) alerts.push({ id: `a${i}`, updatedAt: ago(minute) });
    const checkpoint = await worker.collect("emea", stream);
    expect(checkpoint).toMatchObject({ status: "failing", errorClass: "answer" });
    expect(checkpoint.lastError).toContain("cursor");
  });
});

test("a page that says there is more but not where is not taken for the last", async () => {
  instead = () => ({ body: { data: { alerts: { pageInfo: { hasNextPage: true, endCursor: null }, edges: [] } } } });
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "failing", errorClass: "answer" });
});

test("a connection's sites are the query's scope", async () => {
  await using scoped = workerFor(server.url, { siteIds: ["1", "2"] });
  await scoped.collect("emea", stream);
  expect(queries[0]?.variables.scope).toEqual({ scopeType: "SITE", scopeIds: ["1", "2"] });
  expect(queries[0]?.query).toContain("scope: $scope");
});

test("the simulated console's alerts arrive, and their changes", async () => {
  const clock = new TestClock();
  await using simulator = await startSentinelOne({ scale: 0.3, rateLimits: false, now: () => clock.time });
  const secrets = { read: () => Promise.resolve(simulator.token) };
  const connection = {
    name: "emea",
    vendor: "sentinelone",
    secretId: "s",
    streams: ["alerts-v2"],
    url: simulator.url,
  } as const;
  await using worker = new TestWorker({ connections: [connection], clock, secrets, settings: { sinceHours: 60 * 24 } });
  for (let hours = 0; hours < 30; hours += 6) {
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", caughtUp: true });
    expect(new Set(delivered(worker))).toEqual(new Set([...delivered(worker), ...simulator.keys("alerts-v2")]));
    expect(new Set(delivered(worker)).size).toBe(delivered(worker).length);
    clock.time += 6 * 60 * minute;
  }
});
