import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterReplay, closedHours, countIn, isShort, type Span } from "../../function-code/audit.ts";
import { CollectionError } from "../../function-code/errors.ts";
import { fromMillis, hour, hourOf, second } from "../../function-code/timestamps.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { type ModelOptions, ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { TestClock, testStart } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

const minute = 60_000;
const noon = fromMillis(testStart);

describe("the hours of an audit", () => {
  test("are those that are over, but for what lies before the beginning", () => {
    expect(closedHours(noon - 1.5 * hour, noon + 0.5 * hour, 26)).toEqual([
      { from: noon - 1.5 * hour, to: noon - hour },
      { from: noon - hour, to: noon },
    ]);
    expect(closedHours(noon, noon + hour - 1, 26)).toEqual([]);
    expect(closedHours(0, noon, 0)).toEqual([]);
  });

  test("cover the reach without gap or overlap, whatever the beginning", () => {
    fc.assert(
      fc.property(fc.nat(40 * 3600), fc.nat(3600), fc.nat(30), (age, past, reach) => {
        const watermark = noon + past * second;
        const firstFrom = watermark - age * second;
        const spans = closedHours(firstFrom, watermark, reach);
        spans.forEach(({ from, to }, i) => {
          expect(to).toBeGreaterThan(from);
          expect(to - from).toBeLessThanOrEqual(hour);
          expect(to).toBe(spans[i + 1]?.from ?? noon + (past === 3600 ? hour : 0));
        });
        const end = noon + (past === 3600 ? hour : 0);
        expect(spans[0]?.from ?? end).toBe(Math.min(end, Math.max(firstFrom, end - reach * hour)));
      }),
    );
  });
});

test("a count that looks cut off is put together from smaller ones, and is never more than there is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3599), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), async (rows, ten) => {
      // Ten thousand rows for each, as cheaply as that.
      const cap = ten * 10_000;
      const inside = ({ from, to }: Span) =>
        rows.filter((at) => noon + at * second >= from && noon + at * second < to).length * 1000;
      const count = (span: Span) => Promise.resolve(Math.min(cap, inside(span)));
      const counted = await countIn({ from: noon, to: noon + hour }, count);
      const densest = Math.max(0, ...rows.map((at) => rows.filter((other) => other === at).length * 1000));
      const all = rows.length * 1000;
      expect(counted).toBeLessThanOrEqual(all);
      // Half a second cannot be cut: there the count stays what the server says.
      expect(counted === all).toBe(densest <= cap || counted === all);
    }),
  );
});

test("only more at the server is worth a reading, and not for ever", () => {
  const span = { from: noon, to: noon + hour };
  const replay = (notes: Parameters<typeof isShort>[0], counted: number, before: number, after: number) =>
    afterReplay(notes, span, counted, { before, after });
  expect(isShort({}, span, 9, 10)).toBe(false);
  expect(isShort({}, span, 10, 10)).toBe(false);
  expect(isShort({}, span, 11, 10)).toBe(true);
  expect(replay({}, 11, 10, 11)).toEqual({});

  let notes: Parameters<typeof isShort>[0] = {};
  for (let i = 0; i < 3; i++) {
    expect(isShort(notes, span, 12, 10)).toBe(true);
    notes = replay(notes, 12, 10, 10);
  }
  expect(notes).toEqual({ [hourOf(noon)]: { counted: 12, inVain: 3 } });
  expect(isShort(notes, span, 12, 10)).toBe(false);
  expect(isShort(notes, span, 13, 10)).toBe(true);
  expect(replay(notes, 13, 10, 11)).toEqual({ [hourOf(noon)]: { counted: 13, inVain: 1 } });
});

/** A server whose rows may be late, and its worker. */
function model(options: Partial<ModelOptions> = {}) {
  const clock = new TestClock();
  const source = new ModelSource({ clock, pageSize: 4, paging: "cursor", cursor: "key", countCap: 50_000, ...options });
  const worker = new ModelWorker(clock, source);
  const runFor = async (hours: number) => {
    for (const end = clock.time + hours * 60 * minute; clock.time < end; clock.time += 20 * minute) await worker.run();
  };
  return { clock, source, worker, runFor };
}

