import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CollectionError } from "../../function-code/errors.ts";
import { isDue } from "../../function-code/schedule.ts";
import { hash64 } from "../../function-code/state/hash.ts";
import { Ledger } from "../../function-code/state/ledger.ts";
import type { Keys } from "../../function-code/state/table.ts";
import { type WantedWindow, Windows } from "../../function-code/state/windows.ts";
import { formatIso, fromMillis, type Micros, second } from "../../function-code/timestamps.ts";
import { WindowLedger } from "../../function-code/window-ledger.ts";
import { leftOf, restAfter, walkOf, whyNoWindows, windowsUntil } from "../../function-code/windows.ts";
import type { MemoryTable } from "./support/memory-table.ts";
import { keyOf, type ModelOptions, ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { Mortality } from "./support/mortal.ts";
import { TestClock, testStart } from "./support/test-clock.ts";

const minute = 60_000;
const day = 24 * 3600 * second;
const start = fromMillis(testStart);

describe("the share of windows", () => {
  test("is at most a quarter of a minute, and over before the next one", () => {
    fc.assert(
      fc.property(fc.nat(10 * minute), (past) => {
        const now = testStart + past;
        const until = windowsUntil(now);
        expect(until - now).toBeLessThanOrEqual(minute / 4);
        expect(until).toBeLessThan(testStart + (Math.floor(past / minute) + 1) * minute);
      }),
    );
  });

  test("is all of that where live collection is quick", () => {
    expect(windowsUntil(testStart + 5000)).toBe(testStart + 20_000);
    expect(windowsUntil(testStart + 55_000)).toBeLessThan(testStart + 55_000);
  });
});

test("what is left of a window is told by its time", () => {
  const window = { from: formatIso(start), to: formatIso(start + 10 * second) };
  const { windows } = walkOf(window, start + day);
  expect(leftOf(window, windows)).toBe(1);
  expect(
    leftOf(window, [
      { from: start + second, to: start + 2 * second },
      { from: start + 8 * second, to: start + 10 * second },
    ]),
  ).toBeCloseTo(0.3);
  expect(leftOf(window, [])).toBe(0);
  expect(walkOf({ ...window, progress: JSON.stringify({ windows: [] }) }, start)).toEqual({ windows: [] });
});

test("a window that fails rests longer each time, up to an hour", () => {
  expect([1, 2, 5, 6, 99].map((failures) => restAfter(failures) / minute)).toEqual([2, 4, 32, 60, 60]);
});

test.each([
  [{ ordered: true, inventory: false }, /^undefined$/],
  [{ ordered: true, inventory: true }, /how things are now/],
  [{ ordered: false, inventory: true, whole: true }, /reads all of it/],
  [{ ordered: false, inventory: false }, /no order of time/],
] as const)("a stream that is %j: no windows because %s", (stream, expected) => {
  expect(String(whyNoWindows(stream))).toMatch(expected);
});

test("an idle stream is asked again at once while it has windows, one that wants peace is not", () => {
  const now = testStart;
  const ago = new Date(now - minute).toISOString();
  const idle = { status: "empty", caughtUp: true, lastRunAt: ago } as const;
  expect(isDue(idle, now, { idleMinutes: 5 }, false)).toBe(false);
  expect(isDue(idle, now, { idleMinutes: 5 }, true)).toBe(true);
  const notBefore = new Date(now + minute).toISOString();
  expect(isDue({ ...idle, notBefore }, now, { idleMinutes: 5 }, true)).toBe(false);
  expect(isDue({ ...idle, status: "not-permitted" }, now, { idleMinutes: 5 }, true)).toBe(false);
});

/** A source with old rows, ten seconds apart from so many days ago on, and its worker. */
function model(count: number, options: Partial<ModelOptions> = {}, days = 20) {
  const clock = new TestClock();
  const source = new ModelSource({ clock, pageSize: 10, paging: "key", cursor: "key", ...options });
  const oldest = start - days * day;
  for (let i = 0; i < count; i++) {
    source.rows.push({ id: `old${i}`, time: oldest + i * 10 * second, visibleFrom: 0 });
  }
  const worker = new ModelWorker(clock, source);
  const windows = new Windows(worker.windows);
  const ask = (from: Micros, to: Micros, changes: Partial<WantedWindow> = {}) =>
    windows.add("c", "sentinelone-model", new Date(clock.time).toISOString(), {
      kind: "backfill",
      from: formatIso(from),
      to: formatIso(to),
      ...changes,
    });
  const open = async () => (await windows.open("c", "sentinelone-model")).map(({ entity }) => entity);
  /** A run at the beginning of each minute, and a row of the present for it. */
  const live = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      clock.time = Math.ceil((clock.time + 1) / minute) * minute;
      source.rows.push({ id: `new${clock.time}`, time: fromMillis(clock.time) - second, visibleFrom: 0 });
      await worker.run();
    }
  };
  return { clock, source, worker, windows, ask, open, live, oldest };
}

const oldIds = (worker: ModelWorker) =>
  worker
    .delivered()
    .filter((key) => key.startsWith("old"))
    .map((key) => key.split("|", 1).join(""))
    .toSorted();

async function entitiesOf(table: MemoryTable): Promise<readonly Keys[]> {
  const found: Keys[] = [];
  for await (const { entity } of table.list({})) found.push(entity);
  return found;
}

