import { describe, expect, test } from "vitest";
import { failure, pageNotFound } from "../../../../local/vendors/sentinelone/api/errors.ts";
import { json } from "../../../../local/vendors/server.ts";
import { day, hour, minute, SimulatedConsole } from "./simulated-console.ts";

/** A small fleet, of whose threats all are collected. */
const open = (stream: string, options?: Parameters<typeof SimulatedConsole.open>[1]) =>
  SimulatedConsole.open(stream, { scale: 0.05, settings: { sinceHours: 60 * 24 }, ...options });

const streams = [
  ["threat-timeline", "timeline", ({ id }: Row) => String(id)],
  ["threat-notes", "notes", ({ id, updatedAt }: Row) => `${id}|${updatedAt}`],
] as const;
type Row = SimulatedConsole["records"][number];

describe.each(streams)("%s", (stream, list, keyOf) => {
  test("brings the details of every threat, and each version once, however often a threat changes", async () => {
    await using console = await open(stream);
    await console.collect();
    expect(console.records.map(keyOf).sort()).toEqual(console.source);
    expect(console.records.every((row) => typeof row["connectorThreatId"] === "string")).toBe(true);

    const first = console.records.length;
    const end = console.clock.time + 3 * day;
    while (console.clock.time < end) {
      console.clock.time += 30 * minute;
      await console.collect();
    }
    expect(console.records.length).toBeGreaterThan(first);
    expect(console.latest.map(keyOf).sort()).toEqual(console.source);
    expect(new Set(console.records.map(keyOf)).size).toBe(console.records.length);
  });

  test("goes on where a threat was deleted meanwhile", async () => {
    let deleted: string | undefined;
    await using console = await open(stream, {
      intercept: ({ path }) => {
        if (!path.endsWith(`/${list}`)) return undefined;
        deleted ??= path.split("/").at(-2);
        return path.includes(`/${deleted}/`) ? failure(404, 4040010, "Requested resource was not found") : undefined;
      },
    });
    expect(await console.collect()).toMatchObject({ status: "ok", caughtUp: true });
    expect(console.records.length).toBeGreaterThan(20);
    expect(console.records.some((row) => row["connectorThreatId"] === deleted)).toBe(false);
  });

  test("is not available where the console does not know the path", async () => {
    await using console = await open(stream, {
      intercept: ({ path }) => (path.endsWith(`/${list}`) ? pageNotFound() : undefined),
    });
    expect(await console.collect()).toMatchObject({ status: "not-available" });
  });
});

test("pages of threats are found by their time, also behind one of threats that have no details", async () => {
  await using console = await open("threat-notes", {
    intercept: ({ path }) =>
      path.endsWith("/notes") ? json(200, '{"data":[],"pagination":{"nextCursor":null}}') : undefined,
  });
  expect(await console.collect()).toMatchObject({ status: "empty", caughtUp: true });
  const pages = console.asked.filter(({ path }) => path.endsWith("/threats"));
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.filter(({ query }) => query.has("cursor"))).toEqual([]);
});

test("a note that was edited without a trace in its threat is found within the hour", async () => {
  await using console = await open("threat-notes");
  await console.collect();
  let stale = 0;
  const end = console.clock.time + 2 * day;
  while (console.clock.time < end) {
    const missed = console.source.filter(
      (key) => !console.records.some((row) => `${row["id"]}|${row["updatedAt"]}` === key),
    );
    stale = Math.max(stale, missed.length);
    console.clock.time += hour + minute;
    await console.collect();
    expect(console.latest.map(({ id, updatedAt }) => `${id}|${updatedAt}`).sort()).toEqual(console.source);
  }
});

test("a run that ends in the middle goes on behind the threats that it has done", async () => {
  await using console = await open("threat-timeline", {
    intercept: ({ path }) => {
      if (path.endsWith("/timeline")) console.clock.time += 40_000;
      return undefined;
    },
  });
  let runs = 1;
  while (!(await console.collect()).caughtUp) runs++;
  const threats = console.asked.filter(({ path }) => path.endsWith("/timeline")).map(({ path }) => path);
  expect(runs).toBeGreaterThan(1);
  // A page of threats is done again at most, and the one at each border.
  expect(threats.length).toBeLessThan(new Set(threats).size + runs * 21);
  expect(console.records.map(({ id }) => String(id)).sort()).toEqual(console.source);
});
