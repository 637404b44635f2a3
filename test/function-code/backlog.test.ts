import { describe, expect, test } from "vitest";
import { minute, model } from "./support/model.ts";

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
