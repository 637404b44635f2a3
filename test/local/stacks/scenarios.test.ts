import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../../kql/catalog.ts";
import { type LocalAzure, startLocalAzure } from "../../../local/azure/local-azure.ts";
import { createAzureProvider } from "../../../local/azure/resource-manager/azure-provider.ts";
import { deployStack } from "../../../local/commands/deploy-stack.ts";
import { projectName } from "../../../local/commands/stack-config.ts";
import { onlyContent } from "../../fixtures/content.ts";
import { createHub } from "../../stacks/scenarios/hub.ts";
import { type Scenario, scenarioSettings, scenarios } from "../../stacks/scenarios/scenarios.ts";

let azure: LocalAzure;
beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual" });
  await createHub(azure.cloud);
});
afterAll(() => azure.close());

const project = projectName();

/**
 * What `pulumi up` would do with the scenario's settings, and what a test changes about them. All rules, queries and workbooks are deployed
 * by `defaults`; in the others a few stand for them, since they take more time than all the rest.
 */
async function deploy(scenario: Scenario, change: Record<string, unknown> = {}) {
  const settings = { ...scenarioSettings(scenario, azure.cloud.subscriptionId, "token"), ...change };
  if (scenario !== "defaults") settings["content"] = few(settings["content"]);
  const config = Object.entries(settings).map(([key, value]) => [
    `${project}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const values = Object.fromEntries(config) as Record<string, string>;
  return deployStack(azure, scenario, { values, secretKeys: [`${project}:connections`] });
}

/** One of each kind, and the rule that heeds which tables are of plan Basic. */
const kept = ["valence-alert", "health-rows-not-stored", "sentinelone-console-access", "health-connector"];

/** What the scenario itself says about rules stays. */
function few(chosen: unknown) {
  const { rules, ...others } = onlyContent(...kept);
  return { ...others, rules: { ...rules, ...(chosen as { rules?: object } | undefined)?.rules } };
}

// Azure Verified Modules do the same: whatever a second deployment changes is a default or an order that Azure answers otherwise.
test.each(scenarios)("%s is deployed, and a second time nothing is left to do", async (scenario) => {
  const first = await deploy(scenario);
  expect(first.changes).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
  const second = await deploy(scenario);
  expect(second.changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  expect(second.changes.same).toBe(first.changes.create);
});

/** What the app of a scenario says while its timer runs once. */
async function logOfTimer(scenario: Scenario): Promise<string> {
  const app = azure.cloud.deployed.sites().find(({ name }) => name.includes(scenario));
  const lines: string[] = [];
  const stop = azure.functions.onLog(({ message }) => lines.push(message));
  await azure.functions.runTimer(app?.name ?? "", "schedule").catch(() => {});
  stop();
  return lines.join("\n");
}

test.each([
  ["blob", /cannot reach its storage/],
  ["queue", /403/],
  ["table", /403/],
])("in a private network the worker is cut off without the endpoint of %s", async (service, cutOff) => {
  const { state } = azure.cloud;
  const endpoint = state.list("azure-native:network:PrivateEndpoint").find(({ id }) => id.endsWith(`-${service}`));
  if (!endpoint) throw new Error(`There is no private endpoint ${service}.`);
  expect(await logOfTimer("hardened")).not.toMatch(cutOff);
  state.delete(endpoint.id);
  expect(await logOfTimer("hardened")).toMatch(cutOff);
  state.set(endpoint);
});

// Azure Resource Manager docs, lock-resources: a lock holds for what is deleted to be made again, too.
test("locks keep the data, and stop no change that a stack makes", async () => {
  const settings = scenarioSettings("everything", azure.cloud.subscriptionId, "token");
  const connections = (settings["connections"] as { name: string }[]).filter(({ name }) => name !== "saas");
  const changed = await deploy("everything", { functions: {}, connections, retentionDays: 365 });
  // Saved searches are deleted and made again, a connection's secret and role go.
  expect(changed.changes.replace).toBeGreaterThan(0);
  expect(changed.changes.delete).toBeGreaterThan(0);

  const provider = createAzureProvider(azure.cloud);
  const [account] = azure.cloud.state
    .list("azure-native:storage:StorageAccount")
    .filter(({ id }) => id.includes("rg-s1v-everything"));
  if (!account) throw new Error("The scenario has no storage account.");
  const deletion = () => provider.delete(account.type, account);
  await expect(async () => deletion()).rejects.toThrow(/cannot perform delete operation/);

  const unlocked = await deploy("everything", { functions: {}, connections, retentionDays: 365, resourceLocks: false });
  // The storage account's, and one for each table.
  expect(unlocked.changes.delete).toBe(1 + readCatalog().length);
  await expect(deletion()).resolves.toBeUndefined();
});
