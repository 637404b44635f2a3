import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HttpConsole, json } from "./support/http-console.ts";
import { TestWorker } from "./support/test-worker.ts";

const minute = 60_000;
const stream = "sentinelone-sites";

let sites: Record<string, unknown>[];
let pageSize: number;
/** How long the server takes for a page, in milliseconds: the place of a walk is kept every half minute. */
let pageTakes: number;
let server: HttpConsole;
let worker: TestWorker;
beforeEach(async () => {
  sites = [1, 2, 3, 4, 5].map((id) => ({
    id: String(id),
    name: "one",
    activeLicenses: 1,
    registrationToken: "canary",
  }));
  pageSize = 2;
  pageTakes = 0;
  server = await HttpConsole.start((url, _, response) => {
    if (url.pathname.endsWith("/user")) return json(response, 200, { data: { apiToken: {} } });
    worker.clock.time += pageTakes;
    const start = Number(url.searchParams.get("cursor") ?? 0);
    if (Number.isNaN(start)) return json(response, 400, {});
    const end = Math.min(sites.length, start + pageSize);
    const pagination = { nextCursor: end < sites.length ? String(end) : null, totalItems: sites.length };
    json(response, 200, { data: { allSites: {}, sites: sites.slice(start, end) }, pagination });
  });
  const connection = {
    name: "emea",
    vendor: "sentinelone",
    secretId: "s",
    streams: ["sites"],
    url: server.url,
  } as const;
  worker = new TestWorker({ connections: [connection] });
});
afterEach(async () => {
  await worker[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const delivered = () =>
  worker.sink.records(stream).map((record) => `${String(record["id"])} ${String(record["name"])}`);
const cursors = () =>
  server.asked.filter(({ url }) => url.pathname.endsWith("/sites")).map(({ url }) => url.searchParams.get("cursor"));
const change = (index: number, changes: object) => {
  sites[index] = { ...sites[index], ...changes };
};

test("everything is sent once, without its secret, and then nothing while nothing changes", async () => {
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 5, caughtUp: true });
  expect(JSON.stringify(worker.sink.of(stream))).not.toContain("canary");
  worker.clock.time += 60 * minute;
  change(1, { activeLicenses: 2, updatedAt: "2026-11-20T12:30:00Z", registrationToken: "another canary" });
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 5, caughtUp: true });
});

test("what changes is sent at each change, also at the one back to what it was", async () => {
  await worker.collect("emea", stream);
  for (const name of ["two", "one", "two"]) {
    change(3, { name });
    await worker.collect("emea", stream);
    worker.clock.time += minute;
  }
  expect(delivered().slice(5)).toEqual(["4 two", "4 one", "4 two"]);
});

describe("a walk that was stopped", () => {
  /** The worker is told to stop when a page is asked for that begins there. */
  async function stopAt(cursor: string): Promise<void> {
    pageTakes = minute / 2;
    const stopping = new AbortController();
    const good = server.answer;
    server.answer = (url, ...rest) => {
      if (url.searchParams.get("cursor") === cursor) stopping.abort();
      good(url, ...rest);
    };
    await worker.collect("emea", stream, { stopping: stopping.signal });
    server.answer = good;
  }

  test("goes on at the page where it stopped", async () => {
    await stopAt("2");
    expect(delivered()).toHaveLength(2);
    server.asked.length = 0;
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", caughtUp: true });
    expect(cursors()).toEqual(["2", "4"]);
    expect(delivered()).toHaveLength(5);
  });

  test("begins anew where its cursor is refused meanwhile, and sends nothing twice", async () => {
    await stopAt("4");
    expect(delivered()).toHaveLength(4);
    const good = server.answer;
    let refused = 0;
    server.answer = (url, request, response) => {
      if (url.searchParams.get("cursor") === "4" && refused++ === 0) json(response, 400, {});
      else good(url, request, response);
    };
    server.asked.length = 0;
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", caughtUp: true });
    expect(cursors()).toEqual(["4", null, "2", "4"]);
    expect(delivered()).toHaveLength(5);
  });
});

test("a server that refuses each of its cursors is reported after a few tries, and asked from the beginning by the next run", async () => {
  const good = server.answer;
  server.answer = (url, request, response) => {
    if (url.searchParams.has("cursor")) json(response, 400, {});
    else good(url, request, response);
  };
  pageTakes = minute / 2;
  const checkpoint = await worker.collect("emea", stream);
  expect(checkpoint).toMatchObject({ status: "failing", errorClass: "answer", uploaded: 2 });
  expect(cursors().length).toBeLessThan(20);
  server.answer = good;
  server.asked.length = 0;
  expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok" });
  expect(cursors()[0]).toBeNull();
});

test("the stream rests after a walk, and not before its end", async () => {
  await worker.collect("emea", stream);
  worker.clock.time += 14 * minute;
  expect(await worker.schedule()).toEqual([]);
  worker.clock.time += minute;
  expect(await worker.schedule()).toEqual([{ connection: "emea", stream }]);
});
