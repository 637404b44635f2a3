import { afterEach, beforeEach, expect, test } from "vitest";
import { type Plugins, servePlugins } from "../../../../local/azure/engine/plugins.ts";
import { decode } from "../../../../local/azure/evaluator/envelopes.ts";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";
import { valid } from "../resource-manager/subscription.ts";
import { ProviderClient, type Subject, type Wire } from "./provider-client.ts";
import { isSecret, output, secret, unknown } from "./wire-values.ts";

const stack = "urn:pulumi:dev::connector";
const subject = (type: string, name: string): Subject => ({ urn: `${stack}::${type}::${name}`, type, name });
const group = subject("azure-native:resources:ResourceGroup", "group");
const vault = subject("azure-native:keyvault:Vault", "vault");
const token = subject("azure-native:keyvault:Secret", "token");
const workspace = subject("azure-native:operationalinsights:Workspace", "workspace");

let cloud: FakeCloud;
let plugins: Plugins;
let azure: ProviderClient;

beforeEach(async () => {
  cloud = fakeCloud();
  plugins = await servePlugins(cloud);
  azure = new ProviderClient(plugins.ports["azure-native"] ?? 0);
  await azure.start(`${stack}::pulumi:providers:azure-native::default_3_28_0`, { version: "3.28.0" });
});
afterEach(() => plugins[Symbol.asyncDispose]());

const groupInputs = { resourceGroupName: "rg", location: "westeurope" };
const vaultInputs = (): Wire => ({
  ...valid.vault,
  properties: { ...valid.vault.properties, tenantId: cloud.tenantId },
});

/** Checks and creates, as the engine does; its answer is what the engine keeps. */
async function create(subject: Subject, news: Wire) {
  const { inputs, failures } = await azure.check(subject, {}, news);
  expect(failures).toEqual([]);
  return { inputs, ...(await azure.create(subject, inputs, false)) };
}

test("inputs come back in the envelopes that they were sent in, with what the provider adds", async () => {
  await create(group, groupInputs);
  const news = { resourceGroupName: "rg", tags: { owner: secret("ann") }, retentionInDays: unknown };
  const { inputs, failures } = await azure.check(workspace, {}, news);
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ ...news, location: "westeurope" });
  expect(inputs["workspaceName"]).toMatch(/^workspace[0-9a-f]{8}$/);
  // A made-up name is kept from the old inputs.
  expect((await azure.check(workspace, inputs, news)).inputs).toEqual(inputs);
});

test("what is wrong is told by property, and not while something is unknown", async () => {
  const wrong = { ...groupInputs, location: "atlantis" };
  expect((await azure.check(group, {}, wrong)).failures).toEqual([expect.stringMatching(/^location: 'atlantis'/)]);
  expect((await azure.check(group, {}, { ...wrong, tags: unknown })).failures).toEqual([]);
});

test("an output value on the wire is its value, secret or not known", async () => {
  const news = {
    resourceGroupName: output({ value: "rg" }),
    location: output({}),
    tags: output({ value: {}, secret: true }),
  };
  const { value, secretPaths, unknownPaths } = decode((await azure.check(group, {}, news)).inputs);
  expect(value).toMatchObject({ resourceGroupName: "rg" });
  expect([secretPaths, unknownPaths]).toEqual([["tags"], ["location"]]);
});

test("a preview creates nothing, tells plain inputs, and that objects which Azure completes are not known", async () => {
  await create(group, groupInputs);
  const before = cloud.state.list(vault.type).length;
  const { id, outputs } = await azure.create(vault, { ...vaultInputs(), location: unknown }, true);
  expect(id).toBe("");
  expect(outputs).toEqual({ resourceGroupName: "rg", vaultName: "kv-one", location: unknown, properties: unknown });
  expect(cloud.state.list(vault.type)).toHaveLength(before);
});

test("the preview of an update knows the inputs, the name and the place; what Azure adds may change", async () => {
  await create(group, groupInputs);
  const old = await create(vault, vaultInputs());
  const outputs = await azure.update(vault, old, { ...old.inputs, tags: { a: "b" } }, true);
  expect(outputs).toMatchObject({ name: "kv-one", location: "westeurope", tags: { a: "b" } });
  expect(outputs["properties"]).toMatchObject({ vaultUri: unknown, tenantId: cloud.tenantId });
  expect(cloud.state.get(old.id)?.inputs).not.toHaveProperty("tags");
});

test("a difference tells each place and its kind, and what has to be replaced, deleted first", async () => {
  await create(group, groupInputs);
  const old = await create(vault, { ...vaultInputs(), tags: { a: "1", "b.c": "2" } });
  const diff = (news: Wire, ignore: readonly string[] = []) => azure.diff(vault, old, news, ignore);
  expect(await diff(old.inputs)).toEqual({ changed: false, replaces: [], deleteBeforeReplace: false, details: {} });
  expect(await diff({ ...old.inputs, tags: { "b.c": "3", d: "4" } })).toEqual({
    changed: true,
    replaces: [],
    deleteBeforeReplace: false,
    details: { "tags.a": "DELETE", 'tags["b.c"]': "UPDATE", "tags.d": "ADD" },
  });
  expect(await diff({ ...old.inputs, location: unknown })).toEqual({
    changed: true,
    replaces: ["location"],
    deleteBeforeReplace: true,
    details: { location: "UPDATE_REPLACE" },
  });
  expect((await diff({ ...old.inputs, location: "northeurope" }, ["location"])).changed).toBe(false);
  // Whether a value is secret is no difference in it.
  expect((await diff({ ...old.inputs, tags: secret({ a: "1", "b.c": "2" }) })).changed).toBe(false);
});

