import { expect, test } from "vitest";
import { createAzureProvider } from "../../../../local/azure/resource-manager/azure-provider.ts";
import type { Properties, Provider } from "../../../../local/azure/resource-manager/provider.ts";
import { appOn, location, refusal, resourceGroupName, subscription, types, valid } from "./subscription.ts";

const checked = (provider: Provider, type: string, name: string, inputs: object, knownInputs?: Properties) =>
  provider.check({ type, name, inputs: { resourceGroupName, ...inputs }, knownInputs, isPartial: false });

// azure-native refuses to create what exists: pulumi-azure-native, provider/pkg/azure/client.go, CanCreate
test("what exists is not created again, whatever the case of its name", async () => {
  const { create } = await subscription("group", "workspace");
  const again = { ...valid.workspace, workspaceName: "LOG-ONE" };
  await expect(create("workspace", again)).rejects.toEqual(
    refusal(409, "ResourceAlreadyExists", "cannot create already existing resource"),
  );
});

test("two that are created at once under one name are not one", async () => {
  const { create } = await subscription("group", "workspace");
  const results = await Promise.allSettled([create("table", valid.table), create("table", valid.table)]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});

// azure-native updates at creation what exists by default, e.g. blobServices/default
test("settings that exist with their parent are created by an update", async () => {
  const { create } = await subscription("group", "account");
  const inputs = { resourceGroupName, accountName: "stone", blobServicesName: "default" };
  await create("blobService", inputs);
  expect((await create("blobService", { ...inputs, isVersioningEnabled: true })).outputs).toMatchObject({
    isVersioningEnabled: true,
  });
});

// Azure Resource Manager, common deployment errors
test.each([
  ["workspace", valid.workspace, "ResourceGroupNotFound", "Resource group 'rg' could not be found."],
  ["account", valid.account, "ResourceGroupNotFound", "Resource group 'rg' could not be found."],
] as const)("a %s needs its resource group", async (kind, inputs, code, message) => {
  const { create } = await subscription();
  await expect(create(kind, inputs)).rejects.toEqual(refusal(404, code, message));
});

test.each([
  ["table", valid.table, "workspaces/log-one"],
  ["savedSearch", valid.savedSearch, "workspaces/log-one"],
  ["secret", valid.secret, "vaults/kv-one"],
  ["queue", { resourceGroupName, accountName: "stone", queueName: "work" }, "storageAccounts/stone"],
  [
    "onboarding",
    { resourceGroupName, workspaceName: "log-one", sentinelOnboardingStateName: "default" },
    "workspaces/log-one",
  ],
] as const)("a %s needs its parent", async (kind, inputs, parent) => {
  const { create } = await subscription("group");
  await expect(create(kind, inputs)).rejects.toEqual(
    refusal(404, "ParentResourceNotFound", new RegExp(`the parent resource '.*/${parent}' could not be found`)),
  );
});

test("a name that the program leaves out is made up once: random for what stands alone, copied for a child, a GUID for a role", async () => {
  const { cloud, provider } = await subscription("group", "workspace", "account");
  const check = async (type: string, inputs: object) => (await checked(provider, type, "doors", inputs)).inputs;
  const made = await check(types.workspace, {});
  expect(made["workspaceName"]).toMatch(/^doors[0-9a-f]{8}$/);
  expect(await check(types.queue, { accountName: "stone" })).toMatchObject({ queueName: "doors" });
  expect((await check(types.role, { scope: "/" }))["roleAssignmentName"]).toMatch(/^[0-9a-f-]{36}$/);
  const later = await checked(provider, types.workspace, "doors", {}, made);
  expect(later.inputs["workspaceName"]).toBe(made["workspaceName"]);
  expect(cloud.calls).toEqual([]);
});

test("what is not known yet is not judged", async () => {
  const { provider } = await subscription("group");
  const request = { type: types.vault, name: "kv", inputs: { location: "atlantis" }, knownInputs: undefined };
  expect((await provider.check({ ...request, isPartial: false })).failures).not.toEqual([]);
  expect((await provider.check({ ...request, isPartial: true })).failures).toEqual([]);
});

test("a location comes from the program, else from stack config, else from the resource group", async () => {
  const { cloud, provider } = await subscription("group");
  const check = async (from: typeof provider, inputs: object) =>
    (await checked(from, types.identity, "id", inputs)).inputs;
  const configured = createAzureProvider(cloud, { location: "northeurope" });
  expect(await check(provider, { location: "uksouth" })).toMatchObject({ location: "uksouth" });
  expect(await check(configured, {})).toMatchObject({ location: "northeurope" });
  expect(await check(provider, {})).toMatchObject({ location });
});

test("a difference names its paths, what cannot be changed in place, and whether the name is in the way", async () => {
  const { provider, known } = await subscription("group", "vault");
  const properties = known.vault.inputs["properties"] as object;
  const diff = (change: object) => provider.diff(types.vault, known.vault, { ...known.vault.inputs, ...change });
  expect(await diff({})).toEqual({ changed: [], replaces: [], deleteBeforeReplace: false });
  expect(
    await diff({ properties: { ...properties, sku: { family: "A", name: "premium" } }, tags: { a: "b" } }),
  ).toEqual({
    changed: ["properties.sku.name", "tags"],
    replaces: [],
    deleteBeforeReplace: false,
  });
  expect(await diff({ location: "northeurope" })).toEqual({
    changed: ["location"],
    replaces: ["location"],
    deleteBeforeReplace: true,
  });
  expect(await diff({ vaultName: "kv-two" })).toEqual({
    changed: ["vaultName"],
    replaces: ["vaultName"],
    deleteBeforeReplace: false,
  });
});

test("deleting a resource group deletes what is in it, the deepest first, and nothing beside it", async () => {
  const { cloud, create, remove, known } = await subscription("group", "account", "workspace", "table", "plan");
  await create("group", { resourceGroupName: "rg-other", location });
  await create("account", { ...valid.account, resourceGroupName: "rg-other", accountName: "sttwo" });
  await create("queue", { resourceGroupName, accountName: "stone", queueName: "work" });
  // A plan cannot be deleted under its app, so the app has to go first.
  await create("app", appOn(known.plan.id));
  await remove("group", known.group);
  expect(cloud.state.get(known.table.id)).toBeUndefined();
  expect(cloud.state.list(types.account)).toHaveLength(1);
  expect(cloud.calls.slice(-3).sort()).toEqual([
    "deleteAccount stone",
    "deleteQueue stone work",
    `deleteWorkspaceTable ${known.workspace.id} Doors_CL`,
  ]);
  expect(cloud.calls.indexOf("deleteQueue stone work")).toBeLessThan(cloud.calls.indexOf("deleteAccount stone"));
});

test("functions read what is deployed, and who deploys", async () => {
  const { cloud, provider, known } = await subscription("group", "workspace");
  expect(await provider.invoke("azure-native:authorization:getClientConfig", {})).toEqual({
    clientId: cloud.operator.clientId,
    objectId: cloud.operator.principalId,
    subscriptionId: cloud.subscriptionId,
    tenantId: cloud.tenantId,
  });
  const args = { resourceGroupName, workspaceName: "log-one" };
  expect(await provider.invoke("azure-native:operationalinsights:getWorkspace", args)).toMatchObject({
    id: known.workspace.id,
    customerId: known.workspace.outputs["customerId"],
  });
  await expect(
    provider.invoke("azure-native:operationalinsights:getWorkspace", { ...args, workspaceName: "log-two" }),
  ).rejects.toEqual(refusal(404, "ResourceNotFound", "log-two"));
});

test("a function gives the deployer's token, for Azure Resource Manager unless another is named", async () => {
  const { cloud, provider } = await subscription();
  const tokenFor = async (args: object) => {
    const { token } = await provider.invoke("azure-native:authorization:getClientToken", { ...args });
    return JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString()) as object;
  };
  const { principalId: oid } = cloud.operator;
  expect(await tokenFor({})).toMatchObject({ oid, aud: "https://management.azure.com/" });
  expect(await tokenFor({ endpoint: "https://vault.azure.net" })).toMatchObject({
    oid,
    aud: "https://vault.azure.net",
  });
  await expect(tokenFor({ endpoint: "https://vault.example" })).rejects.toEqual(
    refusal(400, "invalid_resource", "vault.example"),
  );
});

test("a type that the local Azure does not know is named", async () => {
  const { provider } = await subscription();
  await expect(provider.create("azure-native:cache:Redis", {})).rejects.toThrow(
    "The local Azure does not know the type azure-native:cache:Redis.",
  );
});

test("what Azure made when a resource was created stays when it is updated", async () => {
  const { update, known } = await subscription("group", "workspace", "identity", "endpoint");
  for (const kind of ["workspace", "identity", "endpoint"] as const) {
    const { outputs } = await update(kind, known[kind], { ...known[kind].inputs, tags: { a: "b" } });
    const made = ["customerId", "clientId", "principalId", "immutableId", "logsIngestion"];
    for (const name of made) expect(outputs[name]).toEqual(known[kind].outputs[name]);
    expect(outputs["tags"]).toEqual({ a: "b" });
  }
});
