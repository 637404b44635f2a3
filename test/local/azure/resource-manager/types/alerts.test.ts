import { describe, expect, test } from "vitest";
import { location, refusal, resourceGroupName, subscription } from "../subscription.ts";

const scheduled = {
  resourceGroupName,
  workspaceName: "log-one",
  ruleId: "5f0c3b7e-e2a1-5b6c-9d13-a4c8f2b6e071",
  kind: "Scheduled",
  displayName: "Doors stay open",
  severity: "Medium",
  enabled: true,
  query: "Doors",
  queryFrequency: "PT1H",
  queryPeriod: "P2D",
  suppressionEnabled: false,
  suppressionDuration: "PT5H",
  triggerOperator: "GreaterThan",
  triggerThreshold: 0,
};

describe("a scheduled rule of Sentinel", () => {
  const onboarded = async () => {
    const azure = await subscription("group", "workspace");
    await azure.create("savedSearch", {
      resourceGroupName,
      workspaceName: "log-one",
      savedSearchId: "doors",
      category: "Doors",
      displayName: "Doors",
      functionAlias: "Doors",
      query: "datatable (Door: string) []",
    });
    await azure.create("onboarding", {
      resourceGroupName,
      workspaceName: "log-one",
      sentinelOnboardingStateName: "default",
    });
    return azure;
  };

  test("is taken by a workspace with Sentinel, and by no other", async () => {
    const { create } = await onboarded();
    expect((await create("alertRule", scheduled)).id).toMatch(
      /\/providers\/Microsoft.SecurityInsights\/alertRules\/5f0c/,
    );
    const plain = await subscription("group", "workspace");
    await expect(plain.create("alertRule", scheduled)).rejects.toEqual(refusal(400, "BadRequest", "not onboarded"));
  });

  test("is refused as long as its query means nothing in the workspace", async () => {
    const { create } = await onboarded();
    // criblio/Cribl-Microsoft#56
    await expect(create("alertRule", { ...scheduled, query: "Windows_CL | count" })).rejects.toEqual(
      refusal(400, "BadRequest", "Failed to run the analytics rule query. One of the tables does not exist."),
    );
  });

  test.each([
    // Microsoft Sentinel docs, "Scheduled analytics rules"
    ["a query of more than 10,000 characters", { query: "x".repeat(10_001) }, "10,000 characters"],
    ["a query over everything", { query: "union * | count" }, "union *"],
    ["a period beyond 14 days", { queryPeriod: "P15D" }, "14 days"],
    ["a period shorter than its frequency", { queryPeriod: "PT30M" }, "must not be shorter"],
    ["a period of two days every five minutes", { queryFrequency: "PT5M" }, "at least an hour"],
    ["a suppression of a week", { suppressionDuration: "P7D" }, "24 hours"],
    ["another severity", { severity: "Critical" }, "High, Medium, Low, Informational"],
    // hashicorp/terraform-provider-azurerm#28801
    ["a sub-technique among the techniques", { techniques: ["T1562.001"] }, "T####"],
    // REST reference, Alert Rules: AttackTactic
    ["a tactic of ATT&CK 19", { tactics: ["DefenseImpairment"] }, "DefenseEvasion"],
    // Microsoft Sentinel docs, "Map data fields to entities"
    [
      "an entity of four identifiers",
      { entityMappings: [{ entityType: "Host", fieldMappings: [{}, {}, {}, {}] }] },
      "1 to 3 identifiers",
    ],
    // Azure-Sentinel wiki, query style guide
    [
      "four columns in an alert's name",
      { alertDetailsOverride: { alertDisplayNameFormat: "{{A}} {{B}} {{C}} {{D}}" } },
      "at most three columns",
    ],
  ])("%s is refused", async (_, inputs, message) => {
    const { create } = await onboarded();
    await expect(create("alertRule", { ...scheduled, ...inputs })).rejects.toThrow(message);
  });
});

const group = {
  resourceGroupName,
  actionGroupName: "ag-one",
  groupShortName: "one",
  enabled: true,
  emailReceivers: [{ name: "soc", emailAddress: "soc@example.org" }],
};

