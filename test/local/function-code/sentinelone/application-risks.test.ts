import { expect, test } from "vitest";
import { failure } from "../../../../local/vendors/sentinelone/api/errors.ts";
import { json } from "../../../../local/vendors/server.ts";
import { day, hour, minute, SimulatedConsole } from "./simulated-console.ts";

const open = (options?: Parameters<typeof SimulatedConsole.open>[1]) =>
  SimulatedConsole.open("application-risks", { scale: 0.05, ...options });
type Risk = SimulatedConsole["records"][number];
const keyOf = ({ id, status, mitigationStatus }: Risk) => `${id}|${status}|${mitigationStatus}`;

/** What counts as the same risk still. */
const stateOf = (risk: Risk) => JSON.stringify({ ...risk, daysDetected: null, lastScanDate: null });

test("everything first, then what changed, removals among it, and nothing because a day has passed", async () => {
  await using console = await open();
  await console.collect();
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
  const first = console.records.length;

  for (let poll = 0; poll < 5 * 24; poll++) {
    console.clock.time += hour;
    await console.collect();
  }
  // What the console shows a little late is within the overlap of the next poll.
  console.clock.time += 5 * minute;
  await console.collect();

  // A month after it was removed the console forgets a risk.
  const shown = new Set(console.source);
  const forgotten = console.latest.filter((risk) => !shown.has(keyOf(risk)));
  expect(console.latest.length - forgotten.length).toBe(shown.size);
  expect(forgotten.every(({ status }) => status === "Removed")).toBe(true);
  const changes = console.records.slice(first);
  expect(changes.length).toBeGreaterThan(20);
  expect(changes.length).toBeLessThan(first);
  expect(changes.some(({ status }) => status === "Removed")).toBe(true);
  expect(new Set(console.records.map(stateOf)).size).toBe(console.records.length);
});

test("neither a scan nor another day makes a risk new, a rating does", async () => {
  let shown: object;
  await using console = await open({
    intercept: ({ path }) =>
      path.endsWith("/risks")
        ? json(200, JSON.stringify({ data: [shown], pagination: { nextCursor: null } }))
        : undefined,
  });
  const risk = { id: "1", riskScore: "5.00", daysDetected: 1, lastScanDate: "2026-11-20T01:00:00Z" };
  for (const changes of [{}, { daysDetected: 2, lastScanDate: "2026-11-21T01:00:00Z" }, { riskScore: "6.00" }, {}]) {
    shown = { ...risk, ...changes };
    await console.collect();
    console.clock.time += minute;
  }
  expect(console.records.map(({ riskScore }) => String(riskScore))).toEqual(["5.00", "6.00", "5.00"]);
});

test("every request has both bounds, and asks for what was removed", async () => {
  await using console = await open();
  await console.collect();
  console.clock.time += hour;
  await console.collect();
  const bounds = console.asked.map(({ query }) => [
    query.get("riskUpdatedDate__gte"),
    query.get("riskUpdatedDate__lt"),
    query.get("includeRemovals"),
  ]);
  expect(bounds).toEqual([
    ["1970-01-01T00:00:00.000000Z", "2026-11-20T12:00:00.000000Z", "true"],
    ["2026-11-20T11:48:00.000000Z", "2026-11-20T13:00:00.000000Z", "true"],
  ]);
});

test("all of them are sent again every four weeks", async () => {
  await using console = await open();
  await console.collect();
  console.clock.time += 28 * day - hour;
  await console.collect();
  const before = console.records.length;
  console.clock.time += hour;
  await console.collect();
  expect(console.records.slice(before).map(keyOf).sort()).toEqual(console.source);
});

test("sites are asked for one by one", async () => {
  await using everything = await open();
  await everything.collect();
  const named = Map.groupBy(everything.records, ({ endpointName }) => String(endpointName).slice(0, 3));
  const chosen = (await everything.sites()).slice(0, 2);

  await using console = await open({ siteIds: chosen.map(({ id }) => id) });
  await console.collect();
  expect(console.asked.map(({ query }) => query.get("siteIds"))).toEqual(chosen.map(({ id }) => id));
  const expected = chosen.flatMap(({ name }) => named.get(name.slice(0, 3).toUpperCase()) ?? []);
  expect(expected.length).toBeGreaterThan(20);
  expect(console.records.map(keyOf).sort()).toEqual(expected.map(keyOf).sort());
});

test("a cursor that the console has forgotten costs the walk's beginning, and nothing twice", async () => {
  let refusals = 1;
  await using console = await open({
    scale: 0.2,
    intercept: ({ query }) =>
      query.has("cursor") && refusals-- > 0 ? failure(400, 4000010, "cursor: Invalid cursor.") : undefined,
  });
  expect(await console.collect()).toMatchObject({ status: "ok", caughtUp: true });
  expect(console.asked.filter(({ query }) => !query.has("cursor"))).toHaveLength(2);
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
});

test("a worker that is stopped leaves its place, and the next goes on there", async () => {
  const stop = new AbortController();
  await using console = await open({
    scale: 0.4,
    intercept: ({ path }) => {
      // Each page takes the console so long that the place is kept at every one.
      if (path.endsWith("/risks")) console.clock.time += minute;
      if (console.asked.length === 3) stop.abort(new Error("stopping"));
      return undefined;
    },
  });
  expect(await console.collect({ stopping: stop.signal })).toMatchObject({ status: "ok", caughtUp: false });
  const before = console.asked.length;
  expect(await console.collect()).toMatchObject({ status: "ok", caughtUp: true });
  expect(console.asked[before]?.query.has("cursor")).toBe(true);
  const walkEnd = console.asked[0]?.query.get("riskUpdatedDate__lt");
  expect(new Set(console.asked.map(({ query }) => query.get("riskUpdatedDate__lt")))).toEqual(new Set([walkEnd]));
  expect(new Set(console.records.map(keyOf)).size).toBe(console.records.length);
  expect(console.records.length).toBeGreaterThan(3000);
});

test("they are left alone for a quarter of an hour", async () => {
  await using console = await open();
  await console.collect();
  console.clock.time += 14 * minute;
  expect(await console.worker.schedule()).toEqual([]);
  console.clock.time += 2 * minute;
  expect(await console.worker.schedule()).toHaveLength(1);
});
