import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoredResource } from "../../local/azure/cloud.ts";
import { createAzureProvider } from "../../local/azure/resource-manager/azure-provider.ts";
import { AzureError } from "../../local/azure/resource-manager/resource-type.ts";
import { changes } from "./changes.ts";
import { pulumiBinary, pulumiCli } from "./cli.ts";
import { rehearse } from "./rehearsal.ts";
import { type Stack, type Subscription, settings } from "./subject.ts";

if (!pulumiBinary) {
  console.warn(
    "SKIPPED: there is no Pulumi CLI on the PATH or in PULUMI_BIN. What follows is a rehearsal under a double of its engine.",
  );
}
const subjects = pulumiBinary ? [rehearse(), pulumiCli] : [rehearse()];

describe.each(subjects)("under $name", (subject) => {
  describe("one stack", () => {
    let azure: Subscription;
    let stack: Stack;
    beforeAll(async () => {
      azure = await subject.open();
      stack = await azure.stack("one", settings);
    });
    afterAll(() => azure[Symbol.asyncDispose]());

    test("is deployed as previewed, with one publication, and then has no changes", async () => {
      const previewed = await stack.preview();
      expect(previewed).toContain("create connector-streams-sentinelone-threats-table");
      expect(azure.cloud.state.list(types.group)).toEqual([]);
      expect(await stack.up()).toEqual(previewed);
      expect(azure.publications()).toBe(1);
      expect(await stack.preview()).toEqual([]);
      expect(await stack.up()).toEqual([]);
    });

    test.each(changes)("$what touches exactly what it must", async (change) => {
      const published = azure.publications();
      if (change.edit) change.edit(azure.copy);
      if (change.settings) await stack.configure({ ...settings, ...change.settings });
      expect(await stack.preview()).toEqual([...change.steps, ...(change.foreseen ?? [])].sort());
      expect(await stack.up()).toEqual(change.steps);
      expect(azure.publications() - published).toBe(change.publications ?? 0);
      expect(await stack.preview()).toEqual([]);
    });

    test("keeps no token in plain text", async () => {
      const exported = await stack.exported();
      expect([exported.includes("emea.sentinelone.example"), exported.includes("canary")]).toEqual([true, false]);
    });

    test("sees what others changed and deleted when it is refreshed, and mends it", async () => {
      const { state } = azure.cloud;
      const rule = find(azure, types.rule, "a permission was lost");
      state.set({ ...rule, inputs: { ...rule.inputs, enabled: false }, outputs: { ...rule.outputs, enabled: false } });
      state.delete(find(azure, types.search, "ValenceAuditLogs").id);
      expect(await stack.preview()).toEqual([]);
      expect(await stack.refresh()).toEqual([
        "delete connector-content-ValenceAuditLogs",
        "update connector-rules-health-permission-lost",
      ]);
      expect(await stack.up()).toEqual([
        "create connector-content-ValenceAuditLogs",
        "update connector-rules-health-permission-lost",
      ]);
      expect(await stack.refresh()).toEqual([]);
    });

    test("says what another name for it would do", async () => {
      const renamed = await stack.rename("another");
      expect(await renamed.preview()).toEqual(
        expect.arrayContaining([
          "replace connector-rg",
          "replace connector-vault-kv",
          "replace connector-collector-func",
        ]),
      );
    });
  });

  test("an up that fails in the middle is repaired by the next", async () => {
    await using azure = await subject.open();
    const stack = await azure.stack("one", settings);
    const { storage } = azure.cloud;
    const ensureQueue = storage.ensureQueue.bind(storage);
    storage.ensureQueue = () => Promise.reject(new AzureError(503, "ServerBusy", "The server is busy."));
    await expect(stack.up()).rejects.toThrow("503 ServerBusy: The server is busy.");
    const before = azure.cloud.state.list(types.group);
    expect(before).toHaveLength(1);
    storage.ensureQueue = ensureQueue;
    expect(await stack.up()).toContain("create connector-storage-queue");
    expect(azure.publications()).toBe(1);
    expect(await stack.preview()).toEqual([]);
  });

  test("destroyed and deployed again, a stack finds its data where it was", async () => {
    await using azure = await subject.open();
    const stack = await azure.stack("one", { ...settings, protectData: true });
    await stack.up();
    await expect(stack.destroy()).rejects.toThrow("protect");
    await stack.unprotect();
    await stack.destroy();
    const tables = azure.cloud.state.list(types.table).map(({ id }) => id);
    expect(tables.length).toBeGreaterThan(10);
    expect(azure.cloud.state.list(types.app)).toEqual([]);
    expect(await stack.up()).toContain("import connector-streams-sentinelone-threats-table");
    expect(azure.cloud.state.list(types.table).map(({ id }) => id)).toEqual(tables);
    expect(await stack.preview()).toEqual([]);
  });

  test("a workspace that exists, and a table in it, are taken over", async () => {
    await using azure = await subject.open();
    const workspaceId = await someWorkspace(azure);
    const stack = await azure.stack("one", { ...settings, workspaceId });
    const steps = await stack.up();
    expect(steps).toContain("import connector-streams-sentinelone-threats-table");
    expect(steps).toContain("update connector-streams-sentinelone-threats-table");
    const [table] = azure.cloud.state.list(types.table).filter(({ id }) => id.endsWith("/SentinelOneThreats_CL"));
    const { columns } = (table?.inputs["schema"] ?? {}) as { columns?: readonly { readonly name: string }[] };
    expect(columns?.map(({ name }) => name)).toEqual(expect.arrayContaining(["Extra", "ThreatName"]));
    expect(await stack.preview()).toEqual([]);
  });

  test("two stacks live in one subscription and region", async () => {
    await using azure = await subject.open();
    const one = await azure.stack("one", settings);
    const two = await azure.stack("two", settings);
    await one.up();
    await two.up();
    expect(azure.cloud.state.list(types.app)).toHaveLength(2);
    expect(await one.preview()).toEqual([]);
    expect(await two.preview()).toEqual([]);
    await one.destroy();
    expect(await two.refresh()).toEqual([]);
  });
});

