import fc from "fast-check";
import { expect, test } from "vitest";
import { fromMillis, second } from "../../function-code/timestamps.ts";
import { ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { Mortality } from "./support/mortal.ts";
import { TestClock } from "./support/test-clock.ts";

const minute = 60_000;

const world = fc.record({
  pageSize: fc.integer({ min: 1, max: 8 }),
  cursor: fc.constantFrom("position", "key", "refused"),
  paging: fc.constantFrom("key", "cursor"),
  /** Seconds before the start, few enough for crowds at one timestamp, and how much later the server shows the row. */
  rows: fc.array(fc.record({ age: fc.integer({ min: 0, max: 12 }), late: fc.integer({ min: 0, max: 90 }) }), {
    maxLength: 60,
  }),
  /** Rows that change between two requests, by index. */
  changes: fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 30 }),
  /** After how many steps each of the first runs dies. */
  deaths: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
} as const);

test("whatever the pages, cursors, changes and deaths: what the source shows is delivered, twice only what was in flight", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ pageSize, cursor, paging, rows, changes, deaths }) => {
      const clock = new TestClock();
      const start = fromMillis(clock.time);
      const pending = paging === "key" ? [...changes] : [];
      const source = new ModelSource({
        clock,
        pageSize,
        paging,
        // A refused cursor leaves no way through a crowd that is larger than a page; see the test of that.
        cursor: cursor === "refused" && pageSize < 61 ? "key" : cursor,
        meanwhile: ({ rows }) => {
          const row = rows[pending.pop() ?? -1];
          if (row && row.visibleFrom <= fromMillis(clock.time)) row.time = fromMillis(clock.time);
        },
      });
      source.rows.push(
        ...rows.map(({ age, late }, i) => ({
          id: `row${i}`,
          time: start - age * second,
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
    { numRuns: 4000 },
  );
});
