import { describe, expect, test } from "vitest";
import { day, hour, SimulatedConsole } from "./simulated-console.ts";

const sightings = (row: Record<string, unknown>) => ({ ...row, lastSeen: undefined });

describe.each(["rogues", "ranger"])("%s", (name) => {
  const stream = `sentinelone-${name}`;

  test("sends every device once, and again when more than its last sighting changed", async () => {
    await using console = await SimulatedConsole.open(name, { settings: { snapshotHours: 168 } });
    const { worker, simulator, clock } = console;
    await worker.collect("emea", stream);
    const first = worker.sink.records(stream);
    const key = (row: Record<string, unknown>) => `${String(row["id"])}|${String(row["lastSeen"])}`;
    expect(first.map(key).sort()).toEqual([...simulator.keys(name)].sort());
    expect(first.length).toBeGreaterThan(5);

    const versions = new Map(first.map((row) => [row["id"], JSON.stringify(sightings(row))]));
    for (let passed = 0; passed < 6 * day; passed += 3 * hour) {
      clock.time += 3 * hour;
      const before = worker.sink.of(stream).length;
      await worker.collect("emea", stream);
      for (const row of worker.sink.records(stream).slice(before)) {
        expect(JSON.stringify(sightings(row))).not.toBe(versions.get(row["id"]));
        versions.set(row["id"], JSON.stringify(sightings(row)));
      }
    }
    expect(versions.size).toBe(simulator.keys(name).length);
    // Addresses change by the week: a few changes, and by far fewer rows than sightings.
    const changes = worker.sink.of(stream).length - first.length;
    expect(changes).toBeGreaterThan(first.length / 2);
    expect(changes).toBeLessThan(3 * first.length);
  });
});

test("ranger asks for one site at a time, rogues for all of them at once", async () => {
  await using probe = await SimulatedConsole.open("rogues");
  const [a, b] = await probe.sites();
  if (!a || !b) throw new Error("The simulator has too few sites.");
  const siteIds = [a.id, b.id];

  await using ranger = await SimulatedConsole.open("ranger", { siteIds });
  const { status } = await ranger.worker.collect("emea", "sentinelone-ranger");
  expect(status).toBe("ok");
  expect(new Set(ranger.asked.map(({ query }) => query.get("siteIds")))).toEqual(new Set(siteIds));
  const rows = ranger.worker.sink.records("sentinelone-ranger");
  expect(new Set(rows.map((row) => row["siteName"]))).toEqual(new Set([a.name, b.name]));

  await using rogues = await SimulatedConsole.open("rogues", { siteIds });
  await rogues.worker.collect("emea", "sentinelone-rogues");
  expect(new Set(rogues.asked.map(({ query }) => query.get("siteIds")))).toEqual(new Set([siteIds.join(",")]));
});
