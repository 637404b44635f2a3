import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { storedType } from "../../kql/engine.ts";
import type { DeployedTable } from "../cloud.ts";
import type { ResourceId } from "../resource-manager/resource-type.ts";
import { Database } from "./database.ts";
import { ingestionTimeColumn, layOut, quoteName, type TableLayout } from "./layout.ts";

/** The rows of all workspaces of one local Azure, in one DuckDB database: a schema for each workspace, a table for each table. */
export class WorkspaceStore implements AsyncDisposable {
  readonly #database: Database;
  /** By lower-case workspace id, then by table name. */
  readonly #layouts: Map<string, Map<string, TableLayout>>;
  #version = 0;

  private constructor(database: Database, layouts: Map<string, Map<string, TableLayout>>) {
    this.#database = database;
    this.#layouts = layouts;
  }

  /** Opens `<dataDir>/workspace.duckdb`, or an empty store in memory. Throws a clear error if another process holds the file. */
  static async open(dataDir?: string): Promise<WorkspaceStore> {
    const database = await Database.open(dataDir === undefined ? undefined : join(dataDir, "workspace.duckdb"));
    return new WorkspaceStore(database, await database.transaction(readLayouts));
  }

  /** How a table is kept, if it exists. Names are compared with their case, as KQL does. */
  layout(workspaceId: ResourceId, table: string): TableLayout | undefined {
    const layout = this.#layouts.get(workspaceId.toLowerCase())?.get(table);
    return layout?.deleted ? undefined : layout;
  }

  /** Changes whenever a table does. */
  get version(): number {
    return this.#version;
  }

  /** All tables of a workspace. */
  layouts(workspaceId: ResourceId): readonly TableLayout[] {
    return [...(this.#layouts.get(workspaceId.toLowerCase())?.values() ?? [])].filter(({ deleted }) => !deleted);
  }

  async ensureTable(
    workspaceId: ResourceId,
    { name, columns }: Pick<DeployedTable, "name" | "columns">,
  ): Promise<void> {
    await this.#database.inTurn(async () => {
      const workspace = workspaceId.toLowerCase();
      const previous = this.#layouts.get(workspace)?.get(name);
      const relation =
        previous?.relation ?? `${quoteName(workspace)}.${quoteName(this.#freeTableName(workspace, name))}`;
      const layout = layOut(name, relation, columns, previous);
      if (JSON.stringify(layout) === JSON.stringify(previous)) return;
      await this.#database.transaction(async (connection) => {
        const added = layout.columns.slice(previous?.columns.length ?? 0);
        const definitions = added.map(({ sql, type }) => `${sql} ${storedType(type)}`);
        if (previous) {
          for (const definition of definitions) {
            await connection.run(`ALTER TABLE ${relation} ADD COLUMN ${definition}`);
          }
        } else {
          definitions.push(`${ingestionTimeColumn} ${storedType("datetime")}`);
          await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(workspace)}`);
          await connection.run(`CREATE TABLE ${relation} (${definitions.join(", ")})`);
        }
        await keepLayout(connection, workspace, layout);
      });
      this.#know(workspace, layout);
    });
  }

  async deleteTable(workspaceId: ResourceId, name: string): Promise<void> {
    await this.#database.inTurn(async () => {
      const workspace = workspaceId.toLowerCase();
      const layout = this.#layouts.get(workspace)?.get(name);
      if (!layout) return;
      const deleted = { ...layout, deleted: true };
      await this.#database.transaction((connection) => keepLayout(connection, workspace, deleted));
      this.#know(workspace, deleted);
    });
  }

  /**
   * Runs `work` in one transaction, after all earlier ones. When this returns, everything is on disk; when it throws, nothing is.
   * Throws `AzureError` 503 if the disk takes no more.
   */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#database.inTurn(() => this.#database.transaction(work));
  }

  /** Lends a connection for reading, prepared for translated KQL. */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#database.read(work);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #know(workspace: string, layout: TableLayout): void {
    this.#layouts.set(workspace, new Map(this.#layouts.get(workspace)).set(layout.name, layout));
    this.#version++;
  }

  /** Tables whose names differ only by case are two tables in Log Analytics. */
  #freeTableName(workspace: string, name: string): string {
    const taken = new Set(
      [...(this.#layouts.get(workspace)?.values() ?? [])].map(({ relation }) => relation.toLowerCase()),
    );
    let free = name;
    for (let n = 2; taken.has(`${quoteName(workspace)}.${quoteName(free)}`.toLowerCase()); n++) free = `${name}:${n}`;
    return free;
  }
}

async function readLayouts(connection: DuckDBConnection): Promise<Map<string, Map<string, TableLayout>>> {
  await connection.run(
    "CREATE TABLE IF NOT EXISTS layouts (workspace VARCHAR, name VARCHAR, layout VARCHAR, PRIMARY KEY (workspace, name))",
  );
  const rows = await connection.runAndReadAll("SELECT workspace, layout FROM layouts");
  const layouts = new Map<string, Map<string, TableLayout>>();
  for (const [workspace, text] of rows.getRows() as [string, string][]) {
    const layout = JSON.parse(text) as TableLayout;
    layouts.set(workspace, (layouts.get(workspace) ?? new Map<string, TableLayout>()).set(layout.name, layout));
  }
  return layouts;
}

async function keepLayout(connection: DuckDBConnection, workspace: string, layout: TableLayout): Promise<void> {
  await connection.run("INSERT OR REPLACE INTO layouts VALUES ($1, $2, $3)", [
    workspace,
    layout.name,
    JSON.stringify(layout),
  ]);
}
