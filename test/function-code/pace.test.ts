import { expect, test } from "vitest";
import { Pacer } from "../../function-code/pace.ts";
import { TestClock } from "./support/test-clock.ts";

test("requests to one path leave evenly, whoever makes them", async () => {
  const clock = new TestClock();
  const start = clock.time;
  const pacer = new Pacer(clock, 5);
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    await pacer.turn();
    times.push(clock.time - start);
  }
  expect(times).toEqual([0, 200, 400, 600]);
});

test("a pause that the server asks for is kept by all", async () => {
  const clock = new TestClock();
  const start = clock.time;
  const pacer = new Pacer(clock, 5);
  pacer.hold(7000);
  await pacer.turn();
  expect(clock.time - start).toBe(7000);
});

test("time that was not used does not make a burst", async () => {
  const clock = new TestClock();
  const pacer = new Pacer(clock, 1);
  clock.time += 60_000;
  const start = clock.time;
  await pacer.turn();
  await pacer.turn();
  expect(clock.time - start).toBe(1000);
});
