import { describe, expect, test } from "vitest";
import type { CollectContext } from "../../function-code/context.ts";
import { CollectionError } from "../../function-code/errors.ts";
import { formatIso, fromMillis, second } from "../../function-code/timestamps.ts";
import { type ModelOptions, ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { Mortality } from "./support/mortal.ts";
import { TestClock } from "./support/test-clock.ts";
import { standardSettings } from "./support/test-worker.ts";

const minute = 60_000;

/** A source with rows a second apart, the last one a minute old, and its worker. */
function model(count: number, options: Partial<ModelOptions> = {}) {
  const clock = new TestClock();
  const source = new ModelSource({ clock, pageSize: 10, paging: "cursor", cursor: "position", ...options });
  const newest = fromMillis(clock.time) - 60 * second;
  for (let i = 0; i < count; i++) {
    source.rows.push({ id: `row${i}`, time: newest - (count - 1 - i) * second, visibleFrom: 0, content: "old" });
  }
  return { clock, source, worker: new ModelWorker(clock, source) };
}

/** A process that may fall asleep: then nothing that it does goes on. */
class Sleeper extends Mortality {
  #awake: Promise<void> = Promise.resolve();

  override async call<T>(operation: () => Promise<T>): Promise<T> {
    await this.#awake;
    return super.call(operation);
  }

  async whileAsleep(meanwhile: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awake = promise;
    await meanwhile();
    resolve();
  }
}

const health = (worker: ModelWorker) => worker.sink.of("health-runs");

describe("a run", () => {
  test("leaves the watermark behind its own start by the hold-back, and gives the stream back", async () => {
    const { clock, worker } = model(25);
    const startedAt = clock.time;
    await worker.run();
    const checkpoint = await worker.checkpoint();
    expect(checkpoint).toMatchObject({ status: "ok", caughtUp: true, fetched: 25, uploaded: 25, duplicates: 0 });
    expect(Date.parse(checkpoint.watermark ?? "")).toBe(startedAt - 2 * minute);
    expect(checkpoint).not.toHaveProperty("leaseOwner");
    expect(checkpoint).not.toHaveProperty("progress");
  });

  test("that finds nothing is healthy, and moves on", async () => {
    const { clock, worker } = model(0);
    await worker.run();
    clock.time += 60 * minute;
    const startedAt = clock.time;
    await worker.run();
    const { watermark, status } = await worker.checkpoint();
    expect(status).toBe("empty");
    expect(Date.parse(watermark ?? "")).toBe(startedAt - 2 * minute);
  });

  test("reads only the overlap again, and sends nothing of it twice", async () => {
    const { clock, source, worker } = model(25);
    await worker.run();
    const { watermark } = await worker.checkpoint();
    clock.time += minute;
    source.asked.length = 0;
    await worker.run();
    expect(source.asked[0]?.from).toBe(fromMillis(Date.parse(watermark ?? "") - 10 * minute));
    expect(worker.delivered()).toHaveLength(25);
  });

  test("reports a record that keeps changing at every poll", async () => {
    const { clock, source, worker } = model(1, { paging: "key" });
    for (let i = 1; i <= 5; i++) {
      const [row] = source.rows;
      if (row) row.time = fromMillis(clock.time);
      await worker.run();
      expect(worker.delivered()).toHaveLength(i);
      clock.time += minute;
    }
  });

  test("finds a row that appears within the overlap, however late it is", async () => {
    const { clock, source, worker } = model(5);
    await worker.run();
    clock.time += minute;
    source.rows.push({ id: "late", time: fromMillis(clock.time - 11 * minute), visibleFrom: 0 });
    await worker.run();
    expect(worker.delivered().at(-1)).toContain("late");
  });
});

describe("a backlog", () => {
  test("is cut into windows that are read side by side, without gap or repeat", async () => {
    const { source, worker } = model(400);
    await worker.run();
    expect(new Set(worker.delivered()).size).toBe(400);
    expect(worker.delivered()).toHaveLength(400);
    expect(new Set(source.asked.map(({ to }) => to)).size).toBeGreaterThanOrEqual(4);
  });

  test("is delivered once by a server that does not know upper bounds", async () => {
    const { worker } = model(400, { unbounded: true });
    await worker.run();
    expect(new Set(worker.delivered()).size).toBe(400);
    expect(worker.delivered()).toHaveLength(400);
  });

  test("that outlasts the run's time goes on where it stopped", async () => {
    const { clock, source, worker } = model(400, { meanwhile: () => void (clock.time += 2 * minute) });
    await worker.run();
    const stopped = await worker.checkpoint();
    expect(stopped).toMatchObject({ status: "ok", caughtUp: false });
    expect(stopped).not.toHaveProperty("watermark");
    const before = worker.delivered().length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(400);
    source.options.meanwhile = undefined;
    await worker.run();
    expect(await worker.checkpoint()).toMatchObject({ caughtUp: true, uploaded: 400 });
    expect(worker.delivered()).toHaveLength(400);
    expect(clock.sleeps).toEqual([]);
  });

  test("goes on behind what was acknowledged", async () => {
    const { clock, source, worker } = model(400, { uncounted: true, meanwhile: () => void (clock.time += minute) });
    await worker.run();
    const before = worker.delivered().length;
    source.options.meanwhile = undefined;
    source.asked.length = 0;
    await worker.run();
    const [first] = source.asked;
    expect(source.rows.filter(({ time }) => time < (first?.from ?? 0)).length).toBeGreaterThan(before / 2);
    expect(worker.delivered()).toHaveLength(400);
  });

  test("is left in order when the platform stops the worker", async () => {
    const stop = new AbortController();
    const { worker } = model(400, {
      meanwhile: ({ asked }) => {
        if (asked.length === 20) stop.abort(new Error("stopping"));
      },
    });
    await worker.run(undefined, { stopping: stop.signal });
    const stopped = await worker.checkpoint();
    expect(stopped).toMatchObject({ status: "ok", caughtUp: false });
    expect(stopped).not.toHaveProperty("leaseOwner");
    await worker.run();
    expect(new Set(worker.delivered()).size).toBe(400);
    expect(worker.delivered()).toHaveLength(400);
  });
});

describe("cursors", () => {
  test("that run in a circle are left for the time of the last row", async () => {
    const { worker } = model(35, { circle: true });
    await worker.run();
    expect(worker.delivered()).toHaveLength(35);
  });

  test("that run in a circle at one timestamp are an error, not an endless loop", async () => {
    const { source, worker } = model(35, { circle: true });
    for (const row of source.rows) row.time = source.rows[0]?.time ?? 0;
    await worker.run();
    expect(await worker.checkpoint()).toMatchObject({ status: "failing", errorClass: "answer" });
  });
});

test("a row that leaves a crowd while it is read takes no other with it", async () => {
  const { clock, source, worker } = model(35, {
    paging: "key",
    meanwhile: ({ rows, asked }) => {
      // One that was read already moves, and what stands behind the cursor moves up.
      const [first] = rows;
      if (first && asked.length === 4) first.time = fromMillis(clock.time);
    },
  });
  // Hours old: no overlap will come back to it.
  for (const row of source.rows) row.time = fromMillis(clock.time - 300 * minute);
  await worker.run();
  await worker.run();
  expect(new Set(worker.delivered().map((key) => key.split("|")[0])).size).toBe(35);
});

describe("an inventory", () => {
  const inventory = { paging: "key", inventory: true } as const;

  test("sends what changed, and everything with each snapshot", async () => {
    const { clock, source, worker } = model(30, inventory);
    await worker.run();
    expect(worker.delivered()).toHaveLength(30);
    clock.time += minute;
    const [beat, changed] = source.rows;
    // A heartbeat moves the time and nothing else.
    if (beat) beat.time = fromMillis(clock.time);
    if (changed) Object.assign(changed, { time: fromMillis(clock.time), content: "new" });
    await worker.run();
    expect(worker.delivered().slice(30)).toEqual([expect.stringContaining("row1|")]);
    clock.time += 6 * 60 * minute;
    await worker.run();
    expect(worker.delivered()).toHaveLength(61);
    clock.time += minute;
    await worker.run();
    expect(worker.delivered()).toHaveLength(61);
  });

  test("sends an object once although only its time moves on while the walk lasts", async () => {
    const { clock, source, worker } = model(30, inventory);
    await worker.run();
    clock.time += minute;
    for (const row of source.rows) Object.assign(row, { time: fromMillis(clock.time), content: "new" });
    source.options.meanwhile = ({ rows, asked }) => {
      const [first] = rows;
      if (first && asked.length < 12) first.time = fromMillis(clock.time);
    };
    await worker.run();
    const sent = worker
      .delivered()
      .slice(30)
      .map((key) => key.split("|")[0]);
    expect(sent).toHaveLength(30);
    expect(new Set(sent).size).toBe(30);
  });
});

describe("when Azure does not do its part", () => {
  const refusal = new CollectionError("waiting-for-azure", "azure", "the role is missing");

  test("rows wait, no watermark moves, nothing throws", async () => {
    const { worker } = model(25);
    worker.sink.onUpload = () => {
      throw refusal;
    };
    await worker.run();
    const waiting = await worker.checkpoint();
    expect(waiting).toMatchObject({ status: "waiting-for-azure", lastError: "the role is missing", uploaded: 0 });
    expect(waiting).not.toHaveProperty("watermark");
    worker.sink.onUpload = undefined;
    await worker.run();
    expect(await worker.checkpoint()).toMatchObject({ status: "ok", uploaded: 25 });
    expect(worker.delivered()).toHaveLength(25);
  });

  test("a batch that fails in the middle costs nothing that was acknowledged, and repeats nothing", async () => {
    const { worker } = model(150);
    let calls = 0;
    worker.sink.onUpload = (_, keep) => {
      if (++calls === 4) throw refusal;
      keep();
    };
    await worker.run();
    expect((await worker.checkpoint()).status).toBe("waiting-for-azure");
    await worker.run();
    expect(worker.delivered()).toHaveLength(150);
    expect(new Set(worker.delivered()).size).toBe(150);
  });

  test("state tables that refuse are logged; the message is not poison", async () => {
    const { worker } = model(5);
    const table = worker.checkpoints;
    const broken = Object.assign(Object.create(table) as typeof table, { get: () => Promise.reject(refusal) });
    const { Checkpoints } = await import("../../function-code/state/checkpoints.ts");
    await worker.run(undefined, { checkpoints: new Checkpoints(broken) });
    expect(worker.logged).toEqual([expect.stringContaining("the role is missing")]);
  });

  test("a run that was overtaken sends nothing more and changes nothing", async () => {
    const { clock, worker } = model(100);
    const sleeper = new Sleeper();
    let calls = 0;
    worker.sink.onUpload = async (_, keep) => {
      keep();
      if (++calls !== 2) return;
      // This process was asleep for so long that another took over and finished.
      await sleeper.whileAsleep(() => {
        clock.time += 10 * minute;
        worker.sink.onUpload = undefined;
        return worker.run();
      });
    };
    await worker.run(sleeper);
    expect(worker.logged.filter((line) => line.includes("taken over"))).toHaveLength(1);
    expect(await worker.checkpoint()).toMatchObject({ status: "ok", caughtUp: true });
    expect(new Set(worker.delivered()).size).toBe(100);
  });
});

describe("health", () => {
  test("is a row for each run that delivered something, else every quarter of an hour", async () => {
    const { clock, source, worker } = model(5);
    for (let i = 0; i < 40; i++) {
      await worker.run();
      clock.time += minute;
    }
    // The first delivers, the second changes nothing but finds known rows, and so on until they leave the overlap.
    expect(health(worker).map(({ Status }) => Status)).toEqual(["ok", "empty", "empty"]);
    source.rows.push({ id: "new", time: fromMillis(clock.time), visibleFrom: 0 });
    await worker.run();
    expect(health(worker).at(-1)).toMatchObject({
      Connection: "c",
      Vendor: "sentinelone",
      Stream: "model",
      Status: "ok",
      Uploaded: 1,
      LagSeconds: 120,
      BundleVersion: "test",
    });
  });

  test("that cannot be reported fails nothing", async () => {
    const { worker } = model(5);
    worker.sink.onUpload = (stream, keep) => {
      if (stream === "health-runs") throw new CollectionError("waiting-for-azure", "azure", "not yet");
      keep();
    };
    await worker.run();
    expect(await worker.checkpoint()).toMatchObject({ status: "ok", uploaded: 5 });
    expect(worker.logged.join()).toContain("was not delivered");
  });
});

test("keys that no walk will meet again are forgotten", async () => {
  const { clock, source, worker } = model(5);
  await worker.run();
  expect(worker.ledger.size).toBeGreaterThan(0);
  source.rows.length = 0;
  clock.time += 9 * 24 * 60 * minute;
  await worker.run();
  expect(worker.ledger.size).toBe(0);
});

describe("the first lower bound", () => {
  const hour = 60 * minute;

  test.each<[string, number, number]>([
    ["a later run", 5 * minute, 24],
    ["a shorter setting", 5 * minute, 1],
    ["a longer setting", 5 * minute, 24 * 30],
    ["a clock that was put back", -2 * hour, 24],
  ])("is not moved by %s", async (_, later, sinceHours) => {
    const { clock, source, worker } = model(5);
    const from = fromMillis(clock.time - 24 * hour);
    source.rows.push({ id: "before", time: from - second, visibleFrom: 0 });
    await worker.run();
    clock.time += later;
    await worker.run(undefined, { settings: { ...standardSettings, sinceHours } });
    expect((await worker.checkpoint()).firstFrom).toBe(formatIso(from));
    expect(worker.delivered()).toHaveLength(5);
  });

  const roleIsMissing = new CollectionError("waiting-for-azure", "azure", "the role is missing");
  const noRows: (worker: ModelWorker) => Partial<CollectContext> = (worker) => {
    worker.sink.onUpload = () => {
      throw roleIsMissing;
    };
    return {};
  };
  const noToken: typeof noRows = (worker) => {
    return { find: worker.find({ serverNow: () => Promise.reject(roleIsMissing) }) };
  };

  test("is not set by a run that failed for the vendor's part", async () => {
    const { worker } = model(5);
    const dead = new CollectionError("failing", "token", "the token is dead");
    await worker.run(undefined, { find: worker.find({ serverNow: () => Promise.reject(dead) }) });
    expect(await worker.checkpoint()).not.toHaveProperty("firstFrom");
  });

  test.each<[string, typeof noRows]>([
    ["rows may be sent", noRows],
    ["the token may be read", noToken],
  ])("stays where it was until %s, whatever is set meanwhile", async (_, missing) => {
    const { clock, source, worker } = model(5);
    const from = fromMillis(clock.time - 24 * hour);
    source.rows.unshift({ id: "oldest", time: from + second, visibleFrom: 0 });
    await worker.run(undefined, missing(worker));
    clock.time += 29 * minute;
    await worker.run(undefined, missing(worker));
    expect(await worker.checkpoint()).toMatchObject({ status: "waiting-for-azure", uploaded: 0 });
    expect(await worker.checkpoint()).not.toHaveProperty("watermark");
    worker.sink.onUpload = undefined;
    clock.time += minute;
    await worker.run(undefined, { settings: { ...standardSettings, sinceHours: 1 } });
    expect((await worker.checkpoint()).firstFrom).toBe(formatIso(from));
    expect(worker.delivered().map((key) => key.split("|")[0])).toEqual([
      "oldest",
      "row0",
      "row1",
      "row2",
      "row3",
      "row4",
    ]);
  });
});
