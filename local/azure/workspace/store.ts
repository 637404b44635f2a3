import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { prepareConnection, storedType } from "../../kql/engine.ts";
import type { DeployedTable, WorkspacePlane } from "../cloud.ts";
import { AzureError, type ResourceId } from "../resource-manager/resource-type.ts";
import { isDiskFault } from "./disk-fault.ts";
import { ingestionTimeColumn, layOut, quoteName, type TableLayout } from "./layout.ts";

/** The rows of all workspaces of one local Azure, in one DuckDB database: a schema for each workspace, a table for each table. */
export class WorkspaceStore implements WorkspacePlane, AsyncDisposable {
  readonly #database: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #idle: DuckDBConnection[] = [];
  /** By lower-case workspace id, then by table name. */
  readonly #layouts: Map<string, Map<string, TableLayout>>;
  #version = 0;
  /** The end of the last change: changes are made one after the other, reading goes on meanwhile. */
  #turns: Promise<unknown> = Promise.resolve();

  private constructor(
    database: DuckDBInstance,
    writer: DuckDBConnection,
    layouts: Map<string, Map<string, TableLayout>>,
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#layouts = layouts;
  }

  /** Opens `<dataDir>/workspace.duckdb`, or an empty store in memory. Throws a clear error if another process holds the file. */
  static async open(dataDir?: string): Promise<WorkspaceStore> {
    const database = await openDatabase(dataDir);
    const writer = await connect(database);
    await writer.run(
      "CREATE TABLE IF NOT EXISTS layouts (workspace VARCHAR, name VARCHAR, layout VARCHAR, PRIMARY KEY (workspace, name))",
    );
    const rows = await writer.runAndReadAll("SELECT workspace, layout FROM layouts");
    const layouts = new Map<string, Map<string, TableLayout>>();
    for (const [workspace, layout] of rows.getRows() as [string, string][]) {
      const parsed = JSON.parse(layout) as TableLayout;
      layouts.set(workspace, (layouts.get(workspace) ?? new Map<string, TableLayout>()).set(parsed.name, parsed));
    }
    return new WorkspaceStore(database, writer, layouts);
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

  async ensureTable(workspaceId: ResourceId, { name, columns }: Omit<DeployedTable, "id">): Promise<void> {
    await this.#inTurn(async () => {
      const workspace = workspaceId.toLowerCase();
      const previous = this.#layouts.get(workspace)?.get(name);
      const relation =
        previous?.relation ?? `${quoteName(workspace)}.${quoteName(this.#freeTableName(workspace, name))}`;
      const layout = layOut(name, relation, columns, previous);
      await this.#transaction(async (connection) => {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(workspace)}`);
        const added = layout.columns.slice(previous?.columns.length ?? 0);
        const definitions = added.map(({ sql, type }) => `${sql} ${storedType(type)}`);
        if (previous) {
          for (const definition of definitions)
            await connection.run(`ALTER TABLE ${relation} ADD COLUMN ${definition}`);
        } else {
          definitions.push(`${ingestionTimeColumn} ${storedType("datetime")}`);
          await connection.run(`CREATE TABLE ${relation} (${definitions.join(", ")})`);
        }
        await keepLayout(connection, workspace, layout);
      });
      this.#know(workspace, layout);
    });
  }

  async deleteTable(workspaceId: ResourceId, name: string): Promise<void> {
    await this.#inTurn(async () => {
      const workspace = workspaceId.toLowerCase();
      const layout = this.#layouts.get(workspace)?.get(name);
      if (!layout) return;
      const deleted = { ...layout, deleted: true };
      await this.#transaction((connection) => keepLayout(connection, workspace, deleted));
      this.#know(workspace, deleted);
    });
  }

  /**
   * Runs `work` in one transaction, after all earlier ones. When this returns, everything is on disk; when it throws, nothing is.
   * Throws `AzureError` 503 if the disk takes no more.
   */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#transaction(work));
  }

  /** Lends a connection for reading, prepared for translated KQL. */
  async read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await connect(this.#database));
    try {
      return await work(connection);
    } finally {
      this.#idle.push(connection);
    }
  }

  async close(): Promise<void> {
    await this.#turns;
    for (const connection of [this.#writer, ...this.#idle]) connection.closeSync();
    this.#database.closeSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => {});
    return turn;
  }

  async #transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    await this.#writer.run("BEGIN");
    try {
      const result = await work(this.#writer);
      await this.#writer.run("COMMIT");
      return result;
    } catch (error) {
      // After a commit that failed there is nothing left to roll back.
      await this.#writer.run("ROLLBACK").catch(() => {});
      throw diskFault(error as Error);
    }
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

async function keepLayout(connection: DuckDBConnection, workspace: string, layout: TableLayout): Promise<void> {
  await connection.run("INSERT OR REPLACE INTO layouts VALUES ($1, $2, $3)", [
    workspace,
    layout.name,
    JSON.stringify(layout),
  ]);
}

async function connect(database: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await database.connect();
  await prepareConnection(connection);
  return connection;
}

async function openDatabase(dataDir: string | undefined): Promise<DuckDBInstance> {
  // Spilling beside the current folder, which is DuckDB's default in memory, would surprise whoever runs a test.
  if (dataDir === undefined) return DuckDBInstance.create(":memory:", { temp_directory: "" });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "workspace.duckdb");
  try {
    return await DuckDBInstance.create(path);
  } catch (error) {
    const holder = /PID (\d+)/.exec((error as Error).message)?.[1];
    if (holder === undefined)
      throw new Error(`The workspace ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
    throw new Error(`The workspace ${path} is in use by process ${holder}. End it, or use another data folder.`, {
      cause: error,
    });
  }
}

/** What DuckDB says when the disk takes no more, as an answer; any other error as it is. */
function diskFault(error: Error): Error {
  if (!isDiskFault(error)) return error;
  return new AzureError(
    503,
    "ServiceUnavailable",
    `The workspace could not be written, and nothing of this request was stored: ${error.message}`,
  );
}
