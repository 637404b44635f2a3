import { expect, test } from "vitest";
import { nextOccurrence } from "../../../../local/azure/functions/schedule.ts";

// Source: "Timer trigger for Azure Functions", NCRONTAB expressions and examples.
test.each([
  ["0 * * * * *", "2026-03-01T10:00:30Z", "2026-03-01T10:01:00Z"],
  ["0 * * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z"],
  ["*/15 * * * * *", "2026-03-01T10:00:14Z", "2026-03-01T10:00:15Z"],
  ["0 0 */2 * * *", "2026-03-01T23:00:00Z", "2026-03-02T00:00:00Z"],
  ["0 30 9 * * 1-5", "2026-03-06T10:00:00Z", "2026-03-09T09:30:00Z"],
  ["0 30 9 * Jan Mon", "2026-01-27T00:00:00Z", "2027-01-04T09:30:00Z"],
  ["*/5 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"],
])("%s after %s is %s", (expression, after, expected) => {
  expect(nextOccurrence(expression, new Date(after)).toISOString()).toBe(new Date(expected).toISOString());
});

test("day of month and day of week must both match", () => {
  expect(nextOccurrence("0 0 0 13 * Fri", new Date("2026-01-01T00:00:00Z")).toISOString()).toBe(
    "2026-02-13T00:00:00.000Z",
  );
});

test("local time and its changes play no part", () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "Europe/Berlin";
  try {
    expect(nextOccurrence("0 30 2 * * *", new Date("2026-03-29T00:00:00Z")).toISOString()).toBe(
      "2026-03-29T02:30:00.000Z",
    );
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

test.each([
  ["00:01:00", "time span"],
  ["* * * *", "not NCRONTAB"],
  ["0 * * * * * 2027", "not NCRONTAB"],
  ["@hourly", "not NCRONTAB"],
  ["0 61 * * * *", "not NCRONTAB"],
  ["0 0 0 L * *", "not NCRONTAB"],
  ["0 0 0 31 2 *", "never comes due"],
])("%s is refused: %s", (expression, message) => {
  expect(() => nextOccurrence(expression, new Date("2026-03-01T00:00:00Z"))).toThrow(message);
});
