import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Progress } from "../../../../local/azure/evaluator/deployment.ts";
import { type EvaluationOptions, evaluate } from "../../../../local/azure/evaluator/evaluate.ts";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";

const programs = join(import.meta.dirname, "programs");

function run(cloud: FakeCloud, program: string, config: Record<string, unknown> = {}, options: EvaluationOptions = {}) {
  const entries = Object.entries(config).map(([key, value]) => [
    `test:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return evaluate(
    cloud,
    {
      entry: join(programs, `${program}.ts`),
      project: "test",
      stack: "local",
      config: Object.fromEntries(entries) as Record<string, string>,
      secretKeys: ["test:token"],
    },
    options,
  );
}

/** What changed, without what stayed. */
async function changesOf(cloud: FakeCloud, program: string, config: Record<string, unknown>) {
  const seen: string[] = [];
  const onProgress = ({ kind, name }: Progress) => {
    if (kind !== "same") seen.push(`${kind} ${name}`);
  };
  await run(cloud, program, config, { onProgress });
  return seen;
}

test("a program is brought about once, and found unchanged the second time", async () => {
  const cloud = fakeCloud();
  const first = await run(cloud, "vault", { token: "canary" });
  expect(first.changes).toMatchObject({ create: 6, same: 0 });
  const second = await run(cloud, "vault", { token: "canary" });
  expect(second.changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0, same: 6 });
  expect(second.outputs).toEqual(first.outputs);
  expect(second.resources).toBe(6);
});

test("stack outputs are plain, and the secret ones are named", async () => {
  const { outputs, secretOutputs } = await run(fakeCloud(), "vault", { token: "canary" });
  expect(outputs).toMatchObject({
    token: "canary",
    vaultUri: `https://${String(outputs["vaultName"])}.vault.azure.net/`,
  });
  expect(secretOutputs).toEqual(["token"]);
});

test("a secret input makes the output of its name secret, and reaches the vault", async () => {
  const cloud = fakeCloud();
  await run(cloud, "vault", { token: "canary" });
  const registration = cloud.state.registrations.list("urn:").find(({ type }) => type.endsWith(":Secret"));
  expect(registration?.secrets).toContain("properties");
  const vault = cloud.deployed.vault(`${registration?.inputs["vaultName"] as string}.vault.azure.net`);
  expect(cloud.deployed.secret(vault?.id ?? "", "token")).toMatchObject({ value: "canary", enabled: true });
});

test("URNs carry the chain of components, as the real engine makes them", async () => {
  const cloud = fakeCloud();
  await run(cloud, "vault", { token: "canary" });
  const urns = cloud.state.registrations.list("urn:").map(({ urn }) => urn);
  expect(urns).toContain("urn:pulumi:local::test::azure-native:resources:ResourceGroup::group");
  expect(urns).toContain(
    "urn:pulumi:local::test::test:index:Safe$azure-native:keyvault:Vault$azure-native:keyvault:Secret::safe-token",
  );
});

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

test("an error of a data plane surfaces when what was under way has ended", async () => {
  const cloud = fakeCloud();
  let underWay = 0;
  const failing = Promise.withResolvers<void>();
  cloud.storage.ensureQueue = async (_account, name) => {
    underWay++;
    if (name === "red") await failing.promise;
    else setImmediate(() => failing.reject(new Error("the disk is full")));
    await new Promise(setImmediate);
    underWay--;
  };
  await expect(run(cloud, "queues", { account: "one", queues: ["red", "green"] })).rejects.toThrow(
    'azure-native:storage:Queue "red" could not be created: the disk is full',
  );
  expect(underWay).toBe(1);
  expect(cloud.state.registrations.list("urn:").map(({ name }) => name)).toEqual(["group", "account", "green"]);
});

test.each([
  ["top", "setting location: 'mars' is not a region"],
  ["apply", "nothing can be made of rg-broken"],
  ["output", "nothing can be made of rg-broken"],
  ["unknown type", "no provider for aws:s3:Bucket"],
  ["unhandled type", "does not know the type azure-native:cache:Redis"],
])("a program that breaks at its %s ends with its own error", async (at, message) => {
  await expect(run(fakeCloud(), "broken", { at })).rejects.toThrow(message);
});

test("evaluations run side by side, each in its own cloud", async () => {
  const clouds = Array.from({ length: 3 }, () => fakeCloud());
  const results = await Promise.all(clouds.map((cloud, index) => run(cloud, "vault", { token: `canary-${index}` })));
  expect(results.map(({ outputs }) => outputs["token"])).toEqual(["canary-0", "canary-1", "canary-2"]);
  expect(results.map(({ changes }) => changes.create)).toEqual([6, 6, 6]);
  expect(clouds.map((cloud) => cloud.state.registrations.list("urn:").length)).toEqual([6, 6, 6]);
});

