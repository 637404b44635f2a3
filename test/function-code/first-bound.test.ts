import { describe, expect, test } from "vitest";
import type { CollectContext } from "../../function-code/context.ts";
import { CollectionError } from "../../function-code/errors.ts";
import { formatIso, fromMillis, second } from "../../function-code/timestamps.ts";
import { minute, model } from "./support/model.ts";
import type { ModelWorker } from "./support/model-worker.ts";
import { standardSettings } from "./support/test-worker.ts";

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
