import { expect, test } from "vitest";
import { refusal, resourceGroupName, subscription, valid } from "../subscription.ts";

// Azure Monitor docs, data-retention-configure
test.each([7, 29, 731])("a workspace cannot keep rows for %i days", async (retentionInDays) => {
  const { create } = await subscription("group");
  await expect(create("workspace", { ...valid.workspace, retentionInDays })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", "30 to 730 days"),
  );
});

// Azure Monitor docs, delete-workspace
test("a deleted workspace comes back under its name, as the workspace that it was", async () => {
  const { cloud, create, remove, known } = await subscription("group", "workspace");
  const customerId = known.workspace.outputs["customerId"] as string;
  await remove("workspace", known.workspace);
  expect(cloud.deployed.workspace(customerId)).toBeUndefined();
  await create("workspace", valid.workspace);
  expect(cloud.deployed.workspace(customerId)?.id).toBe(known.workspace.id);
});

// Azure Monitor docs, daily-cap
test.each([0, 0.01, -2])("a workspace cannot have a daily cap of %d GB", async (dailyQuotaGb) => {
  const { create } = await subscription("group");
  await expect(create("workspace", { ...valid.workspace, workspaceCapping: { dailyQuotaGb } })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", "at least 0.023 GB"),
  );
});

// Azure Monitor docs, logs-table-plans
test("a table changes its plan once a week, and has thirty days in plan Basic", async () => {
  const { create, update } = await subscription("group");
  await create("workspace", { ...valid.workspace, retentionInDays: 90 });
  const table = await create("table", { ...valid.table, totalRetentionInDays: 365 });
  const basic = await update("table", table, { ...table.inputs, plan: "Basic" });
  expect(basic.outputs).toMatchObject({ plan: "Basic", retentionInDays: 30, archiveRetentionInDays: 335 });
  await expect(update("table", basic, { ...table.inputs, plan: "Analytics" })).rejects.toEqual(
    refusal(400, "InvalidParameter", "once a week"),
  );
});

// Naming rules and restrictions for Azure resources, Microsoft.OperationalInsights
test.each(["log", "-logs", "my_logs"])("'%s' is no name of a workspace", async (workspaceName) => {
  const { create } = await subscription("group");
  await expect(create("workspace", { ...valid.workspace, workspaceName })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", `'${workspaceName}'`),
  );
});

test("a workspace in a region that does not exist is refused", async () => {
  const { create } = await subscription("group");
  await expect(create("workspace", { ...valid.workspace, location: "mars" })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", "'mars' is not a region"),
  );
});

test("a table is made in its workspace, with the workspace's retention", async () => {
  const { cloud, known } = await subscription("group", "workspace", "table");
  expect(cloud.calls).toEqual([
    `ensureWorkspaceTable ${known.workspace.id} {"name":"Doors_CL","columns":[{"name":"TimeGenerated","type":"dateTime"},{"name":"Door","type":"string"}]}`,
  ]);
  expect(known.table.outputs).toMatchObject({
    plan: "Analytics",
    retentionInDays: 30,
    retentionInDaysAsDefault: true,
    totalRetentionInDays: 30,
    archiveRetentionInDays: 0,
  });
});

const time = { name: "TimeGenerated", type: "dateTime" };
const withColumns = (...columns: object[]) => ({ schema: { name: "Doors_CL", columns: [time, ...columns] } });