describe("a window", () => {
  test("is read once, while live rows keep coming, each in its own minute", async () => {
    const { clock, source, worker, ask, open, live, oldest } = model(2000, {
      meanwhile: () => void (clock.time += 400),
    });
    await ask(oldest, oldest + 10_000 * second);
    let minutes = 0;
    for (; (await open()).length > 0; minutes++) {
      const [before] = await open();
      await live(1);
      expect(clock.time % minute).toBeLessThan(20_000);
      expect(worker.delivered()).toContain(keyOf(source.rows.at(-1) as (typeof source.rows)[0]));
      const [after] = await open();
      expect(after?.left ?? 0).toBeLessThan(before?.left ?? 0);
    }
    expect(minutes).toBeGreaterThan(2);
    expect(worker.delivered().filter((key) => key.startsWith("old"))).toHaveLength(1000);
    expect(new Set(worker.delivered()).size).toBe(worker.delivered().length);
    const [done] = await entitiesOf(worker.windows);
    expect(done).toMatchObject({ left: 0, uploaded: 1000 });
    expect(done).not.toHaveProperty("progress");
  });

  test("loses nothing and brings only what was in flight twice, however often its worker dies", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        async (deaths, pageSize) => {
          const { clock, worker, ask, open, live, oldest } = model(30, { pageSize });
          await live(1);
          await ask(oldest, oldest + 300 * second);
          const allowedTwice = new Set<string>();
          for (const steps of deaths) {
            await worker.run(new Mortality(steps));
            for (const key of await worker.inFlight()) allowedTwice.add(key);
            clock.time += 5 * minute;
          }
          for (let i = 0; i < 5 && (await open()).length > 0; i++) await live(1);
          const old = worker.delivered().filter((key) => key.startsWith("old"));
          expect(new Set(old).size).toBe(30);
          const twice = old.filter((key, i) => old.indexOf(key) < i);
          expect(twice.filter((key) => !allowedTwice.has(key))).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("brings nothing that is in the ledger, or that the operator found in the table", async () => {
    const { worker, source, ask, live, oldest } = model(10, {}, 3);
    const ledger = new Ledger(worker.ledger);
    const asked = await ask(oldest, oldest + 100 * second);
    const key = (i: number) => ({ time: source.rows[i]?.time ?? 0, hash: hash64(keyOf(source.rows[i] as never)) });
    await ledger.append("c", "sentinelone-model", "live", [key(3)], testStart);
    const seeded = new WindowLedger(ledger, asked.rowKey, undefined);
    await seeded.seed("c", "sentinelone-model", "stored", [key(5), key(6)], testStart);
    await live(1);
    expect(oldIds(worker)).toEqual(["old0", "old1", "old2", "old4", "old7", "old8", "old9"]);
    const kept = await entitiesOf(worker.ledger);
    expect(kept.filter(({ partitionKey }) => partitionKey.includes(asked.rowKey))).toEqual([]);
  });

  test("of a replay believes the table, and the ledger only for what is too young to be in it", async () => {
    const { worker, source, ask, live, oldest } = model(4, {}, 3);
    const ledger = new Ledger(worker.ledger);
    const key = (i: number) => ({ time: source.rows[i]?.time ?? 0, hash: hash64(keyOf(source.rows[i] as never)) });
    await ledger.append("c", "sentinelone-model", "lost", [key(0), key(1)], testStart - 120 * minute);
    await ledger.append("c", "sentinelone-model", "young", [key(2)], testStart - minute);
    const believedSince = new Date(testStart - 60 * minute).toISOString();
    const asked = await ask(oldest, oldest + 40 * second, { kind: "replay", believedSince });
    await new WindowLedger(ledger, asked.rowKey, undefined).seed("c", "sentinelone-model", "s", [key(1)], testStart);
    await live(1);
    expect(oldIds(worker)).toEqual(["old0", "old3"]);
  });

  test("that fails says so, rests, and takes nothing from live collection", async () => {
    const { clock, source, worker, ask, open, live, oldest } = model(10);
    await ask(oldest, oldest + 100 * second);
    let refused = 0;
    const find = () => ({
      stream: source.stream,
      connection: { name: "c", vendor: "sentinelone", url: "https://c.example", secretId: "", streams: [] } as const,
      open: () => {
        const feed = source.feed();
        const refuse = () => {
          refused++;
          return Promise.reject(new CollectionError("throttled", "throttled", "Too many requests."));
        };
        return {
          ...feed,
          read: (request: Parameters<typeof feed.read>[0]) => (request.to ? refuse() : feed.read(request)),
        };
      },
    });
    await worker.run(undefined, { find });
    expect(await worker.checkpoint()).toMatchObject({ caughtUp: true });
    expect(await worker.checkpoint()).not.toHaveProperty("lastError");
    expect(await open()).toMatchObject([{ failures: 1, lastError: "Too many requests.", left: 1 }]);
    clock.time += minute;
    await worker.run(undefined, { find });
    expect(refused).toBe(1);
    clock.time += minute;
    await live(1);
    expect(await open()).toEqual([]);
  });

  test("that the operator takes back is left alone", async () => {
    const { worker, windows, ask, source, live, oldest, clock } = model(500);
    const asked = await ask(oldest, oldest + 5000 * second);
    source.options.meanwhile = () => {
      clock.time += 2000;
      if (source.asked.at(-1)?.to !== undefined) void windows.remove(asked);
    };
    await live(2);
    expect(worker.delivered().filter((name) => name.startsWith("old")).length).toBeLessThan(500);
    expect(worker.logged.join("\n")).toContain("changed by somebody else");
    expect(await worker.checkpoint()).toMatchObject({ status: "ok", caughtUp: true });
  });
});
