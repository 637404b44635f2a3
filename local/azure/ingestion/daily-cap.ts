import type { DuckDBConnection } from "@duckdb/node-api";
import type { LocalCloud } from "../cloud.ts";
import type { ResourceId } from "../resource-manager/resource-type.ts";
import { operation } from "../workspace/built-in-tables.ts";
import type { WorkspaceStore } from "../workspace/store.ts";
import { ticksOf } from "../workspace/ticks.ts";

/** Bytes a day that workspaces take before they store nothing more. */
export class DailyCap {
  readonly #cloud: Pick<LocalCloud, "state">;
  readonly #store: WorkspaceStore;

  constructor(cloud: Pick<LocalCloud, "state">, store: WorkspaceStore) {
    this.#cloud = cloud;
    this.#store = store;
  }

  /**
   * Counts what a flow is about to store: `open` below the cap, `reached` by the bytes that cross it, which are stored whole, and `closed`
   * from then until the day ends. Azure counts the columns that it stores, and each workspace's day begins at another hour; here it is
   * the JSON that was sent, and days of UTC.
   * Source: Azure Monitor docs, daily-cap: the cap cannot stop collection at precisely its level.
   */
  async take(
    connection: DuckDBConnection,
    workspaceId: ResourceId,
    bytes: number,
    now: Date,
  ): Promise<"open" | "reached" | "closed"> {
    const { workspaceCapping } = (this.#cloud.state.get(workspaceId)?.outputs ?? {}) as {
      readonly workspaceCapping?: { readonly dailyQuotaGb?: number };
    };
    const quota = workspaceCapping?.dailyQuotaGb ?? -1;
    if (quota < 0) return "open";
    const cap = quota * 1e9;
    await connection.run(
      "CREATE TABLE IF NOT EXISTS ingested (workspace VARCHAR, day DATE, bytes DOUBLE, PRIMARY KEY (workspace, day))",
    );
    const key = [workspaceId.toLowerCase(), now.toISOString().slice(0, 10)];
    const known = await connection.runAndReadAll("SELECT bytes FROM ingested WHERE workspace = $1 AND day = $2", key);
    const before = Number(known.getRows()[0]?.[0] ?? 0);
    if (before >= cap) return "closed";
    await connection.run("INSERT OR REPLACE INTO ingested VALUES ($1, $2, $3)", [...key, before + bytes]);
    return before + bytes >= cap ? "reached" : "open";
  }

  /** Writes to a workspace's table `Operation`, which no cap closes, that its cap was reached. Wording: Azure Automation docs, troubleshooting. */
  async tell(workspaceId: ResourceId, now: Date): Promise<void> {
    await this.#store.ensureTable(workspaceId, operation);
    const relation = this.#store.layout(workspaceId, operation.name)?.relation;
    await this.#store.write((connection) =>
      connection.run(
        `INSERT INTO ${relation} ("TimeGenerated", "ingestion_time()", "OperationStatus", "OperationCategory", "Detail")
         VALUES ($1, $1, 'Warning', 'Data Collection Status', $2)`,
        [
          ticksOf(now.getTime()),
          "Data collection stopped due to daily limit of free data reached. Ingestion status = OverQuota",
        ],
      ),
    );
  }
}
