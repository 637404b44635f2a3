import { beforeEach, describe, expect, test } from "vitest";
import { type PacedCaller, Pacer } from "../../function-code/pace.ts";
import { TestClock } from "./support/test-clock.ts";

/** When so many requests leave that are wanted at once, in milliseconds from now. */
async function turns(count: number, pacer: Pacer, clock: TestClock, caller?: PacedCaller): Promise<number[]> {
  const start = clock.time;
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await pacer.turn(caller);
    times.push(clock.time - start);
  }
  return times;
}

test("requests to one path leave evenly, whoever makes them", async () => {
  const clock = new TestClock();
  const pacer = new Pacer(clock, { requestsPerSecond: 5 });
  expect(await turns(4, pacer, clock)).toEqual([0, 200, 400, 600]);
});

describe("a bucket of four, filled ten times a second", () => {
  const clock = new TestClock();
  const start = clock.time;
  const bucket = () => new Pacer(clock, { requestsPerSecond: 10, burst: 4 });
  beforeEach(() => {
    clock.time = start;
  });

  test.each<[string, PacedCaller | undefined, number[]]>([
    ["full where nobody asked for long", { quietSince: start - 60_000 }, [0, 0, 0, 0, 100, 200]],
    ["fills while nobody asks", { quietSince: start - 200 }, [0, 0, 0, 100, 200, 300]],
    ["may be empty where somebody asked just now", { quietSince: start }, [0, 100, 200, 300, 400, 500]],
    ["may be empty where nothing is known of others", undefined, [0, 100, 200, 300, 400, 500]],
  ])("%s", async (_, caller, expected) => expect(await turns(6, bucket(), clock, caller)).toEqual(expected));

  test("is what all windows of a run draw on, and fills while they are busy with something else", async () => {
    const pacer = bucket();
    const caller = { quietSince: start - 60_000 };
    expect(await turns(4, pacer, clock, caller)).toEqual([0, 0, 0, 0]);
    clock.time += 250;
    expect(await turns(4, pacer, clock, caller)).toEqual([0, 0, 50, 150]);
  });

  test("is no use where another process asked in between", async () => {
    const pacer = bucket();
    await turns(1, pacer, clock, { quietSince: 0 });
    clock.time += 60_000;
    expect(await turns(3, pacer, clock, { quietSince: clock.time })).toEqual([0, 100, 200]);
  });

  test("is empty when the server has said that it was too much", async () => {
    const pacer = bucket();
    pacer.hold(1000);
    expect(await turns(3, pacer, clock, { quietSince: 0 })).toEqual([1000, 1100, 1200]);
  });
});

test("a pause that the server asks for is kept by all", async () => {
  const clock = new TestClock();
  const start = clock.time;
  const pacer = new Pacer(clock, { requestsPerSecond: 5 });
  pacer.hold(7000);
  await pacer.turn();
  expect(clock.time - start).toBe(7000);
});

test("time that was not used does not make a burst", async () => {
  const clock = new TestClock();
  const pacer = new Pacer(clock, { requestsPerSecond: 1 });
  clock.time += 60_000;
  const start = clock.time;
  await pacer.turn();
  await pacer.turn();
  expect(clock.time - start).toBe(1000);
});
