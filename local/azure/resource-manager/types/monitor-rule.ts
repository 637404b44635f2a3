import { randomBytes } from "node:crypto";
import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, madeOnce, outputsBefore, stored } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { type Failure, failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

type Flow = { streams?: string[]; destinations?: string[]; transformKql?: string; outputStream?: string };
type Workspaces = { name: string; workspaceResourceId: string }[];

export type RuleInputs = {
  resourceGroupName: string;
  dataCollectionRuleName: string;
  location: string;
  dataCollectionEndpointId?: string;
  streamDeclarations?: Record<string, { columns: { name: string; type: string }[] }>;
  destinations?: { logAnalytics?: Workspaces };
  dataFlows?: Flow[];
};

/** Azure Monitor docs, data-collection-rule-structure: types of a stream's columns. There is no guid, and datetime is written small. */
const streamTypes = ["string", "int", "long", "real", "boolean", "dynamic", "datetime"];

/** Microsoft's data collection rule schema, dcr-schema.md: names that a declared column cannot have. */
const reservedColumns = ["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"].map((name) =>
  name.toLowerCase(),
);

export const dataCollectionRule = defineType<RuleInputs>({
  type: "azure-native:monitor:DataCollectionRule",
  replaceOn: ["resourceGroupName", "dataCollectionRuleName", "location", "kind"],
  autoname: { property: "dataCollectionRuleName", as: "random" },
  id: ({ resourceGroupName, dataCollectionRuleName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/dataCollectionRules/${dataCollectionRuleName}`),
  check: (inputs) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Insights
    ...mustMatch(
      "dataCollectionRuleName",
      inputs.dataCollectionRuleName,
      /^[a-z0-9][\w.-]{0,259}$/i,
      "1 to 260 letters, digits, hyphens, underscores and periods",
    ),
    ...locationRules(inputs.location),
    ...limitRules(inputs),
    ...Object.entries(inputs.streamDeclarations ?? {}).flatMap(([stream, { columns }]) => streamRules(stream, columns)),
    ...(inputs.dataFlows ?? []).flatMap((flow, index) => flowRules(flow, index, inputs)),
  ],
  put(id, inputs, cloud) {
    requireEndpoint(inputs, cloud);
    const workspaces = requireWorkspaces(inputs, cloud);
    requireTables(inputs.dataFlows ?? [], workspaces, cloud);
    const before = outputsBefore(id, cloud);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "dataCollectionRuleName"]),
      location: normalLocation(inputs.location),
      immutableId: madeOnce(before, "immutableId", () => `dcr-${randomBytes(16).toString("hex")}`),
      destinations: {
        ...inputs.destinations,
        logAnalytics: workspaces.map(({ name, workspaceResourceId, customerId }) => ({
          name,
          workspaceResourceId,
          workspaceId: customerId,
        })),
      },
      provisioningState: "Succeeded",
    });
  },
});

/** Azure Monitor docs, azure-monitor-limits-data-collection-rules. */
function limitRules(inputs: Partial<RuleInputs>): Failure[] {
  const atMost = (property: string, count: number, most: number) =>
    failIf(count > most, property, `${count} are too many: at most ${most}`);
  return [
    ...atMost("dataFlows", inputs.dataFlows?.length ?? 0, 10),
    ...atMost("streamDeclarations", Object.keys(inputs.streamDeclarations ?? {}).length, 10),
    ...atMost("destinations.logAnalytics", inputs.destinations?.logAnalytics?.length ?? 0, 10),
  ];
}

function streamRules(stream: string, columns: readonly { name: string; type: string }[]): Failure[] {
  const path = `streamDeclarations.${stream}`;
  return [
    ...mustMatch(path, stream, /^Custom-\w[\w.-]*$/, "the name of a declared stream begins with Custom-"),
    ...failIf(columns.length > 1000, `${path}.columns`, `${columns.length} columns: at most 1,000`),
    ...columns.flatMap(({ name, type }, index) => [
      ...mustMatch(
        `${path}.columns[${index}].name`,
        name,
        /^[a-z]\w{0,59}$/i,
        "1 to 60 letters, digits and underscores, beginning with a letter",
      ),
      ...failIf(
        reservedColumns.includes(name.toLowerCase()),
        `${path}.columns[${index}].name`,
        `'${name}' is reserved`,
      ),
      ...mustBeOneOf(`${path}.columns[${index}].type`, type, streamTypes),
    ]),
  ];
}

function flowRules(flow: Flow, index: number, { streamDeclarations, destinations }: Partial<RuleInputs>): Failure[] {
  const path = `dataFlows[${index}]`;
  const declared = Object.keys(streamDeclarations ?? {});
  const workspaces = (destinations?.logAnalytics ?? []).map(({ name }) => name);
  return [
    ...failIf(!flow.streams?.length, `${path}.streams`, "a flow needs a stream"),
    ...(flow.streams ?? [])
      .filter((stream) => stream.startsWith("Custom-"))
      .flatMap((stream) => failIf(!declared.includes(stream), `${path}.streams`, `'${stream}' is not declared`)),
    ...(flow.destinations ?? []).flatMap((name) => mustBeOneOf(`${path}.destinations`, name, workspaces)),
    // Azure Monitor docs, azure-monitor-limits-data-collection-rules
    ...failIf(
      (flow.transformKql?.length ?? 0) > 15_360,
      `${path}.transformKql`,
      `${flow.transformKql?.length} characters: at most 15,360`,
    ),
    // Microsoft's data collection rule limits, limits.md
    ...failIf(
      flow.transformKql !== undefined && (flow.streams?.length ?? 0) > 1,
      `${path}.streams`,
      "a flow with a transform takes one stream",
    ),
    ...mustMatch(
      `${path}.outputStream`,
      flow.outputStream,
      /^(Custom-\w+_CL|Microsoft-\w+)$/,
      "an output stream is Custom-<table>_CL or Microsoft-<table>",
    ),
  ];
}

function requireEndpoint({ dataCollectionEndpointId, location }: RuleInputs, cloud: LocalCloud) {
  if (dataCollectionEndpointId === undefined) return;
  const endpoint = cloud.state.get(dataCollectionEndpointId);
  if (!endpoint) {
    throw new AzureError(
      400,
      "InvalidPayload",
      `Data collection rule is invalid: data collection endpoint '${dataCollectionEndpointId}' does not exist.`,
    );
  }
  // Azure Monitor docs, logs-ingestion-api-overview: rule, endpoint and workspace are in one region
  requireRegion("endpoint", endpoint.outputs["location"], location);
}

function requireWorkspaces({ destinations, location }: RuleInputs, cloud: LocalCloud) {
  return (destinations?.logAnalytics ?? []).map(({ name, workspaceResourceId }) => {
    const workspace = stored(workspaceResourceId, cloud);
    if (!workspace) {
      throw new AzureError(
        400,
        "InvalidPayload",
        `Data collection rule is invalid: workspace '${workspaceResourceId}' of destination '${name}' does not exist.`,
      );
    }
    requireRegion("workspace", workspace.outputs["location"], location);
    return { name, workspaceResourceId, customerId: String(workspace.outputs["customerId"]) };
  });
}

function requireRegion(what: string, actual: unknown, location: string) {
  if (actual === normalLocation(location)) return;
  throw new AzureError(
    400,
    "InvalidPayload",
    `Data collection rule is invalid: it is in ${normalLocation(location)}, its ${what} in ${String(actual)}; both have to be in one region.`,
  );
}

/** Azure-Sentinel issue 12145: the table of an output stream has to exist first. */
function requireTables(
  flows: readonly Flow[],
  workspaces: readonly { name: string; workspaceResourceId: ResourceId }[],
  cloud: LocalCloud,
) {
  for (const { streams, outputStream, destinations } of flows) {
    const table = /^Custom-(\w+_CL)$/.exec(outputStream ?? streams?.[0] ?? "")?.[1];
    if (table === undefined) continue;
    for (const { workspaceResourceId } of workspaces.filter(({ name }) => destinations?.includes(name))) {
      if (cloud.state.get(`${workspaceResourceId}/tables/${table}`)) continue;
      throw new AzureError(
        400,
        "InvalidPayload",
        `Data collection rule is invalid: InvalidOutputTable: Table for output stream 'Custom-${table}' is not available for destination '${workspaceResourceId}'.`,
      );
    }
  }
}