test("what goes in as a secret comes out as one, when it is created, updated and read", async () => {
  await create(group, groupInputs);
  await create(vault, vaultInputs());
  const news = {
    resourceGroupName: "rg",
    vaultName: "kv-one",
    secretName: "token",
    properties: secret({ value: "1" }),
  };
  const old = await create(token, news);
  expect(isSecret(old.outputs["properties"])).toBe(true);
  const rotated = { ...old.inputs, properties: { value: secret("2") } };
  const updated = await azure.update(token, old, rotated, false);
  expect(isSecret(updated["properties"])).toBe(true);
  const read = await azure.read(token, old.id, { inputs: rotated, outputs: updated });
  expect(read).toEqual({ inputs: rotated, outputs: updated });
});

test("a refusal is told in Azure's own words", async () => {
  const orphan = { resourceGroupName: "rg-none", location: "westeurope", workspaceName: "log-one" };
  await expect(create(workspace, orphan)).rejects.toThrow(
    "404 ResourceGroupNotFound: Resource group 'rg-none' could not be found.",
  );
  await create(group, groupInputs);
  await expect(create(group, groupInputs)).rejects.toThrow("409 ResourceAlreadyExists: cannot create already existing");
});

test("a read tells what is there now, imports what it is told by id alone, and nothing of what is gone", async () => {
  const old = await create(group, groupInputs);
  const tagged = { ...old.inputs, tags: { by: "somebody" } };
  await azure.update(group, old, tagged, false);
  expect((await azure.read(group, old.id, old))?.inputs).toEqual(tagged);
  expect((await azure.read(group, old.id))?.inputs).toEqual(tagged);
  await azure.delete(group, old);
  expect(await azure.read(group, old.id, old)).toBeUndefined();
});

test("what ends with one command serves the next, and one that runs beside it", async () => {
  const other = new ProviderClient(plugins.ports["azure-native"] ?? 0);
  await other.start(`${stack}::pulumi:providers:azure-native::default_3_28_0`, { version: "3.28.0" });
  await azure.cancel();
  const { inputs } = await other.check(group, {}, groupInputs);
  expect((await other.create(group, inputs, false)).id).toMatch(/\/resourceGroups\/rg$/);
  expect((await azure.check(workspace, {}, { resourceGroupName: "rg" })).failures).toEqual([]);
  other[Symbol.dispose]();
});

test("a function answers, and one that is not there is refused by name", async () => {
  expect(await azure.invoke("azure-native:authorization:getClientConfig", {})).toMatchObject({
    subscriptionId: cloud.subscriptionId,
  });
  await expect(azure.invoke("azure-native:storage:listStorageAccountKeys", {})).rejects.toThrow(
    "azure-native:storage:listStorageAccountKeys",
  );
});

test("a stack that is meant for another subscription is refused; a program may name further ones", async () => {
  const other = "00000000-0000-0000-0000-000000000001";
  const client = new ProviderClient(plugins.ports["azure-native"] ?? 0);
  const start = (name: string, config: Wire) =>
    client.start(`${stack}::pulumi:providers:azure-native::${name}`, config);
  await expect(start("default_3_28_0", { subscriptionId: other })).rejects.toThrow(
    `subscriptionId: "${other}" is not the local Azure's`,
  );
  await start("theirs", { subscriptionId: other, location: "uksouth" });
  const { inputs } = await client.check(group, {}, { resourceGroupName: "rg-theirs" });
  expect(inputs["location"]).toBe("uksouth");
  const { id } = await client.create(group, inputs, false);
  expect(id).toBe(`/subscriptions/${other}/resourceGroups/rg-theirs`);
  const own = await create(group, groupInputs);
  expect(own.id).toBe(`/subscriptions/${cloud.subscriptionId}/resourceGroups/rg`);
});

test("a random value is made once, and only when something is really created", async () => {
  const random = new ProviderClient(plugins.ports["random"] ?? 0);
  await random.start(`${stack}::pulumi:providers:random::default_4_21_2`, { version: "4.21.2" });
  const password = subject("random:index/randomPassword:RandomPassword", "password");
  expect((await random.create(password, { length: 12 }, true)).outputs).toEqual({ length: 12 });
  const made = await random.create(password, { length: 12 }, false);
  expect(isSecret(made.outputs["result"])).toBe(true);
  const old = { ...made, inputs: { length: 12 } };
  expect((await random.diff(password, old, { length: 13 }, [])).replaces).toEqual(["length"]);
  expect(await random.read(password, made.id, old)).toEqual({ inputs: old.inputs, outputs: old.outputs });
  // A made-up value is nowhere but in the state: it cannot be imported.
  expect(await random.read(password, made.id)).toBeUndefined();
});
