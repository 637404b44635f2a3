import { describe, expect, test } from "vitest";
import { createAzureProvider } from "../../local/azure/resource-manager/azure-provider.ts";
import { AzureError } from "../../local/azure/resource-manager/resource-type.ts";
import { type Subscription, settings, types } from "./subject.ts";
import { subjects } from "./subjects.ts";

describe.each(subjects)("under $name", (subject) => {
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
    expect(azure.site.publications).toBe(1);
    expect(await stack.preview()).toEqual([]);
  });

  test("code that is refused fails the up, and is published once by the next", async () => {
    await using azure = await subject.open();
    const stack = await azure.stack("one", settings);
    await stack.previewUnderPolicies();
    // The one passes, the other does not.
    azure.site.refuse(409, 400);
    await expect(stack.up()).rejects.toThrow(/POST \/api\/publish answers 400, which trying again will not cure/);
    expect(azure.site.publications).toBe(0);
    expect(await stack.up()).toContain("create connector-code");
    expect(azure.site.publications).toBe(1);
    expect(await stack.preview()).toEqual([]);
  });

  test("in US Government a stack is deployed as previewed, and its code from a package", async () => {
    await using azure = await subject.open("usgovernment");
    const there = { ...settings, location: "usgovvirginia", "azure-native:environment": "usgovernment" };
    const stack = await azure.stack("one", there);
    const previewed = await stack.preview();
    expect(await stack.up()).toEqual(previewed);
    expect(azure.site.publications).toBe(1);
    expect(await stack.preview()).toEqual([]);
    azure.copy.replace("function-code/host.json", "{", '{ "$comment": "tried", ');
    const steps = ["update connector-code", "update connector-collector-func"];
    expect(await stack.preview()).toEqual(steps);
    expect(await stack.up()).toEqual(steps);
    expect(azure.site.publications).toBe(2);
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

  test("two stacks live in one subscription and region, though their names read alike there", async () => {
    await using azure = await subject.open();
    const one = await azure.stack("Two_EU", settings);
    const two = await azure.stack("two-eu", settings);
    await one.up();
    await two.up();
    expect(azure.cloud.state.list(types.app)).toHaveLength(2);
    expect(await one.preview()).toEqual([]);
    expect(await two.preview()).toEqual([]);
    await one.destroy();
    expect(await two.refresh()).toEqual([]);
  });
});

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
