import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { fromMillis, second } from "../../function-code/timestamps.ts";
import { readProgress } from "../../function-code/walk.ts";
import { keyOf, ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { Mortality } from "./support/mortal.ts";
import { TestClock } from "./support/test-clock.ts";
import { standardSettings } from "./support/test-worker.ts";

const minute = 60_000;

const world = fc.record({
  pageSize: fc.integer({ min: 1, max: 8 }),
  cursor: fc.constantFrom("position", "key", "refused"),
  paging: fc.constantFrom("key", "cursor"),
  /** Seconds before the start, few enough for crowds at one timestamp, and how much later the server shows the row. */
  rows: fc.array(fc.record({ age: fc.integer({ min: 0, max: 12 }), late: fc.integer({ min: 0, max: 90 }) }), {
    maxLength: 60,
    // Otherwise there are hardly ever enough rows for a second batch.
    size: "max",
  }),
  /** Nothing is split, so that a window has rows for several batches. */
  uncounted: fc.boolean(),
  /** Rows that change between two requests, by index. */
  changes: fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 30 }),
  /** After how many steps each of the first runs dies. */
  deaths: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
} as const);

test("whatever the pages, cursors, changes and deaths: what the source shows is delivered, twice only what was in flight", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ pageSize, cursor, paging, uncounted, rows, changes, deaths }) => {
      const clock = new TestClock();
      const start = fromMillis(clock.time);
      const pending = paging === "key" ? [...changes] : [];
      const source = new ModelSource({
        clock,
        // Without its cursor there is no way through a page of one timestamp.
        pageSize: cursor === "refused" ? pageSize + 1 : pageSize,
        paging,
        cursor,
        uncounted,
        meanwhile: ({ rows }) => {
          const row = rows[pending.pop() ?? -1];
          if (row && row.visibleFrom <= fromMillis(clock.time)) row.time = fromMillis(clock.time);
        },
      });
      source.rows.push(
        ...rows.map(({ age, late }, i) => ({
          id: `row${i}`,
          time: start - (cursor === "refused" ? i : age) * second,
          visibleFrom: start + (late - age) * second,
        })),
      );
      const worker = new ModelWorker(clock, source);
      const allowedTwice = new Set<string>();
      for (const steps of deaths) {
        await worker.run(new Mortality(steps));
        for (const key of await worker.inFlight()) allowedTwice.add(key);
        // Until the dead one's lease has run out nobody may take its place.
        clock.time += 5 * minute;
      }
      for (let pass = 0; pass < 3; pass++) {
        await worker.run();
        clock.time += minute;
      }
      const delivered = worker.delivered();
      const missing = source.keys().filter((key) => !delivered.includes(key));
      expect(missing).toEqual([]);
      const twice = delivered.filter((key, i) => delivered.indexOf(key) < i);
      expect(twice.filter((key) => !allowedTwice.has(key))).toEqual([]);
      expect((await worker.checkpoint()).caughtUp).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("a run that is told to stop, whenever, has delivered of what it leaves only rows on its lower bounds", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.integer({ min: 1, max: 40 }), async ({ pageSize, rows, paging, uncounted }, events) => {
      const clock = new TestClock();
      const source = new ModelSource({ clock, pageSize, paging, cursor: "key", uncounted });
      const start = fromMillis(clock.time);
      source.rows.push(...rows.map(({ age }, i) => ({ id: `row${i}`, time: start - age * second, visibleFrom: 0 })));
      const worker = new ModelWorker(clock, source);
      const stopping = new AbortController();
      let left = events;
      const happens = () => {
        if (--left === 0) stopping.abort(new Error("stopped"));
      };
      worker.sink.onUpload = (_, keep) => {
        happens();
        keep();
      };
      const feed = source.feed();
      const find = worker.find({
        read: async (request) => {
          happens();
          stopping.signal.throwIfAborted();
          return await feed.read(request);
        },
      });
      await worker.run(new Mortality(), { find, stopping: stopping.signal });
      const { windows } = readProgress((await worker.checkpoint()).progress) ?? { windows: [] };
      const times = worker.delivered().map((key) => Number(key.split("|")[1]));
      const again = times.filter((time) => windows.some(({ from, to = Infinity }) => time >= from && time < to));
      expect(again.filter((time) => !windows.some(({ from }) => time === from))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test("rows older than the ledger's memory come once too, wherever their first walk is repeated from", async () => {
  const day = 24 * 60 * minute;
  let isOver = false;
  for (let steps = 0; !isOver; steps++) {
    const clock = new TestClock();
    const source = new ModelSource({ clock, pageSize: 10, paging: "cursor", cursor: "key" });
    for (let i = 0; i < 3; i++) {
      source.rows.push({ id: `row${i}`, time: fromMillis(clock.time - (20 - i) * day), visibleFrom: 0 });
    }
    const worker = new ModelWorker(clock, source);
    const settings = { settings: { ...standardSettings, sinceHours: 30 * 24 } };
    const mortality = new Mortality(steps);
    const ledgerWrites = vi.spyOn(worker.ledger, "write");
    await worker.run(mortality, settings);
    isOver = !mortality.isDead;
    // The one batch, if it was acknowledged and not written down. The ledger does not tell later: it forgets rows of this age.
    const inFlight = ledgerWrites.mock.calls.length > 0 ? [] : worker.delivered();
    clock.time += 5 * minute;
    await worker.run(new Mortality(), settings);
    const delivered = worker.delivered();
    expect(delivered.sort()).toEqual([...source.keys(), ...inFlight].sort());
  }
});

test("an inventory is sent whole once, then only what changed, whenever the worker dies", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ pageSize, rows, deaths, changes }) => {
      const clock = new TestClock();
      const start = fromMillis(clock.time);
      const source = new ModelSource({ clock, pageSize, paging: "key", cursor: "position", inventory: true });
      source.rows.push(
        ...rows.map(({ age }, i) => ({ id: `object${i}`, time: start - age * second, visibleFrom: 0, content: "old" })),
      );
      const worker = new ModelWorker(clock, source);
      const allowedTwice = new Set<string>();
      const live = async (lives: readonly number[]) => {
        for (const steps of lives) {
          const before = worker.delivered().length;
          await worker.run(new Mortality(steps));
          for (const key of worker.delivered().slice(before)) allowedTwice.add(key);
          clock.time += 5 * minute;
        }
        await worker.run();
        clock.time += minute;
      };
      await live(deaths);
      expect(new Set(worker.delivered())).toEqual(new Set(source.keys()));

      const changed = new Set(changes.map((index) => source.rows[index]).filter((row) => row !== undefined));
      for (const row of source.rows) row.time = fromMillis(clock.time);
      for (const row of changed) row.content = "new";
      clock.time += minute;
      const before = worker.delivered().length;
      await live(deaths);
      const news = worker.delivered().slice(before);
      expect(new Set(news)).toEqual(new Set([...changed].map(keyOf)));
      const twice = worker.delivered().filter((key, i) => worker.delivered().indexOf(key) < i);
      expect(twice.filter((key) => !allowedTwice.has(key))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
