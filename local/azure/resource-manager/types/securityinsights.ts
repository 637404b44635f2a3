import { KqlError } from "../../../kql/schema.ts";
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
  tactics?: readonly string[];
  techniques?: readonly string[];
  customDetails?: Readonly<Record<string, string>>;
  entityMappings?: readonly { readonly fieldMappings: readonly unknown[] }[];
  alertDetailsOverride?: { alertDisplayNameFormat?: string; alertDescriptionFormat?: string };
};

/** REST reference, Alert Rules: `AttackTactic` (2024-09-01). ATT&CK has more. */
const tactics = [
  "Reconnaissance",
  "ResourceDevelopment",
  "InitialAccess",
  "Execution",
  "Persistence",
  "PrivilegeEscalation",
  "DefenseEvasion",
  "CredentialAccess",
  "Discovery",
  "LateralMovement",
  "Collection",
  "Exfiltration",
  "CommandAndControl",
  "Impact",
  "PreAttack",
  "ImpairProcessControl",
  "InhibitResponseFunction",
];

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
    // hashicorp/terraform-provider-azurerm#28801: sub-techniques have a property of their own
    ...(inputs.techniques ?? []).flatMap((technique) => mustMatch("techniques", technique, /^T\d{4}$/, "T####")),
    ...(inputs.tactics ?? []).flatMap((tactic) => mustBeOneOf("tactics", tactic, tactics)),
    // Microsoft Sentinel docs, "Surface custom details in alerts" and "Map data fields to entities"
    ...failIf(Object.keys(inputs.customDetails ?? {}).length > 20, "customDetails", "at most 20"),
    ...(inputs.entityMappings ?? []).flatMap(({ fieldMappings }) =>
      failIf(fieldMappings.length < 1 || fieldMappings.length > 3, "entityMappings", "1 to 3 identifiers an entity"),
    ),
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
  async put(id, inputs, cloud) {
    refuseWithoutSentinel(inputs, cloud);
    await runOnce(cloud, inputs);
    return {
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "ruleId"]),
      lastModifiedUtc: new Date().toISOString(),
    };
  },
});

/** Sentinel runs the query before it takes the rule; criblio/Cribl-Microsoft#56 has its words about a table that is not there. */
async function runOnce(cloud: LocalCloud, { resourceGroupName, workspaceName, query }: AlertRuleInputs): Promise<void> {
  const workspace = cloud.deployed.workspaceById(idInGroup(cloud, resourceGroupName, workspacePath(workspaceName)));
  if (!workspace) throw new AzureError(404, "ResourceNotFound", `The workspace '${workspaceName}' was not found.`);
  try {
    await cloud.workspaces.bindQuery(workspace, query);
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    const isTable =
      /does not refer to any known (?:\w+, )*table/.test(error.reason) || /\bknown table\b/.test(error.reason);
    const sentence = isTable ? "One of the tables does not exist. " : "";
    throw new AzureError(400, "BadRequest", `Failed to run the analytics rule query. ${sentence}${error.message}`);
  }
}

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
