import { expect, test } from "vitest";
import { fakeCloud } from "../fake-cloud.ts";
import { changesOf, run, withFolders } from "./program.ts";

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

test("what is stopped ends with what is under way, and the next evaluation goes on from there", async () => {
  const cloud = fakeCloud();
  const stop = new AbortController();
  const enough = ({ name }: { readonly name: string }) => name === "account" && stop.abort(new Error("enough"));
  const wanted = { account: "one", queues: ["red"] };
  await expect(run(cloud, "queues", wanted, { onProgress: enough, signal: stop.signal })).rejects.toThrow("enough");
  await expect(run(cloud, "queues", wanted, { signal: stop.signal })).rejects.toThrow("enough");
  expect(await changesOf(cloud, "queues", wanted)).toEqual(["create red"]);
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

test("what others made is read and imported, and then brought to what the program wants", async () => {
  const cloud = fakeCloud();
  const { outputs } = await run(cloud, "workspace");
  const workspaceId = cloud.state.list("azure-native:operationalinsights:Workspace")[0]?.id ?? "";
  for (const { urn } of cloud.state.registrations.list("urn:")) cloud.state.registrations.delete(urn);
  // pulumi pull request 19339: what is imported is then updated to what the program wants
  const adopted = await run(cloud, "adopting", { workspaceId, column: "Window" });
  expect(adopted.changes).toMatchObject({ import: 1, update: 1, create: 0, same: 0 });
  expect((await run(cloud, "adopting", { workspaceId, column: "Window" })).changes).toMatchObject({
    import: 0,
    same: 1,
  });
  // pulumi, pkg/resource/deploy/step_generator.go: an id that is still given is not replaced
  const gate = { workspaceId, column: "Gate", replaceOnChanges: ["schema"] };
  await expect(run(cloud, "adopting", gate)).rejects.toThrow("previously-imported resources");
  expect(adopted.outputs).toMatchObject({ customerId: outputs["customerId"], retentionInDays: 30 });
  await expect(run(cloud, "adopting", { workspaceId: `${workspaceId}x` })).rejects.toThrow(
    "azure-native:operationalinsights:Workspace: there is no",
  );
});

test("a data folder is gone on from by the next process", async () => {
  await withFolders(async (dataDir) => {
    const first = await run(fakeCloud(dataDir), "vault", { token: "canary" });
    const second = await run(fakeCloud(dataDir), "vault", { token: "canary" });
    expect(second.changes).toMatchObject({ create: 0, same: 6 });
    expect(second.outputs).toEqual(first.outputs);
  });
});
