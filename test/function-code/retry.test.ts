import { expect, test } from "vitest";
import { CollectionError } from "../../function-code/errors.ts";
import {
  parseRetryAfter,
  type RetryContext,
  standardPolicy,
  Transient,
  withRetries,
} from "../../function-code/retry.ts";
import { TestClock } from "./support/test-clock.ts";

const failure = new CollectionError("throttled", "throttled", "too many");
const context = (clock: TestClock): RetryContext => ({ clock, random: () => 1 });

test("waits longer each time, then gives up with the final error", async () => {
  const clock = new TestClock();
  let attempts = 0;
  const attempt = () => {
    attempts++;
    return Promise.reject(new Transient(failure));
  };
  await expect(withRetries(context(clock), attempt)).rejects.toBe(failure);
  expect(attempts).toBe(standardPolicy.attempts);
  expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000, 16_000]);
});

test("does what the server asks for, but not at any price", async () => {
  const clock = new TestClock();
  const answers = [5000, 600_000];
  const attempt = () => Promise.reject(new Transient(failure, answers.shift()));
  await expect(withRetries(context(clock), attempt)).rejects.toMatchObject({
    status: "throttled",
    notBefore: clock.time + 5000 + 600_000,
  });
  expect(clock.sleeps).toEqual([5000]);
});

test("goes on no longer than a worker's place is worth, but never fails by one time-out", async () => {
  const clock = new TestClock();
  let attempts = 0;
  const attempt = () => {
    attempts++;
    clock.time += 180_000;
    return Promise.reject(new Transient(failure));
  };
  await expect(withRetries(context(clock), attempt)).rejects.toBe(failure);
  expect(attempts).toBe(2);
});

test("spreads the attempts of many workers", async () => {
  const clock = new TestClock();
  const attempt = () => Promise.reject(new Transient(failure));
  await expect(withRetries({ clock, random: () => 0 }, attempt)).rejects.toBe(failure);
  expect(clock.sleeps[0]).toBe(500);
});

test("anything but a passing failure is thrown at once", async () => {
  const clock = new TestClock();
  await expect(withRetries(context(clock), () => Promise.reject(failure))).rejects.toBe(failure);
  expect(clock.sleeps).toEqual([]);
});

const serverNow = Date.parse("2026-11-20T12:00:00Z");
test.each([
  [undefined, undefined],
  ["7", 7000],
  ["0", 0],
  ["Fri, 20 Nov 2026 12:00:30 GMT", 30_000],
  ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
])("Retry-After %j is %j ms", (value, expected) => expect(parseRetryAfter(value, serverNow)).toBe(expected));
