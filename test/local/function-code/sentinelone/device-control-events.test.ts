import { expect, test } from "vitest";
import { day, hour, minute, SimulatedConsole } from "./simulated-console.ts";

const stream = "sentinelone-device-control-events";

test("an event that its endpoint tells days later arrives with the next audit, and none arrives twice", async () => {
  await using console = await SimulatedConsole.open("device-control-events");
  const { worker, simulator, clock } = console;
  const stored = () => worker.sink.records(stream).map(({ id }) => id as string);
  await worker.collect("emea", stream);
  const first = new Set(stored());
  expect(first.size).toBeGreaterThan(0);
  const begin = clock.time - day;
  for (let passed = 0; passed < 6 * day; passed += 8 * hour) {
    clock.time += 8 * hour;
    await worker.collect("emea", stream);
  }
  const rows = worker.sink.records(stream);
  expect(new Set(stored()).size).toBe(rows.length);
  // What happened before the first collection's reach is not asked for.
  const { data } = await shown(simulator.url, simulator.token);
  const due = data.filter(({ eventTime }) => Date.parse(eventTime) >= begin).map(({ id }) => id);
  expect(stored().sort()).toEqual(due.sort());
  const late = rows.filter(
    (row) => Date.parse(row["createdAt"] as string) - Date.parse(row["eventTime"] as string) > day,
  );
  expect(late.length).toBeGreaterThan(3);
});

test("between two audits only the newest are read", async () => {
  await using console = await SimulatedConsole.open("device-control-events");
  const { worker, clock, asked } = console;
  await worker.collect("emea", stream);
  clock.time += 3 * day;
  await worker.collect("emea", stream);
  const reach = async (after: number) => {
    clock.time += after;
    asked.length = 0;
    await worker.collect("emea", stream);
    const from = asked.map(({ query }) => Date.parse(query.get("eventTime__gte") ?? "")).filter(Number.isFinite);
    return (clock.time - Math.min(...from)) / hour;
  };
  expect(await reach(5 * minute)).toBeLessThan(1);
  expect(await reach(50 * minute)).toBeLessThan(2);
  // Not further back than the first collection, a day before the start.
  expect(await reach(10 * minute)).toBeGreaterThan(3 * 24);
});

async function shown(url: string, token: string) {
  const answer = await fetch(`${url}/web/api/v2.1/device-control/events?limit=1000`, {
    headers: { authorization: `ApiToken ${token}` },
  });
  return (await answer.json()) as { data: { id: string; eventTime: string }[] };
}
