import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoredResource } from "../../local/azure/cloud.ts";
import { changes } from "./changes.ts";
import { type Stack, type Subscription, settings, types } from "./subject.ts";
import { subjects } from "./subjects.ts";

describe.each(subjects)("one stack, under $name", (subject) => {
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
    expect(azure.site.publications).toBe(1);
    expect(await stack.preview()).toEqual([]);
    expect(await stack.up()).toEqual([]);
  });

  // Whatever one leaves undone shows in the preview of the next, and after the last in that of the drift.
  test.each(changes)("$what touches exactly what it must", async (change) => {
    const published = azure.site.publications;
    if (change.edit) change.edit(azure.copy);
    if (change.settings) await stack.configure({ ...settings, ...change.settings });
    expect(await stack.preview()).toEqual([...change.steps, ...(change.foreseen ?? [])].sort());
    expect(await stack.up()).toEqual(change.steps);
    expect(azure.site.publications - published).toBe(change.publications ?? 0);
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

  test("keeps to the policies, and a preview under them names what does not", async () => {
    await stack.previewUnderPolicies();
    const [setting, broken] = ["allowSharedKeyAccess: false", "allowSharedKeyAccess: true"];
    azure.copy.replace("components/storage.ts", setting, broken);
    await expect(stack.previewUnderPolicies()).rejects.toThrow(/no-shared-keys/);
    azure.copy.replace("components/storage.ts", broken, setting);
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

function find(azure: Subscription, type: string, displayName: string): StoredResource {
  const found = azure.cloud.state.list(type).find(({ inputs }) => String(inputs["displayName"]).endsWith(displayName));
  if (!found) throw new Error(`There is no ${type} "${displayName}".`);
  return found;
}
