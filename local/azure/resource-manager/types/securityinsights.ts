import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { type Failure, failIf, mustBeOneOf, mustMatch } from "../rules.ts";
import { minutes } from "./monitor-alerts.ts";
import { workspacePath } from "./operationalinsights.ts";

type OnboardingInputs = { resourceGroupName: string; workspaceName: string; sentinelOnboardingStateName: string };

export const sentinelOnboardingState = defineType<OnboardingInputs>({
  type: "azure-native:securityinsights:SentinelOnboardingState",
  replaceOn: ["resourceGroupName", "workspaceName", "sentinelOnboardingStateName"],
  autoname: { property: "sentinelOnboardingStateName", as: "copy" },
  id: ({ resourceGroupName, workspaceName, sentinelOnboardingStateName }, cloud) =>
    idInGroup(
      cloud,
      resourceGroupName,
      `${workspacePath(workspaceName)}/providers/Microsoft.SecurityInsights/onboardingStates/${sentinelOnboardingStateName}`,
    ),
  // REST reference, Sentinel Onboarding States: supports - default
  check: ({ sentinelOnboardingStateName }) =>
    mustBeOneOf("sentinelOnboardingStateName", sentinelOnboardingStateName, ["default"]),
  put: (id, inputs) =>
    Promise.resolve({
      customerManagedKey: false,
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "sentinelOnboardingStateName"]),
    }),
});

/** What belongs to Sentinel is refused by a workspace that has none. */
export function refuseWithoutSentinel(
  { resourceGroupName, workspaceName }: Pick<OnboardingInputs, "resourceGroupName" | "workspaceName">,
  cloud: LocalCloud,
): void {
  const state = `${workspacePath(workspaceName)}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
  if (cloud.state.get(idInGroup(cloud, resourceGroupName, state))) return;
  throw new AzureError(400, "BadRequest", `The workspace '${workspaceName}' is not onboarded to Microsoft Sentinel.`);
}

type AlertRuleInputs = {
  resourceGroupName: string;
  workspaceName: string;
  ruleId: string;
  kind: string;
  displayName: string;
  severity: string;
  query: string;
  queryFrequency: string;
  queryPeriod: string;
  suppressionDuration: string;
  triggerThreshold: number;
  alertDetailsOverride?: { alertDisplayNameFormat?: string; alertDescriptionFormat?: string };
};

export const scheduledAlertRule = defineType<AlertRuleInputs>({
  type: "azure-native:securityinsights:ScheduledAlertRule",
  replaceOn: ["resourceGroupName", "workspaceName", "ruleId"],
  autoname: { property: "ruleId", as: "uuid" },
  id: ({ resourceGroupName, workspaceName, ruleId }, cloud) =>
    idInGroup(
      cloud,
      resourceGroupName,
      `${workspacePath(workspaceName)}/providers/Microsoft.SecurityInsights/alertRules/${ruleId}`,
    ),
  check: (inputs) => [
    ...mustBeOneOf("kind", inputs.kind, ["Scheduled"]),
    ...mustBeOneOf("severity", inputs.severity, ["High", "Medium", "Low", "Informational"]),
    ...failIf(inputs.displayName === "", "displayName", "a display name is required"),
    // Microsoft Sentinel docs, "Scheduled analytics rules": the query has 1 to 10,000 characters and no `search *` or `union *`
    ...mustMatch("query", inputs.query, /^[^]{1,10000}$/, "1 to 10,000 characters"),
    ...failIf(/\b(search|union)\s+\*/.test(inputs.query ?? ""), "query", "must not contain 'search *' or 'union *'"),
    ...scheduleRules(inputs),
    ...failIf(
      (inputs.triggerThreshold ?? 0) < 0 || (inputs.triggerThreshold ?? 0) > 10_000,
      "triggerThreshold",
      "0 to 10,000",
    ),
    // Azure-Sentinel wiki, query style guide: alertDetailsOverride takes three columns in the name, three in the description
    ...Object.entries(inputs.alertDetailsOverride ?? {}).flatMap(([name, format]) =>
      failIf(
        typeof format === "string" && (format.match(/\{\{\w+\}\}/g)?.length ?? 0) > 3,
        `alertDetailsOverride.${name}`,
        "at most three columns",
      ),
    ),
  ],
  put(id, inputs, cloud) {
    refuseWithoutSentinel(inputs, cloud);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "ruleId"]),
      lastModifiedUtc: new Date().toISOString(),
    });
  },
});

/** Microsoft Sentinel docs, "Scheduled analytics rules": 5 minutes to 14 days; a period of two days or more at most every hour. */
function scheduleRules({ queryFrequency, queryPeriod, suppressionDuration }: Partial<AlertRuleInputs>): Failure[] {
  const outside = (duration: string | undefined) => minutes(duration) < 5 || minutes(duration) > 14 * 1440;
  return [
    ...failIf(outside(queryFrequency), "queryFrequency", "5 minutes to 14 days"),
    ...failIf(outside(queryPeriod), "queryPeriod", "5 minutes to 14 days"),
    ...failIf(minutes(queryPeriod) < minutes(queryFrequency), "queryPeriod", "must not be shorter than queryFrequency"),
    ...failIf(
      minutes(queryPeriod) >= 2880 && minutes(queryFrequency) < 60,
      "queryFrequency",
      "at least an hour, as the period is two days or more",
    ),
    ...failIf(
      minutes(suppressionDuration) < 5 || minutes(suppressionDuration) > 1440,
      "suppressionDuration",
      "5 minutes to 24 hours",
    ),
  ];
}
