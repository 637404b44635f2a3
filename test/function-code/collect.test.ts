import { describe, expect, test } from "vitest";
import { CollectionError } from "../../function-code/errors.ts";
import { fromMillis } from "../../function-code/timestamps.ts";
import { minute, model } from "./support/model.ts";
import type { ModelWorker } from "./support/model-worker.ts";

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
