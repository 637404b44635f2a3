import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { type Failure, failIf, locationRules, mustBeOneOf, mustMatch } from "../rules.ts";

type EmailReceiver = { name: string; emailAddress: string };
type ActionGroupInputs = {
  resourceGroupName: string;
  actionGroupName: string;
  groupShortName: string;
  emailReceivers?: EmailReceiver[];
};

export const actionGroup = defineType<ActionGroupInputs>({
  type: "azure-native:monitor:ActionGroup",
  replaceOn: ["resourceGroupName", "actionGroupName"],
  autoname: { property: "actionGroupName", as: "random" },
  id: ({ resourceGroupName, actionGroupName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/actionGroups/${actionGroupName}`),
  check: ({ groupShortName, emailReceivers }) => [
    // Azure Monitor docs, "Create and manage action groups": the display name has 12 characters at most
    ...mustMatch("groupShortName", groupShortName, /^.{1,12}$/, "1 to 12 characters"),
    // REST reference, Action Groups: names must be unique across all receivers within an action group
    ...failIf(
      new Set(emailReceivers?.map(({ name }) => name)).size < (emailReceivers?.length ?? 0),
      "emailReceivers",
      "two receivers have the same name",
    ),
    ...(emailReceivers ?? []).flatMap(({ emailAddress }) =>
      mustMatch("emailReceivers", emailAddress, /^[^@\s]+@[^@\s]+\.[^@\s]+$/, "an email address"),
    ),
  ],
  put: (id, inputs) => Promise.resolve(echo(id, inputs, ["resourceGroupName", "actionGroupName"])),
});

type MetricAlertInputs = {
  resourceGroupName: string;
  ruleName: string;
  severity: number;
  scopes: string[];
  windowSize: string;
  evaluationFrequency: string;
  criteria: { odataType: string; allOf?: { metricName: string; metricNamespace?: string; timeAggregation: string }[] };
  actions?: { actionGroupId?: string }[];
};

/** Metrics by namespace, with their aggregations and finest grain. Source: Azure Monitor docs, supported metrics by resource type. */
const metrics: Readonly<Record<string, Readonly<Record<string, { aggregations: readonly string[]; hourly?: true }>>>> =
  {
    "microsoft.insights/datacollectionrules": {
      RowsDropped_Count: { aggregations: ["Total", "Average", "Minimum", "Maximum"] },
      RowsReceived_Count: { aggregations: ["Total", "Average", "Minimum", "Maximum"] },
      TransformationErrors_Count: { aggregations: ["Count"] },
    },
    "microsoft.storage/storageaccounts/queueservices": {
      QueueMessageCount: { aggregations: ["Average"], hourly: true },
    },
  };

export const metricAlert = defineType<MetricAlertInputs>({
  type: "azure-native:monitor:MetricAlert",
  replaceOn: ["resourceGroupName", "ruleName"],
  autoname: { property: "ruleName", as: "random" },
  id: ({ resourceGroupName, ruleName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/metricAlerts/${ruleName}`),
  check: ({ severity, windowSize, evaluationFrequency, criteria }) => [
    ...mustBeOneOf("severity", severity, [0, 1, 2, 3, 4]),
    // Azure Monitor docs, "Create or edit a metric alert rule": check every, and lookback period
    ...mustBeOneOf("evaluationFrequency", evaluationFrequency, ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H"]),
    ...mustBeOneOf("windowSize", windowSize, ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"]),
    ...failIf(
      minutes(evaluationFrequency) > minutes(windowSize),
      "windowSize",
      "must not be shorter than evaluationFrequency",
    ),
    ...(criteria?.allOf ?? []).flatMap((criterion) => metricRules(criterion, windowSize)),
  ],
  put(id, inputs, cloud) {
    requireGroups(inputs.actions?.map(({ actionGroupId }) => actionGroupId) ?? [], cloud);
    return Promise.resolve(echo(id, inputs, ["resourceGroupName", "ruleName"]));
  },
});

function metricRules(
  { metricName, metricNamespace = "", timeAggregation }: NonNullable<MetricAlertInputs["criteria"]["allOf"]>[number],
  windowSize: string | undefined,
): Failure[] {
  const known = metrics[metricNamespace.toLowerCase()]?.[metricName];
  if (!known) return failIf(true, "criteria", `${metricNamespace} has no metric '${metricName}'`);
  return [
    ...mustBeOneOf("criteria.timeAggregation", timeAggregation, known.aggregations),
    ...failIf(
      known.hourly === true && minutes(windowSize) < 60,
      "windowSize",
      `'${metricName}' is measured once an hour: at least PT1H`,
    ),
  ];
}

type QueryRuleInputs = {
  resourceGroupName: string;
  ruleName: string;
  location: string;
  severity?: number;
  scopes: string[];
  windowSize?: string;
  evaluationFrequency?: string;
  criteria?: { allOf?: { query?: string; threshold?: number; operator?: string; timeAggregation?: string }[] };
  actions?: { actionGroups?: string[] };
};

export const scheduledQueryRule = defineType<QueryRuleInputs>({
  type: "azure-native:monitor:ScheduledQueryRule",
  replaceOn: ["resourceGroupName", "ruleName", "location"],
  autoname: { property: "ruleName", as: "random" },
  id: ({ resourceGroupName, ruleName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/scheduledQueryRules/${ruleName}`),
  check: ({ location, severity, windowSize, evaluationFrequency, scopes }) => [
    ...locationRules(location),
    ...mustBeOneOf("severity", severity, [0, 1, 2, 3, 4]),
    // Azure Monitor docs, "Create or edit a log search alert rule": aggregation granularity and frequency of evaluation
    ...failIf(minutes(evaluationFrequency) > 1440, "evaluationFrequency", "at most a day"),
    ...failIf(minutes(windowSize) > 2880, "windowSize", "at most two days"),
    ...failIf(
      minutes(evaluationFrequency) > minutes(windowSize),
      "windowSize",
      "must not be shorter than evaluationFrequency",
    ),
    ...failIf(scopes?.length === 0, "scopes", "a scope is required"),
  ],
  put(id, inputs, cloud) {
    for (const scope of inputs.scopes) {
      if (!cloud.state.get(scope)) throw new AzureError(404, "ResourceNotFound", `The scope '${scope}' was not found.`);
    }
    const before = cloud.state.get(id)?.inputs["scopes"];
    // pulumi-azure-native issue 4839
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(inputs.scopes)) {
      throw new AzureError(400, "BadRequest", "The scopes of a scheduled query rule cannot be changed.");
    }
    requireGroups(inputs.actions?.actionGroups ?? [], cloud);
    return Promise.resolve(echo(id, inputs, ["resourceGroupName", "ruleName"]));
  },
});

function requireGroups(ids: readonly (string | undefined)[], cloud: LocalCloud): void {
  for (const id of ids) {
    if (id !== undefined && cloud.state.get(id)) continue;
    throw new AzureError(400, "BadRequest", `The action group '${id ?? ""}' was not found.`);
  }
}

/** Length of an ISO 8601 duration of days, hours and minutes; NaN where it is none, which is neither longer nor shorter. */
export function minutes(duration: string | undefined): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration ?? "");
  if (!match) return Number.NaN;
  const [days = 0, hours = 0, rest = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return days * 1440 + hours * 60 + rest;
}