// Azure Monitor docs, create-custom-table; azure-native-shapes: ColumnTypeEnum
test.each([
  ["a name without _CL", { tableName: "Doors", schema: undefined }, "ends with _CL"],
  [
    "another name in its schema",
    { schema: { name: "Windows_CL", columns: [time] } },
    "'Windows_CL' is not the table's name",
  ],
  ["a column of type datetime", withColumns({ name: "Opened", type: "datetime" }), "'datetime' is not valid"],
  ["a column of type bool", withColumns({ name: "Open", type: "bool" }), "'bool' is not valid"],
  ["a column of one letter", withColumns({ name: "D", type: "string" }), "'D' is not valid"],
  ["a column of 46 letters", withColumns({ name: "D".repeat(46), type: "string" }), "2 to 45"],
  ["a column that begins with a digit", withColumns({ name: "1st", type: "string" }), "'1st' is not valid"],
  ["a column that is reserved", withColumns({ name: "TenantId", type: "string" }), "'TenantId' is reserved"],
  [
    "a column twice",
    withColumns({ name: "Door", type: "string" }, { name: "Door", type: "int" }),
    "'Door' is there twice",
  ],
  ["no TimeGenerated", { schema: { name: "Doors_CL", columns: [{ name: "Door", type: "string" }] } }, "TimeGenerated"],
  [
    "more than 500 columns",
    withColumns(...Array.from({ length: 500 }, (_, index) => ({ name: `Door${index}`, type: "string" }))),
    "501 columns: at most 500",
  ],
  // Azure Monitor docs, data-retention-configure
  ["3 days of retention", { retentionInDays: 3 }, "4 to 730 days"],
  ["800 days of total retention", { totalRetentionInDays: 800 }, "4 to 730 days, or one of 1095"],
  ["a total retention below its retention", { retentionInDays: 90, totalRetentionInDays: 60 }, "less than"],
  ["90 days on the plan Basic", { plan: "Basic", retentionInDays: 90 }, "plan Basic has 30 days"],
  ["a plan that does not exist", { plan: "Premium" }, "'Premium' is not valid"],
])("a table with %s is refused", async (_, inputs, message) => {
  const { cloud, create } = await subscription("group", "workspace");
  await expect(create("table", { ...valid.table, ...inputs })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", message),
  );
  expect(cloud.calls).toEqual([]);
});

test.each([1095, 4383, 730, -1])("a total retention of %i days is taken", async (totalRetentionInDays) => {
  const { create } = await subscription("group", "workspace");
  await create("table", { ...valid.table, totalRetentionInDays });
});

// Azure Monitor docs, create-custom-table
test("a column does not change its type", async () => {
  const { update, known } = await subscription("group", "workspace", "table");
  const inputs = { ...valid.table, ...withColumns({ name: "Door", type: "int" }) };
  await expect(update("table", known.table, inputs)).rejects.toEqual(
    refusal(400, "InvalidParameter", "Column Door of table Doors_CL is of type string and cannot become int"),
  );
});

test("a deleted table is deleted from its workspace", async () => {
  const { cloud, remove, known } = await subscription("group", "workspace", "table");
  await remove("table", known.table);
  expect(cloud.calls.at(-1)).toBe(`deleteWorkspaceTable ${known.workspace.id} Doors_CL`);
});

// azure-docs issue 49275: without etag a saved search is not overwritten, and azure-native sends none
test("a saved search cannot be updated in place", async () => {
  const { update, known } = await subscription("group", "workspace", "savedSearch");
  await expect(
    update("savedSearch", known.savedSearch, { ...valid.savedSearch, query: "Doors_CL | take 1" }),
  ).rejects.toEqual(refusal(409, "Conflict", "no etag"));
});

test.each([
  ["an alias with a hyphen", { functionAlias: "doors-latest" }, "'doors-latest'"],
  ["no query", { query: " " }, "a query is required"],
  ["no category", { category: "" }, "a category is required"],
])("a saved search with %s is refused", async (_, inputs, message) => {
  const { create } = await subscription("group", "workspace");
  await expect(create("savedSearch", { ...valid.savedSearch, ...inputs })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", message),
  );
});

// REST reference, Sentinel Onboarding States
test("a workspace is onboarded to Sentinel once, under the name default", async () => {
  const { create } = await subscription("group", "workspace");
  const inputs = { resourceGroupName, workspaceName: "log-one", sentinelOnboardingStateName: "default" };
  await expect(create("onboarding", { ...inputs, sentinelOnboardingStateName: "sentinel" })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", "allowed are default"),
  );
  await create("onboarding", inputs);
  await expect(create("onboarding", inputs)).rejects.toEqual(refusal(409, "ResourceAlreadyExists", "onboardingStates"));
});
