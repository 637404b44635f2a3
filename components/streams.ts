import { DataCollectionEndpoint } from "@pulumi/azure-native/monitor/dataCollectionEndpoint.js";
import { DataCollectionRule } from "@pulumi/azure-native/monitor/dataCollectionRule.js";
import { Table } from "@pulumi/azure-native/operationalinsights/table.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { streamColumnType, tableColumnType } from "./column-types.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import { adopting, type Existing } from "./existing.ts";
import { azureName } from "./naming.ts";
import type { Workspace } from "./workspace.ts";

export interface StreamsArgs {
  readonly scope: ConnectorScope;
  readonly streams: readonly Stream[];
  /** Workspace that receives the rows. */
  readonly workspace: Workspace;
  /** Days the rows stay queryable. */
  readonly retentionDays: number;
  /** Days the rows are kept, archived after those. */
  readonly totalRetentionDays: number;
  /** Ids of streams whose tables have the plan Basic. */
  readonly basicStreams: readonly string[];
  readonly existing: Existing;
}

/** One data collection rule, as the worker and its role assignments address it. */
export interface IngestionRule {
  /** `<vendor>-<rule>`. */
  readonly key: string;
  readonly resourceId: pulumi.Output<string>;
  readonly immutableId: pulumi.Output<string>;
}

/** The way of rows into the workspace: the endpoint they are sent to, the rules that transform them, the tables they end in. */
export class Streams extends pulumi.ComponentResource {
  /** Address of the Logs Ingestion API. */
  readonly endpoint: pulumi.Output<string>;
  /** Resource id of what answers there. */
  readonly endpointId: pulumi.Output<string>;
  readonly rules: readonly IngestionRule[];
  /** Tables by stream id. */
  readonly tables: ReadonlyMap<string, Table>;

  constructor(name: string, args: StreamsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Streams", name, {}, opts);
    const endpoint = this.createEndpoint(name, args);
    const own = args.existing.isGuest ? [] : args.streams;
    this.tables = new Map(own.map((stream) => [stream.id, this.createTable(name, stream, args)]));
    this.rules = [...groupByRule(args.streams)].map(([key, streams]) =>
      this.createRule(name, key, streams, endpoint, args),
    );
    this.endpointId = endpoint.id;
    this.endpoint = endpoint.logsIngestion.apply((api) => api?.endpoint ?? "");
    this.registerOutputs({ endpoint: this.endpoint });
  }

  private createEndpoint(name: string, { scope, workspace }: StreamsArgs): DataCollectionEndpoint {
    return new DataCollectionEndpoint(
      `${name}-dce`,
      {
        ...scope.place,
        location: workspace.location,
        dataCollectionEndpointName: azureName("dataCollectionEndpoint", scope.stack),
        networkAcls: { publicNetworkAccess: scope.network ? "Disabled" : "Enabled" },
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  private createTable(
    name: string,
    stream: Stream,
    { scope, workspace, retentionDays, totalRetentionDays, basicStreams, existing }: StreamsArgs,
  ): Table {
    const { otherColumns, mended } = existing.tables[stream.table] ?? { otherColumns: [], mended: 0 };
    const isBasic = basicStreams.includes(stream.id);
    return new Table(
      `${name}-${stream.id}-table`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        tableName: stream.table,
        plan: isBasic ? "Basic" : "Analytics",
        // Azure fixes it at thirty days in a table of plan Basic.
        ...(!isBasic && { retentionInDays: retentionDays }),
        totalRetentionInDays: totalRetentionDays,
        schema: {
          name: stream.table,
          // What the engine knows has not changed when somebody else took columns away: without another text it would send nothing.
          description: mended > 0 ? `${stream.description} (Mended ${mended} times.)` : stream.description,
          columns: [
            ...stream.columns.map(({ name: column, type, description }) => ({
              name: column,
              type: tableColumnType(type),
              description,
            })),
            ...otherColumns,
          ],
        },
      },
      {
        parent: this,
        dependsOn: [...workspace.ready],
        ...scope.keep,
        ...workspace.inside,
        ...adopting(existing.adopted.tables[stream.table]),
      },
    );
  }

  private createRule(
    name: string,
    key: string,
    streams: readonly Stream[],
    endpoint: DataCollectionEndpoint,
    { scope, workspace }: StreamsArgs,
  ): IngestionRule {
    const rule = new DataCollectionRule(
      `${name}-${key}-dcr`,
      {
        ...scope.place,
        location: workspace.location,
        dataCollectionRuleName: azureName("dataCollectionRule", scope.stack, key),
        description: `Rows of ${streams.map(({ id }) => id).join(", ")}.`,
        dataCollectionEndpointId: endpoint.id,
        streamDeclarations: Object.fromEntries(
          streams.map((stream) => [stream.stream, { columns: declaration(stream) }]),
        ),
        destinations: { logAnalytics: [{ name: destination, workspaceResourceId: workspace.resourceId }] },
        dataFlows: streams.map((stream) => ({
          streams: [stream.stream],
          destinations: [destination],
          transformKql: stream.transform.trim(),
          outputStream: `Custom-${stream.table}`,
        })),
        tags: scope.tags,
      },
      // Azure refuses a rule whose tables are missing.
      { parent: this, dependsOn: streams.flatMap(({ id }) => this.tables.get(id) ?? []) },
    );
    return { key, resourceId: rule.id, immutableId: rule.immutableId };
  }
}

const destination = "workspace";

/** Azure takes ten flows in a rule; two are left for repairs by hand. */
const maxFlows = 8;

/**
 * Streams by the rule that carries them, `<vendor>-<rule>`. Each stream names its rule itself, so a new stream moves no other.
 * Throws when a rule is full.
 */
export function groupByRule(streams: readonly Stream[]): ReadonlyMap<string, readonly Stream[]> {
  const groups = Map.groupBy(streams, ({ vendor, rule }) => `${vendor}-${rule}`);
  for (const [key, members] of groups) {
    if (members.length > maxFlows) {
      throw new Error(
        `Rule "${key}" carries ${members.length} streams (${members.map(({ name }) => name).join(", ")}); ${maxFlows} is the most. ` +
          'Give the newest of them another "rule" in its stream.json.',
      );
    }
  }
  return groups;
}

const declaration = ({ input }: Stream) => input.map(({ name, type }) => ({ name, type: streamColumnType(type) }));
