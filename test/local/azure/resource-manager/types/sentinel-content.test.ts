import { describe, expect, test } from "vitest";
import { location, refusal, resourceGroupName, subscription } from "../subscription.ts";

const workbook = {
  resourceGroupName,
  location,
  resourceName: "5f0c3b7e-e2a1-5b6c-9d13-a4c8f2b6e071",
  kind: "shared",
  category: "sentinel",
  displayName: "Doors",
  serializedData: '{"version":"Notebook/1.0","items":[]}',
  sourceId: "/subscriptions/S/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log-one",
};

describe("a workbook", () => {
  test("is revised by every write, and gives its source back in lower case", async () => {
    const { create, update } = await subscription("group");
    const created = await create("workbook", workbook);
    expect(created.outputs).toMatchObject({
      sourceId: workbook.sourceId.toLowerCase(),
      revision: "1".padStart(32, "0"),
    });
    const updated = await update("workbook", created, workbook);
    expect(updated.outputs).toMatchObject({ revision: "2".padStart(32, "0") });
  });

  test.each([
    // REST reference, Workbooks - Create Or Update
    ["a name that is no UUID", { resourceName: "doors" }, "a UUID"],
    ["another kind", { kind: "user" }, "allowed are shared"],
    ["data that is no JSON", { serializedData: "{" }, "is not valid JSON"],
    ["data of another schema", { serializedData: '{"version":"Dashboard/1.0","items":[]}' }, "Notebook/1.0"],
    ["no title", { displayName: "" }, "a display name is required"],
  ])("%s is refused", async (_, inputs, message) => {
    const { create } = await subscription("group");
    await expect(create("workbook", { ...workbook, ...inputs })).rejects.toThrow(message);
  });

  test("has a title of its own in its resource group", async () => {
    const { create } = await subscription("group");
    await create("workbook", workbook);
    const twin = { ...workbook, resourceName: "6f0c3b7e-e2a1-5b6c-9d13-a4c8f2b6e071" };
    // microsoft/ApplicationInsights-Home#476
    await expect(create("workbook", twin)).rejects.toEqual(refusal(409, "Conflict", "same name already exists"));
    await expect(create("workbook", { ...twin, displayName: "Windows" })).resolves.toBeDefined();
  });
});

const page = {
  title: "Doors",
  publisher: "us",
  descriptionMarkdown: "Doors that stay open.",
  graphQueries: [{ metricName: "Rows", legend: "Doors_CL", baseQuery: "Doors_CL" }],
  dataTypes: [{ name: "Doors_CL", lastDataReceivedQuery: "Doors_CL | summarize Time = max(TimeGenerated)" }],
  connectivityCriteria: [{ type: "IsConnectedQuery", value: ["Doors_CL | summarize IsConnected = count() > 0"] }],
  permissions: { resourceProvider: [{ provider: "Microsoft.OperationalInsights/workspaces", scope: "Workspace" }] },
  instructionSteps: [{ title: "Open a door", instructions: [{ type: "Markdown", parameters: { content: "So." } }] }],
};
const definition = {
  resourceGroupName,
  workspaceName: "log-one",
  dataConnectorDefinitionName: "doors",
  kind: "Customizable",
  connectorUiConfig: page,
};

describe("a connector's page", () => {
  const onboarded = async () => {
    const azure = await subscription("group", "workspace");
    const state = { resourceGroupName, workspaceName: "log-one", sentinelOnboardingStateName: "default" };
    await azure.create("onboarding", state);
    return azure;
  };

  test("is taken by a workspace with Sentinel, and by no other", async () => {
    const { create } = await onboarded();
    expect((await create("connectorPage", definition)).id).toMatch(
      /SecurityInsights\/dataConnectorDefinitions\/doors$/,
    );
    const plain = await subscription("group", "workspace");
    await expect(plain.create("connectorPage", definition)).rejects.toEqual(
      refusal(400, "BadRequest", "not onboarded"),
    );
  });

  test("is not updated without an etag, which azure-native never sends", async () => {
    const { create, update } = await onboarded();
    const known = await create("connectorPage", definition);
    await expect(update("connectorPage", known, definition)).rejects.toEqual(refusal(409, "Conflict", "no etag"));
  });

  test.each([
    // Microsoft Sentinel docs, "Data connector definitions reference"
    ["no title", { title: "" }, "a title is required"],
    ["no table", { dataTypes: [] }, "at least one table"],
    ["a criterion without query", { connectivityCriteria: [{ type: "IsConnectedQuery" }] }, "needs a query"],
    ["an unknown criterion", { connectivityCriteria: [{ type: "SentinelKinds" }] }, "allowed are IsConnectedQuery"],
    ["an unknown control", { instructionSteps: [{ instructions: [{ type: "Lever" }] }] }, "CopyableLabel"],
    [
      "an unknown scope",
      {
        permissions: { resourceProvider: [{ provider: "Microsoft.OperationalInsights/workspaces", scope: "Planet" }] },
      },
      "Subscription, ResourceGroup, Workspace",
    ],
  ])("%s is refused", async (_, changes, message) => {
    const { create } = await onboarded();
    const wrong = { ...definition, connectorUiConfig: { ...page, ...changes } };
    await expect(create("connectorPage", wrong)).rejects.toThrow(message);
  });
});
