import { randomUUID } from "node:crypto";
import { defineType, echo } from "../define-type.ts";
import { idInGroup, nameOf } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { type Failure, failIf, mustBeOneOf } from "../rules.ts";
import { workspacePath } from "./operationalinsights.ts";
import { refuseWithoutSentinel } from "./securityinsights.ts";

type Criterion = { type: string; value?: readonly string[] };
type Step = {
  title?: string;
  instructions?: readonly { type: string; parameters: unknown }[];
  innerSteps?: readonly Step[];
};

type ConnectorUiConfig = {
  title: string;
  publisher: string;
  descriptionMarkdown: string;
  graphQueries: readonly { metricName: string; legend: string; baseQuery: string }[];
  dataTypes: readonly { name: string; lastDataReceivedQuery: string }[];
  connectivityCriteria: readonly Criterion[];
  availability?: { status?: number };
  permissions: { resourceProvider?: readonly { provider: string; scope: string }[] };
  instructionSteps: readonly Step[];
};

type ConnectorDefinitionInputs = {
  resourceGroupName: string;
  workspaceName: string;
  dataConnectorDefinitionName: string;
  kind: string;
  connectorUiConfig: ConnectorUiConfig;
};

export const connectorDefinition = defineType<ConnectorDefinitionInputs>({
  type: "azure-native:securityinsights:CustomizableConnectorDefinition",
  replaceOn: ["resourceGroupName", "workspaceName", "dataConnectorDefinitionName"],
  autoname: { property: "dataConnectorDefinitionName", as: "random" },
  id: ({ resourceGroupName, workspaceName, dataConnectorDefinitionName }, cloud) =>
    idInGroup(
      cloud,
      resourceGroupName,
      `${workspacePath(workspaceName)}/providers/Microsoft.SecurityInsights/dataConnectorDefinitions/${dataConnectorDefinitionName}`,
    ),
  check: ({ kind, connectorUiConfig }) => [
    ...mustBeOneOf("kind", kind, ["Customizable"]),
    ...(connectorUiConfig ? pageRules(connectorUiConfig) : []),
  ],
  put(id, inputs, cloud) {
    refuseWithoutSentinel(inputs, cloud);
    // The same reference: "Only the update operation requires the etag value", and azure-native sends none.
    if (cloud.state.get(id)) {
      throw new AzureError(409, "Conflict", `The definition ${nameOf(id)} already exists, and no etag was given.`);
    }
    const now = new Date().toISOString();
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "dataConnectorDefinitionName"]),
      createdTimeUtc: now,
      lastModifiedUtc: now,
      etag: `"${randomUUID()}"`,
    });
  },
});

/** Microsoft Sentinel docs, "Data connector definitions reference for the Codeless Connector Framework". */
function pageRules(page: ConnectorUiConfig): Failure[] {
  return [
    ...failIf(!page.title, "connectorUiConfig.title", "a title is required"),
    ...failIf(!page.publisher, "connectorUiConfig.publisher", "a publisher is required"),
    ...failIf(!page.descriptionMarkdown, "connectorUiConfig.descriptionMarkdown", "a description is required"),
    ...failIf(page.graphQueries.length === 0, "connectorUiConfig.graphQueries", "at least one query is required"),
    ...failIf(page.dataTypes.length === 0, "connectorUiConfig.dataTypes", "at least one table is required"),
    ...failIf(
      page.instructionSteps.length === 0,
      "connectorUiConfig.instructionSteps",
      "at least one step is required",
    ),
    ...mustBeOneOf("connectorUiConfig.availability.status", page.availability?.status, [0, 1, 2, 3]),
    ...page.connectivityCriteria.flatMap(criterionRules),
    ...(page.permissions.resourceProvider ?? []).flatMap(({ provider, scope }) => [
      ...mustBeOneOf("connectorUiConfig.permissions.resourceProvider.provider", provider, providers),
      ...mustBeOneOf("connectorUiConfig.permissions.resourceProvider.scope", scope, scopes),
    ]),
    ...page.instructionSteps.flatMap(stepRules),
  ];
}

function criterionRules({ type, value = [] }: Criterion): Failure[] {
  return [
    ...mustBeOneOf("connectorUiConfig.connectivityCriteria.type", type, ["IsConnectedQuery", "HasDataConnectors"]),
    ...failIf(
      type === "IsConnectedQuery" && value.length === 0,
      "connectorUiConfig.connectivityCriteria.value",
      "IsConnectedQuery needs a query",
    ),
  ];
}

function stepRules({ instructions = [], innerSteps = [] }: Step): Failure[] {
  return [
    ...instructions.flatMap(({ type }) => mustBeOneOf("connectorUiConfig.instructionSteps.type", type, controls)),
    ...innerSteps.flatMap(stepRules),
  ];
}

const scopes = ["Subscription", "ResourceGroup", "Workspace"];

const providers = [
  "Microsoft.OperationalInsights/workspaces",
  "Microsoft.OperationalInsights/solutions",
  "Microsoft.OperationalInsights/workspaces/datasources",
  "Microsoft.OperationalInsights/workspaces/sharedKeys",
  "Microsoft.Authorization/policyAssignments",
  "microsoft.aadiam/diagnosticSettings",
];

const controls = [
  "OAuthForm",
  "Textbox",
  "Dropdown",
  "Markdown",
  "CopyableLabel",
  "InfoMessage",
  "ConnectionToggleButton",
  "InstructionStepsGroup",
  "InstallAgent",
  "ContextPane",
  "DataConnectorsGrid",
];
