import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DynamicProcesses } from "../../../../local/azure/evaluator/dynamic-provider.ts";
import { fakeCloud } from "../fake-cloud.ts";
import { programs, run, withFolders } from "./program.ts";

/** A cloud to publish into, and what the publisher noted of each call. */
async function withPublisher(
  body: (publish: (config: Record<string, unknown>) => ReturnType<typeof run>, log: () => string[]) => Promise<void>,
) {
  await withFolders(async (folder) => {
    const log = join(folder, "log");
    const cloud = fakeCloud();
    await using dynamic = new DynamicProcesses({ PUBLISHER_LOG: log, ME: "ann" });
    await body(
      (config) => run(cloud, "published", config, { dynamic }),
      () => readFileSync(log, "utf8").trim().split("\n"),
    );
  });
}

test("dynamic resources run in a process of their own, in the program's folder, with the environment given", () =>
  withPublisher(async (publish, log) => {
    const first = await publish({ digest: "1" });
    expect(first.outputs["receipt"]).toBe(`created in ${programs} by ann`);
    const same = await publish({ digest: "1", note: "its own diff decides" });
    expect(same.changes).toMatchObject({ same: 2, update: 0 });
    const updated = await publish({ digest: "2" });
    expect(updated.outputs["receipt"]).toBe(`updated in ${programs} by ann`);
    await publish({});
    expect(log()).toEqual(["created 1", "updated 2", "deleted parcel-1 2"]);
  }));

test("what was published is published again when what it was published to is replaced", () =>
  withPublisher(async (publish, log) => {
    await publish({ digest: "1" });
    expect((await publish({ digest: "1", location: "northeurope" })).changes).toMatchObject({ replace: 2 });
    expect(log()).toEqual(["created 1", "created 1", "deleted parcel-1 1"]);
  }));

test("what was deleted before a replacement that failed is not taken to be there", () =>
  withPublisher(async (publish, log) => {
    await publish({ digest: "1" });
    const elsewhere = { location: "uksouth", deleteFirst: true };
    await expect(publish({ ...elsewhere, digest: "refused" })).rejects.toThrow(
      "could not be created: the host answers 403",
    );
    expect((await publish({ ...elsewhere, digest: "1" })).changes).toMatchObject({ same: 1, create: 1 });
    expect(log()).toEqual(["created 1", "deleted parcel-1 1", "created 1"]);
  }));

test.each([
  ["refuses its inputs", "bad", "could not be accepted: digest: 'bad' is no digest"],
  ["throws", "refused", "could not be created: the host answers 403"],
  ["ends its process", "crash", "ended with code 3"],
])("a provider that %s is an error that says so", (_, digest, message) =>
  withPublisher(async (publish) => {
    await expect(publish({ digest })).rejects.toThrow(message);
  }),
);