const types = {
  group: "azure-native:resources:ResourceGroup",
  workspace: "azure-native:operationalinsights:Workspace",
  table: "azure-native:operationalinsights:Table",
  search: "azure-native:operationalinsights:SavedSearch",
  rule: "azure-native:securityinsights:ScheduledAlertRule",
  app: "azure-native:web:WebApp",
} as const;

function find(azure: Subscription, type: string, displayName: string): StoredResource {
  const found = azure.cloud.state.list(type).find(({ inputs }) => String(inputs["displayName"]).endsWith(displayName));
  if (!found) throw new Error(`There is no ${type} "${displayName}".`);
  return found;
}

/** A workspace with Sentinel that somebody else made, and Microsoft's table of threats in it with a column of their own. */
async function someWorkspace({ cloud }: Subscription): Promise<string> {
  const provider = createAzureProvider(cloud);
  const place = { resourceGroupName: "rg-theirs" };
  const workspaceName = "log-theirs";
  await provider.create(types.group, { ...place, location: "westeurope" });
  const { id } = await provider.create(types.workspace, { ...place, workspaceName, location: "westeurope" });
  await provider.create("azure-native:securityinsights:SentinelOnboardingState", {
    ...place,
    workspaceName,
    sentinelOnboardingStateName: "default",
  });
  const name = "SentinelOneThreats_CL";
  const columns = [
    { name: "TimeGenerated", type: "dateTime" },
    { name: "ThreatName", type: "string" },
    { name: "Extra", type: "string" },
  ];
  await provider.create(types.table, { ...place, workspaceName, tableName: name, schema: { name, columns } });
  return id;
}