test("every row arrives, though it shows up to 24 hours late, and once", async () => {
  const row = fc.record({ at: fc.nat(5 * 3600), late: fc.nat(24 * 3600) });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 25 }), async (rows) => {
      const { source, worker, runFor } = model();
      for (const [i, { at, late }] of rows.entries()) {
        const time = noon + at * second;
        source.rows.push({ id: `row${i}`, time, visibleFrom: time + late * second });
      }
      await runFor(31);
      expect(worker.delivered().sort()).toEqual(source.keys().sort());
    }),
    { numRuns: 15 },
  );
});

test("a server that counts wrong costs a few readings, not one an hour", async () => {
  const { source, worker, runFor } = model({ miscount: 1 });
  for (let i = 0; i < 5; i++) source.rows.push({ id: `row${i}`, time: noon, visibleFrom: 0 });
  await runFor(26);
  const readings = source.asked.filter(({ from, to, continuation }) => from === noon && to && !continuation);
  expect(readings).toHaveLength(3);
  expect(worker.delivered()).toHaveLength(5);
});

test("a server that cannot count is collected from all the same", async () => {
  const { source, worker, clock } = model();
  const refuse = () => Promise.reject(new CollectionError("failing", "refused", "It cannot count."));
  const find = () => ({
    stream: source.stream,
    connection: { name: "c", vendor: "sentinelone", url: "https://c.example", secretId: "", streams: [] } as const,
    open: () => ({ ...source.feed(), count: refuse }),
  });
  for (let i = 0; i < 3; i++) {
    source.rows.push({ id: `row${i}`, time: fromMillis(clock.time), visibleFrom: 0 });
    await worker.run(undefined, { find });
    clock.time += 61 * minute;
  }
  expect(worker.delivered()).toHaveLength(3);
  expect(await worker.checkpoint()).toMatchObject({ status: "ok", caughtUp: true });
  expect(worker.logged.filter((line) => line.startsWith("warn"))).toHaveLength(2);
});

test("a reading that the platform cuts short is finished by the next run", async () => {
  const { clock, source, worker, runFor } = model();
  await runFor(2);
  for (let i = 0; i < 12; i++) source.rows.push({ id: `late${i}`, time: noon + 60 * second + i, visibleFrom: 0 });
  const stopping = new AbortController();
  source.options.meanwhile = () => {
    if (source.asked.at(-1)?.to !== undefined) stopping.abort(new Error("the platform stops the worker"));
  };
  clock.time += 60 * minute;
  await worker.run(undefined, { stopping: stopping.signal });
  expect(worker.delivered().length).toBeLessThan(12);
  expect(await worker.checkpoint()).toMatchObject({ caughtUp: false });

  source.options.meanwhile = undefined;
  await worker.run();
  await worker.run();
  expect(worker.delivered().sort()).toEqual(source.keys().sort());
  expect(await worker.checkpoint()).not.toHaveProperty("progress");
});

test("late activities of a console arrive within the hour after they show", async () => {
  const clock = new TestClock(Date.parse("2026-03-18T10:00:00Z"));
  await using console = await startSentinelOne({ scale: 0.2, rateLimits: false, now: () => clock.time });
  const streams = ["activities"];
  const connection = { name: "emea", vendor: "sentinelone", url: console.url, secretId: "", streams } as const;
  const secrets = { read: () => Promise.resolve(console.token) };
  await using worker = new TestWorker({ connections: [connection], clock, secrets, settings: { sinceHours: 1 } });
  const from = new Date(clock.time - 60 * minute).toISOString();
  const runFor = async (hours: number) => {
    for (const end = clock.time + hours * 60 * minute; clock.time < end; clock.time += 15 * minute) {
      await worker.collect("emea", "sentinelone-activities");
    }
  };
  await runFor(12);
  const url = `${console.url}/web/api/v2.1/activities?limit=1000&createdAt__gte=${from}`;
  const answer = await fetch(url, { headers: { authorization: `ApiToken ${console.token}` } });
  const { data: shown } = (await answer.json()) as { data: { id: string }[] };
  await runFor(1.5);

  const delivered = worker.sink.records("sentinelone-activities").map(({ id }) => id as string);
  expect(new Set(delivered).size).toBe(delivered.length);
  expect(shown.filter(({ id }) => !delivered.includes(id))).toEqual([]);
  expect(worker.logged.join("\n")).toMatch(/the server has more in \d+ hours; [1-9]\d* rows were found/);
});
