import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { typeOf } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { type Failure, failIf } from "../rules.ts";

type Setting = { category?: string; categoryGroup?: string; enabled: boolean; retentionPolicy?: unknown };
type DiagnosticSettingInputs = {
  resourceUri: string;
  name: string;
  logs?: Setting[];
  metrics?: Setting[];
  workspaceId?: string;
  storageAccountId?: string;
  eventHubAuthorizationRuleId?: string;
};

/** Log categories by Azure type. Source: Azure Monitor docs, supported resource log categories. */
const categories: Readonly<Record<string, readonly string[]>> = {
  "microsoft.insights/datacollectionrules": ["LogErrors"],
  "microsoft.keyvault/vaults": ["AuditEvent", "AzurePolicyEvaluationDetails"],
  "microsoft.operationalinsights/workspaces": ["Audit", "SummaryLogs", "Jobs"],
  "microsoft.storage/storageaccounts": [],
  "microsoft.storage/storageaccounts/blobservices": ["StorageRead", "StorageWrite", "StorageDelete"],
  "microsoft.storage/storageaccounts/queueservices": ["StorageRead", "StorageWrite", "StorageDelete"],
  "microsoft.storage/storageaccounts/tableservices": ["StorageRead", "StorageWrite", "StorageDelete"],
  "microsoft.web/sites": ["FunctionAppLogs", "AppServiceAuthenticationLogs"],
  "microsoft.web/serverfarms": [],
};

export const diagnosticSetting = defineType<DiagnosticSettingInputs>({
  type: "azure-native:monitor:DiagnosticSetting",
  replaceOn: ["resourceUri", "name"],
  autoname: { property: "name", as: "copy" },
  id: ({ resourceUri, name }) => `${resourceUri}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
  check: (inputs) => [
    ...destinationRules(inputs),
    ...["logs" as const, "metrics" as const].flatMap((kind) =>
      (inputs[kind] ?? []).flatMap((setting, index) =>
        // azurerm issue 23051
        failIf(
          setting.retentionPolicy !== undefined,
          `${kind}[${index}].retentionPolicy`,
          "new diagnostic settings have no retention of their own: leave it out",
        ),
      ),
    ),
  ],
  put(id, inputs, cloud) {
    requireCategories(inputs);
    requireWorkspace(inputs, cloud);
    return Promise.resolve(echo(id, inputs, ["resourceUri"]));
  },
});

function destinationRules(inputs: Partial<DiagnosticSettingInputs>): Failure[] {
  const destinations = [inputs.workspaceId, inputs.storageAccountId, inputs.eventHubAuthorizationRuleId];
  return [
    ...failIf(
      destinations.every((destination) => destination === undefined),
      "workspaceId",
      "at least one destination is required",
    ),
    ...failIf(
      !inputs.logs?.length && !inputs.metrics?.length,
      "logs",
      "at least one category of logs or metrics is required",
    ),
  ];
}

function requireCategories({ resourceUri, logs }: DiagnosticSettingInputs) {
  const type = typeOf(resourceUri);
  const supported = categories[type.toLowerCase()];
  if (!supported) {
    throw new AzureError(
      400,
      "ResourceTypeNotSupported",
      `The resource type '${type}' does not support diagnostic settings.`,
    );
  }
  for (const { category, categoryGroup } of logs ?? []) {
    const given = category ?? categoryGroup ?? "";
    const known = category === undefined ? ["allLogs", "audit"] : supported;
    if (supported.length > 0 && known.includes(given)) continue;
    throw new AzureError(400, "BadRequest", `Category '${given}' is not supported by resources of type '${type}'.`);
  }
}

function requireWorkspace({ workspaceId }: DiagnosticSettingInputs, cloud: LocalCloud) {
  if (workspaceId === undefined || cloud.state.get(workspaceId)) return;
  throw new AzureError(404, "ResourceNotFound", `The workspace '${workspaceId}' was not found.`);
}