test.each([
  // Azure Monitor docs, "Create and manage action groups"
  ["a short name of 13 characters", { groupShortName: "thirteenchars" }, "1 to 12 characters"],
  ["two receivers of one name", { emailReceivers: [...group.emailReceivers, ...group.emailReceivers] }, "same name"],
  ["a receiver without an address", { emailReceivers: [{ name: "soc", emailAddress: "soc" }] }, "an email address"],
])("an action group with %s is refused", async (_, inputs, message) => {
  const { create } = await subscription("group");
  await expect(create("actionGroup", { ...group, ...inputs })).rejects.toThrow(message);
});

const criterion = {
  name: "above",
  criterionType: "StaticThresholdCriterion",
  metricNamespace: "Microsoft.Storage/storageAccounts/queueServices",
  metricName: "QueueMessageCount",
  timeAggregation: "Average",
  operator: "GreaterThan",
  threshold: 5,
};
const criteria = (changes: object) => ({
  odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
  allOf: [{ ...criterion, ...changes }],
});
const metric = {
  resourceGroupName,
  ruleName: "queue",
  location: "Global",
  severity: 2,
  enabled: true,
  scopes: [
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stone/queueServices/default",
  ],
  windowSize: "PT1H",
  evaluationFrequency: "PT1H",
  criteria: criteria({}),
};

test("alerts call a group that is there", async () => {
  const { create } = await subscription("group");
  const { id } = await create("actionGroup", group);
  await create("metricAlert", { ...metric, actions: [{ actionGroupId: id }] });
  await expect(
    create("metricAlert", { ...metric, ruleName: "other", actions: [{ actionGroupId: `${id}-two` }] }),
  ).rejects.toEqual(refusal(400, "BadRequest", "ag-one-two' was not found"));
});

test.each([
  // Azure Monitor docs, supported metrics by resource type
  ["a metric that does not exist", { criteria: criteria({ metricName: "MessageAge" }) }, "no metric 'MessageAge'"],
  ["an aggregation that the metric lacks", { criteria: criteria({ timeAggregation: "Total" }) }, "allowed are Average"],
  ["a window shorter than the metric's grain", { windowSize: "PT15M", evaluationFrequency: "PT5M" }, "at least PT1H"],
  // Azure Monitor docs, "Create or edit a metric alert rule"
  ["a window of two hours", { windowSize: "PT2H" }, "allowed are"],
  ["a frequency longer than its window", { windowSize: "PT30M" }, "must not be shorter"],
  ["severity 5", { severity: 5 }, "allowed are 0, 1, 2, 3, 4"],
])("a metric alert with %s is refused", async (_, inputs, message) => {
  const { create } = await subscription("group");
  await expect(create("metricAlert", { ...metric, ...inputs })).rejects.toThrow(message);
});

describe("an alert on a query", () => {
  const rule = (scope: string) => ({
    resourceGroupName,
    location,
    ruleName: "executions",
    severity: 1,
    scopes: [scope],
    windowSize: "PT15M",
    evaluationFrequency: "PT5M",
    criteria: {
      allOf: [{ query: "AppRequests | count", operator: "LessThan", threshold: 1, timeAggregation: "Total" }],
    },
  });

  test("looks at a workspace that is there, and goes on looking at it", async () => {
    const { create, update, known } = await subscription("group", "workspace");
    const made = await create("queryRule", rule(known.workspace.id));
    await update("queryRule", made, { ...made.inputs, severity: 2 });
    // pulumi-azure-native issue 4839
    await expect(update("queryRule", made, { ...made.inputs, scopes: [known.group.id] })).rejects.toEqual(
      refusal(400, "BadRequest", "cannot be changed"),
    );
    await expect(create("queryRule", { ...rule(`${known.workspace.id}-two`), ruleName: "other" })).rejects.toEqual(
      refusal(404, "ResourceNotFound", "log-one-two"),
    );
  });

  test("does not look at less than it steps", async () => {
    const { create, known } = await subscription("group", "workspace");
    // Azure Monitor docs, "Create or edit a log search alert rule"
    await expect(create("queryRule", { ...rule(known.workspace.id), evaluationFrequency: "PT1H" })).rejects.toThrow(
      "must not be shorter",
    );
  });
});
