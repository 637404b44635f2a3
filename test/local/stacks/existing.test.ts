import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCatalog, type Stream } from "../../../kql/catalog.ts";
import { type LocalAzure, startLocalAzure } from "../../../local/azure/local-azure.ts";
import { createAzureProvider } from "../../../local/azure/resource-manager/azure-provider.ts";
import type { Properties } from "../../../local/azure/resource-manager/provider.ts";
import { deployStack } from "../../../local/commands/deploy-stack.ts";
import { onlyContent } from "../../fixtures/content.ts";

const project = "sentinelone-valence-connector";
const emea = { name: "emea", vendor: "sentinelone", url: "https://emea.sentinelone.example", apiToken: "t" };
const threats = readCatalog().find(({ id }) => id === "sentinelone-threats") as Stream;

const theirSubscription = "7e11ab1e-0000-4000-8000-000000000001";

let azure: LocalAzure;
beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual" });
});
afterAll(() => azure.close());

const tokens = {
  group: "azure-native:resources:ResourceGroup",
  workspace: "azure-native:operationalinsights:Workspace",
  table: "azure-native:operationalinsights:Table",
  savedSearch: "azure-native:operationalinsights:SavedSearch",
  onboarding: "azure-native:securityinsights:SentinelOnboardingState",
} as const;

/** What others than Pulumi do, with whatever tool; the workspace lies in a subscription of theirs. */
function others(resourceGroupName: string) {
  const provider = createAzureProvider(azure.cloud, { subscriptionId: theirSubscription });
  const create = (kind: keyof typeof tokens, inputs: Properties) =>
    provider.create(tokens[kind], { resourceGroupName, workspaceName: "log-soc", location: "northeurope", ...inputs });
  const change = async (id: string, inputs: Properties) => {
    const known = azure.cloud.state.get(id);
    if (!known) throw new Error(`There is no ${id}.`);
    const merged = { ...known.inputs, ...inputs };
    await provider.update(known.type, { id, inputs: { ...known.inputs }, outputs: { ...known.outputs } }, merged);
  };
  return { create, change };
}

/** A workspace of somebody's, with Sentinel on it. */
async function workspaceOf(resourceGroupName: string) {
  const { create, change } = others(resourceGroupName);
  await create("group", {});
  const { id } = await create("workspace", { retentionInDays: 30 });
  await create("onboarding", { sentinelOnboardingStateName: "default" });
  return { id, create, change };
}

const schema = (...columns: readonly [string, string][]) => ({
  schema: { name: threats.table, columns: columns.map(([name, type]) => ({ name, type })) },
});

/** One of each kind is enough to see where they are put. */
const content = onlyContent("health-stream-silent", "sentinelone-console-access", "health-connector");

/** What `pulumi up` would do: `<kind> <resource>` for all that is not as it was. */
async function deploy(stack: string, settings: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const touched: string[] = [];
  const config = {
    location: "northeurope",
    protectData: "false",
    connections: [emea],
    content,
    ...settings,
  };
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      `${project}:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  await deployStack(
    azure,
    stack,
    { values, secretKeys: [`${project}:connections`] },
    {
      onProgress({ kind, name }) {
        if (kind !== "same") touched.push(`${kind} ${name}`);
      },
    },
  );
  return touched.sort();
}

const columnsOf = (tableId: string) => {
  const schema = azure.cloud.state.get(tableId)?.outputs["schema"] as { columns: { name: string }[] } | undefined;
  return schema?.columns.map(({ name }) => name);
};

describe("in somebody's workspace", () => {
  let workspace: Awaited<ReturnType<typeof workspaceOf>>;
  const ours = { functions: { SentinelOne: "skip" } };
  const tableId = () => `${workspace.id}/tables/${threats.table}`;

  beforeAll(async () => {
    workspace = await workspaceOf("rg-soc");
    await workspace.create("table", {
      tableName: threats.table,
      ...schema(["TimeGenerated", "dateTime"], ["Watcher", "string"], ["Id", "string"]),
    });
    await workspace.create("savedSearch", {
      savedSearchId: "parser-of-the-solution",
      category: "Parsers of a solution",
      displayName: "Everything of one console",
      functionAlias: "SentinelOne",
      query: threats.table,
    });
  });

  test("an alias that is taken stops everything, and names whose it is", async () => {
    const deployed = deploy("dev", { workspaceId: workspace.id });
    await expect(deployed).rejects.toThrow(
      `"SentinelOne" already: saved search "Everything of one console" (category "Parsers of a solution"), ${workspace.id}/savedSearches/parser-of-the-solution.`,
    );
    await expect(deployed).rejects.toThrow("pulumi config set --path 'functions.SentinelOne' skip");
    expect(azure.cloud.state.registrations.list("urn:pulumi:dev::")).toEqual([]);
  });

  test("a table is taken over in one go: none replaced, no column lost, and then nothing is left to do", async () => {
    const touched = await deploy("dev", { workspaceId: workspace.id, ...ours });
    expect(touched.filter((line) => line.includes("threats-table"))).toEqual([
      "import connector-streams-sentinelone-threats-table",
      "update connector-streams-sentinelone-threats-table",
    ]);
    expect(touched.filter((line) => /^(replace|delete) /.test(line))).toEqual([]);
    expect(touched).not.toContain("create connector-workspace-log");
    const left = azure.cloud.state.registrations.list("urn:pulumi:dev::");
    const theirs = left.filter(({ id }) => id.includes(theirSubscription)).map(({ type }) => type.split(":").at(-1));
    expect(new Set(theirs)).toEqual(
      new Set(["Table", "SavedSearch", "ScheduledAlertRule", "Workbook", "CustomizableConnectorDefinition"]),
    );
    expect(columnsOf(tableId())).toEqual([...threats.columns.map(({ name }) => name), "Watcher"]);
    expect(await deploy("dev", { workspaceId: workspace.id, ...ours })).toEqual([]);
  });

  test("a column that somebody takes away is back with the next run, and that is noted", async () => {
    await workspace.change(tableId(), schema(["TimeGenerated", "dateTime"], ["Id", "string"], ["Mood", "string"]));
    const mended = ["replace connector-ownership", "update connector-streams-sentinelone-threats-table"];
    expect(await deploy("dev", { workspaceId: workspace.id, ...ours })).toEqual(mended);
    expect(columnsOf(tableId())).toEqual([...threats.columns.map(({ name }) => name), "Mood"]);
    expect(await deploy("dev", { workspaceId: workspace.id, ...ours })).toEqual([]);
  });
});

test("a stack that was destroyed finds its data again", async () => {
  const settings = { protectData: "true" };
  await deploy("kept", settings);
  // As is documented: what is protected is unprotected first. It stays all the same.
  const { registrations } = azure.cloud.state;
  for (const registration of registrations.list("urn:pulumi:kept::"))
    registrations.set({ ...registration, protect: false });
  const entry = join(import.meta.dirname, "..", "azure", "evaluator", "programs", "nothing.ts");
  await azure.evaluate({ entry, project, stack: "kept", config: {}, secretKeys: [] });
  expect(registrations.list("urn:pulumi:kept::")).toEqual([]);

  const imported = (await deploy("kept", settings)).filter((line) => line.startsWith("import "));
  expect(imported.filter((line) => !line.endsWith("-table"))).toEqual([
    "import connector-rg",
    "import connector-workspace-log",
    "import connector-workspace-sentinel",
  ]);
  expect(imported.filter((line) => line.endsWith("-table"))).toHaveLength(readCatalog().length);
});
