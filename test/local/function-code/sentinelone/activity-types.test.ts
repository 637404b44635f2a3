import { expect, test } from "vitest";
import { day, hour, SimulatedConsole } from "./simulated-console.ts";

const stream = "sentinelone-activity-types";
const connection = "emea";

test("types are read once a day", async () => {
  await using console = await SimulatedConsole.open("activity-types");
  const { worker, clock } = console;
  expect(await worker.schedule()).toHaveLength(1);
  await worker.collect(connection, stream);
  clock.time += 23 * hour;
  expect(await worker.schedule()).toEqual([]);
  clock.time += hour;
  expect(await worker.schedule()).toHaveLength(1);
});

test("a type makes a row when it is worded anew, and all do after two weeks", async () => {
  await using console = await SimulatedConsole.open("activity-types");
  const { worker, simulator, clock } = console;
  const types = simulator.keys("activity-types").length;
  const news = async () => {
    const before = worker.sink.of(stream).length;
    const { status } = await worker.collect(connection, stream);
    expect(status).toBe("ok");
    return worker.sink.records(stream).slice(before);
  };
  expect(await news()).toHaveLength(types);
  expect(await news()).toEqual([]);
  // A release comes each week: one type gets its new words, the one before loses them.
  clock.time += 7 * day;
  const changed = await news();
  expect(changed).toHaveLength(2);
  expect(changed.filter(({ descriptionTemplate }) => /release/.test(descriptionTemplate as string))).toHaveLength(1);
  clock.time += 7 * day;
  expect(await news()).toHaveLength(types);
});
