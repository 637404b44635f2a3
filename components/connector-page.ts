import { CustomizableConnectorDefinition } from "@pulumi/azure-native/securityinsights/customizableConnectorDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { type ConnectorPage, readConnectorPage } from "../kql/catalog-pages.ts";
import type { WorkerConnection } from "./app-settings.ts";
import type { Content } from "./content.ts";
import type { Pusher } from "./push.ts";
import type { Streams } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface ConnectorPagesArgs {
  readonly workspace: Workspace;
  /** Whose pages are shown. */
  readonly connections: readonly WorkerConnection[];
  readonly pushers: readonly Pusher[];
  readonly catalog: readonly Stream[];
  /** Shown on each page. */
  readonly version: string;
  /** Owners of what the pages' queries read. */
  readonly streams: Streams;
  readonly content: Content;
}

/** The vendors' pages among Microsoft Sentinel's data connectors: whether data arrives, how much, and what to do. */
export class ConnectorPages extends pulumi.ComponentResource {
  constructor(name: string, args: ConnectorPagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:ConnectorPages", name, {}, opts);
    const vendors = args.connections.map(({ vendor }) => vendor);
    if (args.pushers.length > 0) vendors.push("valence");
    for (const vendor of new Set(vendors)) this.createPage(name, readConnectorPage(vendor), args);
    this.registerOutputs({});
  }

  private createPage(name: string, page: ConnectorPage, args: ConnectorPagesArgs): void {
    const { workspace, catalog, version, streams, content } = args;
    const definition = `sentinelone-valence-connector-${page.vendor}`;
    const tables = catalog.filter(({ vendor, enabledByDefault }) => vendor === page.vendor && enabledByDefault);
    new CustomizableConnectorDefinition(
      `${name}-${page.vendor}`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        dataConnectorDefinitionName: definition,
        kind: "Customizable",
        connectorUiConfig: {
          id: definition,
          title: page.title,
          publisher: "sentinelone-valence-connector",
          descriptionMarkdown: `${page.description}\n\nVersion ${version}.`,
          // Sentinel counts the rows of a base query over time.
          graphQueries: tables.map(({ name, table }) => ({
            metricName: `Rows of ${name}`,
            legend: table,
            baseQuery: table,
          })),
          // An old event that arrives now is data received now.
          dataTypes: tables.map(({ table }) => ({
            name: table,
            lastDataReceivedQuery: `${table}\n| summarize Time = max(ingestion_time())\n| where isnotempty(Time)`,
          })),
          connectivityCriteria: [{ type: "IsConnectedQuery", value: [page.connected] }],
          availability: { status: 1, isPreview: false },
          permissions: {
            resourceProvider: [
              {
                provider: "Microsoft.OperationalInsights/workspaces",
                providerDisplayName: "Workspace",
                permissionsDisplayText: "Read and write permissions on the workspace.",
                scope: "Workspace",
                requiredPermissions: { read: true, write: true, delete: true },
              },
            ],
            customs: page.permissions.map((permission) => ({ ...permission })),
          },
          instructionSteps: page.steps.map((step, index) => ({
            title: `${index + 1}. ${step.title}`,
            description: step.text,
            ...(step.asks && { instructions: page.questions.map(ask) }),
          })),
        },
      },
      {
        parent: this,
        dependsOn: [...workspace.ready, ...streams.tables.values(), ...content.functions],
        // Azure takes an update only with an etag, and azure-native sends none.
        replaceOnChanges: ["*"],
        deleteBeforeReplace: true,
      },
    );
  }
}

/** A query to copy. The page's own list of sample queries is not in azure-native's type. */
const ask = ({ question, query }: ConnectorPage["questions"][number]) => ({
  type: "CopyableLabel",
  parameters: { label: question, value: query, rows: query.split("\n").length, wideLabel: true },
});