test("what others made is read and imported, and refused where the program would change it", async () => {
  const cloud = fakeCloud();
  const { outputs } = await run(cloud, "workspace");
  const workspaceId = cloud.state.list("azure-native:operationalinsights:Workspace")[0]?.id ?? "";
  for (const { urn } of cloud.state.registrations.list("urn:")) cloud.state.registrations.delete(urn);
  await expect(run(cloud, "adopting", { workspaceId, column: "Window" })).rejects.toThrow(
    "could not be imported: the inputs do not match the existing resource at schema.columns[1].name",
  );
  const adopted = await run(cloud, "adopting", { workspaceId });
  expect(adopted.changes).toMatchObject({ import: 1, create: 0 });
  expect(adopted.outputs).toMatchObject({ customerId: outputs["customerId"], retentionInDays: 30 });
  await expect(run(cloud, "adopting", { workspaceId: `${workspaceId}x` })).rejects.toThrow(
    "azure-native:operationalinsights:Workspace: there is no",
  );
});

test("a data folder is gone on from by the next process", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "evaluator-"));
  try {
    const first = await run(fakeCloud(dataDir), "vault", { token: "canary" });
    const second = await run(fakeCloud(dataDir), "vault", { token: "canary" });
    expect(second.changes).toMatchObject({ create: 0, same: 6 });
    expect(second.outputs).toEqual(first.outputs);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
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
  const dataDir = mkdtempSync(join(tmpdir(), "evaluator-"));
  const killed = `${dataDir}-killed`;
  const both = { account: "one", queues: ["red", "green"] };
  try {
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
  } finally {
    rmSync(dataDir, { recursive: true });
    rmSync(killed, { recursive: true });
  }
});

test("what a killed process was creating is deleted when nobody wants it any more", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "evaluator-"));
  const killed = `${dataDir}-killed`;
  try {
    const cloud = fakeCloud(dataDir);
    cloud.state.onChange((_id, resource) => {
      if (resource?.type.endsWith(":Queue")) cpSync(dataDir, killed, { recursive: true });
    });
    await run(cloud, "queues", { account: "one", queues: ["red"] });
    const next = fakeCloud(killed);
    expect(await changesOf(next, "queues", { account: "one" })).toEqual(["delete red"]);
    expect(next.state.list("azure-native:storage:Queue")).toEqual([]);
    expect(next.calls).toEqual(["deleteQueue one red"]);
  } finally {
    rmSync(dataDir, { recursive: true });
    rmSync(killed, { recursive: true });
  }
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

test("dynamic resources run in a process of their own, in the program's folder, with the environment given", async () => {
  const folder = mkdtempSync(join(tmpdir(), "evaluator-"));
  const log = join(folder, "log");
  const cloud = fakeCloud();
  const publish = (config: Record<string, unknown>) =>
    run(cloud, "published", config, { dynamicProviderEnv: { PUBLISHER_LOG: log, ME: "ann" } });
  try {
    const first = await publish({ digest: "1" });
    expect(first.outputs["receipt"]).toBe(`created in ${programs} by ann`);
    expect((await publish({ digest: "1" })).changes).toMatchObject({ same: 2, update: 0 });
    expect((await publish({ digest: "1", note: "its own diff decides" })).changes).toMatchObject({
      same: 2,
      update: 0,
    });
    expect((await publish({ digest: "2" })).outputs["receipt"]).toBe(`updated in ${programs} by ann`);
    expect((await publish({ digest: "2", location: "northeurope" })).changes).toMatchObject({ replace: 2 });
    const elsewhere = { location: "uksouth", deleteFirst: true };
    await expect(publish({ ...elsewhere, digest: "refused" })).rejects.toThrow(
      "could not be created: the host answers 403",
    );
    expect((await publish({ ...elsewhere, digest: "2" })).changes).toMatchObject({ same: 1, create: 1 });
    await publish({});
    expect(readFileSync(log, "utf8").trim().split("\n")).toEqual([
      "created 1",
      "updated 2",
      "created 2",
      "deleted parcel-1 2",
      "deleted parcel-2 2",
      "created 2",
      "deleted parcel-2 2",
    ]);
    await expect(publish({ digest: "bad" })).rejects.toThrow("could not be accepted: digest: 'bad' is no digest");
    await expect(publish({ digest: "refused" })).rejects.toThrow("could not be created: the host answers 403");
    await expect(publish({ digest: "crash" })).rejects.toThrow("ended with code 3");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
