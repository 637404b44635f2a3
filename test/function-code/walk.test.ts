import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIso, hour, type Micros, second } from "../../function-code/timestamps.ts";
import { firstStep, nextStep, nextWalk, type Step, splitWindow } from "../../function-code/walk.ts";

const now: Micros = Date.parse("2026-11-20T12:00:00Z") * 1000;
const settings = { sinceHours: 24, holdBackSeconds: 120, overlapSeconds: 600 };
const ago = (seconds: number) => formatIso(now - seconds * second);
const snapshot = { everyHours: 6 };
const lookBack = { everyHours: 1, reachHours: 168 };

describe("the next walk", () => {
  test.each([
    ["the first one reaches back as far as asked", {}, undefined, now - 24 * hour, now - 120 * second, false],
    [
      "later ones overlap the watermark",
      { watermark: ago(300) },
      undefined,
      now - 900 * second,
      now - 120 * second,
      false,
    ],
    [
      "never before the first lower bound",
      { watermark: ago(300), firstFrom: ago(400) },
      undefined,
      now - 400 * second,
      now - 120 * second,
      false,
    ],
    [
      "a clock that went back does not move the watermark back",
      { watermark: ago(-3600) },
      undefined,
      now + 3000 * second,
      now + hour,
      false,
    ],
    ["a first snapshot reads everything", {}, snapshot, 0, now - 120 * second, true],
    [
      "a snapshot is due again",
      { watermark: ago(300), lastSnapshotAt: ago(6 * 3600) },
      snapshot,
      0,
      now - 120 * second,
      true,
    ],
    [
      "a snapshot is not due yet",
      { watermark: ago(300), lastSnapshotAt: ago(6 * 3600 - 1) },
      snapshot,
      now - 900 * second,
      now - 120 * second,
      false,
    ],
    [
      "a look-back stays behind the first lower bound",
      { watermark: ago(300), firstFrom: ago(86_400) },
      lookBack,
      now - 24 * hour,
      now - 120 * second,
      true,
    ],
    [
      "a look-back does not shorten a walk",
      { watermark: ago(10 * 86_400) },
      lookBack,
      now - 864_600 * second,
      now - 120 * second,
      true,
    ],
  ])("%s", (_, checkpoint, sweep, from, completeUntil, isSweep) => {
    expect(nextWalk(checkpoint, now, settings, { sweep })).toMatchObject({
      startedAt: now,
      completeUntil,
      sweep: isSweep,
      windows: [{ from }],
    });
  });
});

test("who fell silent since the last walk is looked for by the last sign of life, unless a sweep meets them anyway", () => {
  const silence = { afterMinutes: 60 };
  const known = { watermark: ago(300), lastSnapshotAt: ago(1800) };
  expect(nextWalk(known, now, settings, { silence }).windows).toEqual([
    { from: now - 900 * second },
    { from: now - hour - 900 * second, to: now - hour, silent: true },
  ]);
  expect(nextWalk(known, now, settings, { silence, sweep: { everyHours: 0.25 } }).windows).toEqual([{ from: 0 }]);
  expect(nextWalk({}, now, settings, { silence }).windows).toHaveLength(1);
});

test("the parts of a window cover it without gap or overlap, and the last stays open", () => {
  fc.assert(
    fc.property(fc.nat(1e12), fc.integer({ min: 1, max: 40 }), fc.boolean(), (length, parts, isOpen) => {
      const window = isOpen ? { from: now } : { from: now, to: now + length };
      const split = splitWindow(window, now + length, parts);
      expect(split[0]?.from).toBe(now);
      expect(split.at(-1)?.to).toBe(window.to);
      for (const [i, part] of split.slice(1).entries()) expect(part.from).toBe(split[i]?.to);
    }),
  );
});

describe("the next step", () => {
  const step: Step = { from: now, followed: 0, unseen: 0, passes: 1 };
  test.each([
    ["a page without more ends the window", step, { last: now + 5, unseen: 3 }, "key", undefined],
    [
      "by key, the next request starts at the last row",
      step,
      { last: now + 5, unseen: 3, continuation: "c" },
      "key",
      { from: now + 5 },
    ],
    [
      "inside one timestamp the cursor is followed",
      step,
      { last: now, unseen: 3, continuation: "c" },
      "key",
      { from: now, continuation: "c" },
    ],
    [
      "a crowd that took several pages is read again",
      { ...step, followed: 1 },
      { last: now + 5, unseen: 1, continuation: "c" },
      "key",
      { from: now, passes: 2 },
    ],
    [
      "until nothing new turns up",
      { ...step, followed: 1, passes: 2 },
      { last: now + 5, unseen: 0, continuation: "c" },
      "key",
      { from: now + 5 },
    ],
    [
      "a crowd at the end is read again too",
      { ...step, followed: 1 },
      { last: now, unseen: 1 },
      "key",
      { from: now, passes: 2 },
    ],
    [
      "an empty page with a cursor is followed",
      step,
      { last: undefined, unseen: 0, continuation: "c" },
      "key",
      { continuation: "c" },
    ],
    [
      "by cursor, the cursor is followed",
      step,
      { last: now + 5, unseen: 3, continuation: "c" },
      "cursor",
      { from: now, continuation: "c" },
    ],
  ] as const)("%s", (_, step, page, paging, expected) => {
    const next = nextStep(step, page, paging);
    expect(next && { from: next.from, continuation: next.continuation, passes: next.passes }).toEqual(
      expected && { from: now, continuation: undefined, passes: 1, ...expected },
    );
  });

  test("begins at the window's lower bound", () => {
    expect(firstStep({ from: 5, to: 9 })).toEqual({ from: 5, followed: 0, unseen: 0, passes: 1 });
  });
});
