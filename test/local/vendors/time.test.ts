import { expect, test } from "vitest";
import { beginningOfHistory, isoMicros, parseIso } from "../../../local/vendors/time.ts";

test("an instant keeps its microseconds through text and back", () => {
  const instant = Date.UTC(2026, 2, 4, 5, 6, 7) * 1000 + 89_012;
  expect(isoMicros(instant)).toBe("2026-03-04T05:06:07.089012Z");
  expect(parseIso(isoMicros(instant))).toBe(instant);
  expect(isoMicros(instant + 1_000_000)).toBe("2026-03-04T05:06:08.089012Z");
});

test.each([
  ["2026-03-04T05:06:07Z", 0],
  ["2026-03-04T05:06:07.5Z", 500_000],
  ["2026-03-04T05:06:07.25Z", 250_000],
  ["2026-03-04T05:06:07.123456789Z", 123_456],
  ["2026-03-04T06:06:07.000001+01:00", 1],
])("%s is understood", (text, micros) => {
  expect(parseIso(text)).toBe(Date.UTC(2026, 2, 4, 5, 6, 7) * 1000 + micros);
});

test.each(["yesterday", "1772600767000", "2026-03-04", "2026-13-04T05:06:07Z", "2026-03-04T05:06:07", ""])(
  "“%s” is no instant",
  (text) => {
    expect(parseIso(text)).toBeUndefined();
  },
);

test("history reaches back two to three weeks and begins at the same moment all week", () => {
  const now = Date.UTC(2026, 2, 18, 10);
  const beginning = beginningOfHistory(now);
  expect(now - beginning).toBeGreaterThanOrEqual(14 * 86_400_000);
  expect(now - beginning).toBeLessThan(21 * 86_400_000);
  expect(beginningOfHistory(now + 3_600_000)).toBe(beginning);
});
