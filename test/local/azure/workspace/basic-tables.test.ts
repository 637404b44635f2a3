import { LogsQueryClient } from "@azure/monitor-query-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeployedWorkspace } from "../../../../local/azure/cloud.ts";
import { createWorkspacePlane } from "../../../../local/azure/workspace/bind-query.ts";
import { queryWorkspace } from "../../../../local/azure/workspace/query.ts";
import { createQueryPlane } from "../../../../local/azure/workspace/query-plane.ts";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { WorkspaceQueries } from "../../../../stacks/operator/workspace-queries.ts";
import { TestClock } from "../../../function-code/support/test-clock.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { credentialOf, httpClientOf } from "../plane-client.ts";

const plans = {
  Cheap_CL: "Basic",
  Cheaper_CL: "Auxiliary",
  Doors_CL: "Analytics",
  Rooms_CL: "Analytics",
  Floors_CL: "Analytics",
  Houses_CL: "Analytics",
  Streets_CL: "Analytics",
  Towns_CL: "Analytics",
};
const columns = [
  { name: "TimeGenerated", type: "dateTime" },
  { name: "Door", type: "string" },
];
const workspace: DeployedWorkspace = {
  id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/log",
  customerId: "3f5c3f0e-0d62-4b0c-8a53-6c2f5e7c9b11",
  tables: Object.entries(plans).map(([name, plan]) => ({ id: name, name, plan, columns })),
  functions: [
    { id: "f1", alias: "CheapLatest", parameters: "", query: "Cheap_CL | take 1" },
    { id: "f2", alias: "Through", parameters: "", query: "CheapLatest" },
    { id: "f3", alias: "DoorsLatest", parameters: "", query: "Doors_CL | take 1" },
  ],
};
let store: WorkspaceStore;
beforeAll(async () => {
  store = await WorkspaceStore.open();
  for (const table of workspace.tables) await store.ensureTable(workspace.id, table);
});
afterAll(() => store.close());

const ask = (query: string) => queryWorkspace(store, workspace, query);
const single = "The query should contain a single Basic or Auxiliary Logs table.";

// Azure Monitor docs, basic-logs-query; the words about several tables: Azure-Sentinel issue 12172
describe("a query of a table of plan Basic", () => {
  test.each([
    ["another such table", "union Cheap_CL, Cheaper_CL", single],
    ["a star that means another such table", "Doors_CL | union withsource=From Chea*", single],
    [
      "more than five other tables",
      `union ${Object.keys(plans)
        .filter((name) => name !== "Cheaper_CL")
        .join(", ")}`,
      single,
    ],
    ["join", "Doors_CL | join kind=inner Cheap_CL on Door", "The operator 'join' is not supported"],
    ["a function over it", "CheapLatest", "User-defined functions are not supported"],
    [
      "a function over another table",
      "Cheap_CL | lookup (DoorsLatest) on Door",
      "User-defined functions are not supported",
    ],
  ])("is refused with %s", async (_, query, reason) => {
    await expect(ask(query)).rejects.toThrow(reason);
  });

  test.each([
    "Cheap_CL | summarize count() by Door",
    "Cheap_CL | lookup Doors_CL on Door",
    "union Cheap_CL, Doors_CL",
    "union Doors*",
  ])("is answered: %s", async (query) => {
    await expect(ask(query)).resolves.toBeDefined();
  });

  test("leaves others as they are", async () => {
    await expect(
      ask("Doors_CL | join kind=inner Rooms_CL on Door | union DoorsLatest // Cheap_CL"),
    ).resolves.toBeDefined();
  });
});

// Azure Monitor docs, logs-table-plans
test.each([
  ["Cheap_CL | take 1", "'Cheap_CL' is of plan Basic"],
  ["Doors_CL | union Through", "'Cheap_CL', which the function 'Through' reads, is of plan Basic"],
])("no rule reads it: %s", async (query, reason) => {
  const plane = createWorkspacePlane(store, () => Promise.resolve());
  await expect(plane.bindQuery(workspace, query)).rejects.toThrow(reason);
  await expect(plane.bindQuery(workspace, "DoorsLatest")).resolves.toBeUndefined();
});

describe("the query API", () => {
  const cloud = new DeployedCloud();
  cloud.workspaces.push(workspace);
  const credential = credentialOf(
    cloud.authority,
    cloud.principal([{ role: "73c42c96-874c-492b-b04d-ab87d138a893", scope: workspace.id }]),
  );
  const transport = () => ({ httpClient: httpClientOf(createQueryPlane(cloud, cloud.authority, store)) });
  const always = { startTime: new Date(0), endTime: new Date() };

  // azure-sdk-for-go issue 24606
  test("has another address for it", async () => {
    const client = new LogsQueryClient(credential, transport());
    await expect(client.queryWorkspace(workspace.customerId, "Cheap_CL", always)).rejects.toMatchObject({
      statusCode: 400,
      details: { error: { code: "BadArgumentError", innererror: { code: "UnsupportedApiQueryValidationError" } } },
    });
  });

  test("which the operator's questions find by themselves", async () => {
    const retries = { clock: new TestClock(), random: () => 0.5 };
    const queries = new WorkspaceQueries(workspace.customerId, "public", credential, retries, transport());
    expect(await queries.rows("Cheap_CL | count")).toEqual([{ Count: 0 }]);
    expect(await queries.rows("Doors_CL | count")).toEqual([{ Count: 0 }]);
    await expect(queries.rows("CheapLatest")).rejects.toThrow("The workspace refuses the question (BadArgumentError)");
  });
});
