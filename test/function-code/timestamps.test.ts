import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatIso, hourOf, parseIso } from "../../function-code/timestamps.ts";

test.each([
  ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.000000Z"],
  ["2026-11-20T12:00:00.5Z", "2026-11-20T12:00:00.500000Z"],
  ["2026-11-20T12:00:00.12Z", "2026-11-20T12:00:00.120000Z"],
  ["2026-11-20T12:00:00.123456Z", "2026-11-20T12:00:00.123456Z"],
  ["2026-11-20T12:00:00.123456789Z", "2026-11-20T12:00:00.123456Z"],
  ["2026-11-20T12:00:00.622+00:00", "2026-11-20T12:00:00.622000Z"],
  ["2026-11-20T12:00:00-05:30", "2026-11-20T17:30:00.000000Z"],
  ["2026-11-20 12:00:00", "2026-11-20T12:00:00.000000Z"],
  ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"],
  ["1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"],
])("%s is read", (text, expected) => {
  const time = parseIso(text);
  expect(time === undefined ? undefined : formatIso(time)).toBe(expected);
});

test.each([
  "",
  "None",
  "N/A",
  "2026-11-20",
  "yesterday",
  "2026-13-01T00:00:00Z",
  "2026-11-20T25:00:00Z",
  "1763017167563",
])("%j is no time", (text) => expect(parseIso(text)).toBeUndefined());

test("what is written is read again, and in the right hour", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (time) => {
      expect(parseIso(formatIso(time))).toBe(time);
      expect(formatIso(time).startsWith(hourOf(time))).toBe(true);
    }),
  );
});
