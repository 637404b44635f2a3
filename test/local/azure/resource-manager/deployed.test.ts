import { expect, test } from "vitest";
import { refusal, resourceGroupName, subscription, types, valid } from "./subscription.ts";

test("a vault is found by its host, a secret in it by its name", async () => {
  const { cloud, update, known } = await subscription("group", "vault", "secret");
  const vault = cloud.deployed.vault("kv-one.vault.azure.net");
  expect(vault).toEqual({ id: known.vault.id, host: "kv-one.vault.azure.net" });
  expect(cloud.deployed.vault("kv-two.vault.azure.net")).toBeUndefined();
  expect(cloud.deployed.secret(known.vault.id, "token")).toMatchObject({ value: "canary", enabled: true });
  expect(cloud.deployed.secret(known.vault.id, "other")).toBeUndefined();
  const disabled = { ...valid.secret, properties: { value: "canary", attributes: { enabled: false } } };
  const { outputs } = await update("secret", known.secret, disabled);
  const version = (outputs["properties"] as { secretUriWithVersion: string }).secretUriWithVersion.split("/").at(-1);
  expect(cloud.deployed.secret(known.vault.id, "token")).toMatchObject({ version, enabled: false });
});

test("a workspace is found by its GUID and by its id, with its own tables and functions", async () => {
  const { cloud, create, known } = await subscription("group", "workspace", "table", "savedSearch");
  const { functionAlias: _, ...query } = valid.savedSearch;
  await create("savedSearch", { ...query, savedSearchId: "hunting" });
  await create("workspace", { ...valid.workspace, workspaceName: "log-one-more" });
  await create("table", { ...valid.table, workspaceName: "log-one-more" });
  const customerId = known.workspace.outputs["customerId"] as string;
  const found = cloud.deployed.workspace(customerId.toUpperCase());
  expect(found).toEqual({
    id: known.workspace.id,
    customerId,
    tables: [{ id: known.table.id, name: "Doors_CL", plan: "Analytics", columns: valid.table.schema.columns }],
    functions: [{ id: known.savedSearch.id, alias: "DoorsLatest", parameters: "", query: "Doors_CL" }],
  });
  expect(cloud.deployed.workspaceById(known.workspace.id.toUpperCase())).toEqual(found);
  expect(cloud.deployed.workspaceById(known.table.id)).toBeUndefined();
});

test("endpoint and account are found by host and name", async () => {
  const { cloud, known } = await subscription("group", "endpoint", "account");
  const { endpoint } = known.endpoint.outputs["logsIngestion"] as { endpoint: string };
  expect(cloud.deployed.dataCollectionEndpoint(new URL(endpoint).host)).toEqual({ id: known.endpoint.id });
  expect(cloud.deployed.dataCollectionEndpoint("dce-two.westeurope-1.ingest.monitor.azure.com")).toBeUndefined();
  expect(cloud.deployed.storageAccount("stone")).toEqual({ id: known.account.id, name: "stone" });
  expect(cloud.deployed.storageAccount("sttwo")).toBeUndefined();
});

test("principals are the identities and whoever deploys", async () => {
  const { cloud, remove, known } = await subscription("group", "identity");
  const { clientId, principalId } = known.identity.outputs as { clientId: string; principalId: string };
  expect(cloud.deployed.principal(clientId)).toEqual({ clientId, principalId, displayName: "id-one" });
  expect(cloud.deployed.principal(cloud.operator.clientId)).toEqual(cloud.operator);
  await remove("identity", known.identity);
  expect(cloud.deployed.principal(clientId)).toBeUndefined();
});

test("what is deployed is what the state says at the moment of the question", async () => {
  const { cloud, known } = await subscription("group", "vault", "secret");
  const rotated = cloud.state.get(known.secret.id);
  if (!rotated) throw new Error("the secret is gone");
  cloud.state.set({ ...rotated, inputs: { ...rotated.inputs, properties: { value: "rotated" } } });
  expect(cloud.deployed.secret(known.vault.id, "token")?.value).toBe("rotated");
  expect(cloud.state.list(types.secret)).toHaveLength(1);
});

test("a role is no longer held when what it was granted on is gone", async () => {
  const { cloud, create, remove, known } = await subscription("group", "identity", "account");
  const principalId = known.identity.outputs["principalId"] as string;
  await create("role", {
    scope: known.account.id,
    principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: "/providers/Microsoft.Authorization/roleDefinitions/974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  });
  const scope = `${known.account.id}/queueServices/default/queues/work`;
  expect(cloud.deployed.roles(principalId, scope)).toEqual(["974c5e8b-45b9-4653-ba55-5f855dd0fb88"]);
  await remove("account", known.account);
  expect(cloud.deployed.roles(principalId, scope)).toEqual([]);
  await expect(create("queue", { resourceGroupName, accountName: "stone", queueName: "work" })).rejects.toEqual(
    refusal(404, "ParentResourceNotFound", "stone"),
  );
});
