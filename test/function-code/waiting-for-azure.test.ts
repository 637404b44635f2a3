import { describe, expect, test } from "vitest";
import { CollectionError } from "../../function-code/errors.ts";
import { minute, model } from "./support/model.ts";
import { Mortality } from "./support/mortal.ts";

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
