import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";
import { changesOf, run, withFolders } from "./program.ts";

test("only what changed is put again, and what is no longer registered is deleted, dependents first", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red", "green"] });
  expect(await changesOf(cloud, "queues", { account: "one", queues: ["red", "blue"], owner: "ann" })).toEqual([
    "update account",
    "create blue",
    "delete green",
  ]);
  expect(cloud.calls).toEqual([
    "ensureQueue one red",
    "ensureQueue one green",
    "ensureQueue one blue",
    "deleteQueue one green",
  ]);
  const seen: string[] = [];
  await run(cloud, "nothing", {}, { onProgress: ({ kind, name }) => seen.push(`${kind} ${name}`) });
  expect(seen.slice(0, 2).sort()).toEqual(["delete blue", "delete red"]);
  expect(seen.slice(2)).toEqual(["delete account", "delete group"]);
  expect(cloud.state.registrations.list("urn:")).toEqual([]);
});

test("a changed path that cannot be changed in place replaces; the old resource goes when nothing refers to it any more", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red"] });
  expect(await changesOf(cloud, "queues", { account: "two", queues: ["red"] })).toEqual([
    "replace account",
    "replace red",
    "delete red",
    "delete account",
  ]);
  expect(cloud.calls).toEqual([
    "ensureQueue one red",
    "ensureQueue two red",
    "deleteQueue one red",
    "deleteAccount one",
  ]);
});

test("what went with a replaced parent of the same name is made again", async () => {
  const cloud = fakeCloud();
  await run(cloud, "published", {});
  expect(await changesOf(cloud, "published", { location: "northeurope" })).toEqual(["replace group"]);
  await run(cloud, "queues", { account: "one", queues: ["red"] });
  cloud.state.delete(cloud.state.list("azure-native:storage:Queue")[0]?.id ?? "");
  expect(await changesOf(cloud, "queues", { account: "one", queues: ["red"] })).toEqual(["create red"]);
});

test("ignored changes stay as they were", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", owner: "ann" });
  expect(await changesOf(cloud, "queues", { account: "one", owner: "bob", ignore: "tags.owner" })).toEqual([]);
  expect(await changesOf(cloud, "queues", { account: "one", owner: "bob" })).toEqual(["update account"]);
});

test("a resource that is called otherwise now is known by its alias", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red"] });
  expect(await changesOf(cloud, "queues", { account: "one", queues: ["red"], called: "stone" })).toEqual([]);
  expect(await changesOf(cloud, "queues", { account: "one", queues: ["red"], called: "stone", owner: "ann" })).toEqual([
    "update stone",
  ]);
});

test("what would change inputs behind the engine's back is refused", async () => {
  await expect(run(fakeCloud(), "queues", { account: "one", transform: true })).rejects.toThrow(
    'azure-native:storage:StorageAccount "account": the local Azure runs no transforms',
  );
});

test("a retained resource is forgotten and kept", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red"], retain: true });
  expect(await changesOf(cloud, "queues", { account: "one" })).toEqual(["delete red"]);
  expect(cloud.calls).toEqual(["ensureQueue one red"]);
  expect(cloud.state.list("azure-native:storage:Queue")).toHaveLength(1);
});

test("a protected resource is neither deleted nor replaced", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red"], protect: true });
  await expect(run(cloud, "queues", { account: "one" })).rejects.toThrow(
    'azure-native:storage:Queue "red" could not be deleted: it is protected',
  );
  await expect(run(cloud, "queues", { account: "two", queues: ["red"], protect: true })).rejects.toThrow(
    'azure-native:storage:Queue "red" could not be replaced: it is protected, and changing accountName would replace it',
  );
  expect(cloud.deployed.storageAccount("one")).toBeDefined();
});

test("a saved search is deleted before it is replaced, or else Azure refuses it", async () => {
  const cloud = fakeCloud();
  await run(cloud, "workspace");
  expect(await changesOf(cloud, "workspace", { query: "Doors_CL | take 1" })).toEqual(["replace latest"]);
  await expect(run(cloud, "workspace", { query: "Doors_CL | take 2", deleteFirst: false })).rejects.toThrow(
    "cannot create already existing resource",
  );
});

test("a refusal is one error that names resource, code and reason; the next evaluation goes on from what was done", async () => {
  const cloud = fakeCloud();
  const failure = run(cloud, "workspace", { columnType: "datetime" });
  await expect(failure).rejects.toThrow(
    /^azure-native:operationalinsights:Table "table" could not be accepted: schema\.columns\[1\]\.type: 'datetime' is not valid/,
  );
  const names = cloud.state.registrations.list("urn:").map(({ name }) => name);
  expect(names).toEqual(["group", "workspace"]);
  const repaired = await run(cloud, "workspace");
  expect(repaired.changes).toMatchObject({ same: 2, create: 22 });
});

test.each([
  [
    "before a resource's creation is kept",
    (cloud: FakeCloud, kill: () => void) => {
      cloud.storage.ensureQueue = async () => kill();
    },
  ],
  [
    "after it, before its registration is",
    (cloud: FakeCloud, kill: () => void) => {
      cloud.state.onChange((_id, resource) => resource?.type.endsWith(":Queue") && kill());
    },
  ],
  [
    "while it is deleted",
    (cloud: FakeCloud, kill: () => void) => {
      cloud.storage.deleteQueue = async () => kill();
    },
  ],
])("a process that is killed %s is gone on from", async (_, arrange) => {
  await withFolders(async (dataDir, killed) => {
    const both = { account: "one", queues: ["red", "green"] };
    await run(fakeCloud(dataDir), "queues", both);
    const cloud = fakeCloud(dataDir);
    // What a process that dies at this instant leaves on disk.
    arrange(cloud, () => cpSync(dataDir, killed, { recursive: true, force: false }));
    await run(cloud, "queues", { ...both, queues: ["green", "blue"] });
    const next = fakeCloud(killed);
    await run(next, "queues", { ...both, queues: ["green", "blue"] });
    const names = next.state.list("azure-native:storage:Queue").map(({ outputs }) => String(outputs["name"]));
    expect(names.sort()).toEqual(["blue", "green"]);
    expect(next.state.registrations.list("urn:").map(({ name, settled }) => [name, settled])).toEqual([
      ["group", true],
      ["account", true],
      ["green", true],
      ["blue", true],
    ]);
    expect((await run(next, "queues", { ...both, queues: ["green", "blue"] })).changes).toMatchObject({ same: 4 });
  });
});

test("what a killed process was creating is deleted when nobody wants it any more", async () => {
  await withFolders(async (dataDir, killed) => {
    const cloud = fakeCloud(dataDir);
    cloud.state.onChange((_id, resource) => {
      if (resource?.type.endsWith(":Queue")) cpSync(dataDir, killed, { recursive: true });
    });
    await run(cloud, "queues", { account: "one", queues: ["red"] });
    const next = fakeCloud(killed);
    expect(await changesOf(next, "queues", { account: "one" })).toEqual(["delete red"]);
    expect(next.state.list("azure-native:storage:Queue")).toEqual([]);
    expect(next.calls).toEqual(["deleteQueue one red"]);
  });
});

test("what somebody else made under a name of ours is refused, then refused again", async () => {
  const cloud = fakeCloud();
  await run(cloud, "queues", { account: "one", queues: ["red"] });
  const red = cloud.state.registrations.list("urn:").find(({ name }) => name === "red");
  cloud.state.registrations.delete(red?.urn ?? "");
  for (const _ of [1, 2]) {
    await expect(run(cloud, "queues", { account: "one", queues: ["red"] })).rejects.toThrow(
      "already existing resource",
    );
  }
});
