import { randomUUID } from "node:crypto";
import type { DeployedRule, DeployedWorkspace } from "../../../../local/azure/cloud.ts";
import type { RuleCounters } from "../../../../local/azure/ingestion/counters.ts";
import { createIngestionPlane, type IngestionPlane } from "../../../../local/azure/ingestion/ingestion-plane.ts";
import { queryWorkspace } from "../../../../local/azure/workspace/query.ts";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { send } from "../plane-client.ts";

const group = "/subscriptions/s/resourceGroups/g/providers";
export const endpoint = {
  id: `${group}/Microsoft.Insights/dataCollectionEndpoints/dce`,
  host: "dce-1a2b.westeurope-1.ingest.monitor.azure.com",
};
/** Monitoring Metrics Publisher. */
export const publisher = "3913510d-42f4-4e42-8a64-420c390055eb";

const declared = [
  { name: "TimeGenerated", type: "datetime" },
  { name: "Text", type: "string" },
  { name: "Count", type: "int" },
  { name: "Big", type: "long" },
  { name: "Share", type: "real" },
  { name: "Flag", type: "boolean" },
  { name: "Data", type: "dynamic" },
];
export const tableColumns = declared.map(({ name, type }) => ({ name, type: type === "datetime" ? "dateTime" : type }));

export interface Upload {
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly host?: string;
  readonly query?: string;
  readonly authorization?: string;
}

/** A rule with one stream, `Custom-Things`, that has a column of every type, and the table `Things_CL` of the same columns. */
export class Things implements AsyncDisposable {
  readonly cloud = new DeployedCloud();
  readonly workspace: DeployedWorkspace;
  readonly store: WorkspaceStore;
  readonly plane: IngestionPlane;
  rule: DeployedRule;
  /** When rows are received and queries are asked, epoch milliseconds. */
  now = Date.parse("2026-11-20T12:00:00Z");

  private constructor(store: WorkspaceStore) {
    const customerId = randomUUID();
    const id = `${group}/Microsoft.OperationalInsights/workspaces/log`;
    this.workspace = { id, customerId, tables: [], functions: [] };
    this.store = store;
    this.plane = createIngestionPlane(this.cloud, this.cloud.authority, store, { now: () => this.now });
    this.cloud.workspaces.push(this.workspace);
    this.cloud.endpoints.push(endpoint);
    this.rule = this.deploy({ Things_CL: "source" });
  }

  static async open(): Promise<Things> {
    const things = new Things(await WorkspaceStore.open());
    await things.store.ensureTable(things.workspace.id, { name: "Things_CL", columns: tableColumns });
    return things;
  }

  /** Gives the rule these transforms, by table. */
  deploy(transforms: Record<string, string>): DeployedRule {
    const flows = Object.entries(transforms).map(([table, transformKql]) => ({
      stream: "Custom-Things",
      transformKql,
      table,
      workspaceId: this.workspace.id,
    }));
    this.rule = {
      id: `${group}/Microsoft.Insights/dataCollectionRules/things`,
      immutableId: "dcr-things",
      dataCollectionEndpointId: endpoint.id,
      streams: { "Custom-Things": declared },
      flows,
    };
    this.cloud.rules.splice(0, 1, this.rule);
    return this.rule;
  }

  get counters(): RuleCounters {
    return this.plane.counters(this.rule.immutableId);
  }

  /** Sends one request, as an identity that may publish to the rule unless told otherwise. */
  async upload(options: Upload): Promise<{ status: number; code: string | null; message: string }> {
    const { path = `/dataCollectionRules/${this.rule.immutableId}/streams/Custom-Things`, host = endpoint.host } =
      options;
    const principal = this.cloud.principal([{ role: publisher, scope: this.rule.id }]);
    const authorization = options.authorization ?? this.cloud.bearer(principal, "https://monitor.azure.com");
    const response = await send(
      this.plane,
      new Request(`https://${host}${path}?${options.query ?? "api%2Dversion=2023-01-01"}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(authorization ? { authorization } : {}),
          ...options.headers,
        },
        body: options.body as string,
      }),
    );
    return { status: response.status, code: response.headers.get("x-ms-error-code"), message: await response.text() };
  }

  uploadRows(...rows: unknown[]) {
    return this.upload({ body: JSON.stringify(rows) });
  }

  /** Answers a query, one object per row. */
  async query(kql: string): Promise<Record<string, unknown>[]> {
    const { columns, rows } = await queryWorkspace(this.store, this.workspace, kql, { now: new Date(this.now) });
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store.close();
  }
}
