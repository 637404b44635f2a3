import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { streamColumnType } from "../../../components/column-types.ts";
import { readCatalog, type Stream } from "../../../kql/catalog.ts";
import { Intake } from "../../../local/azure/ingestion/intake.ts";
import { ticksOf } from "../../../local/azure/workspace/ticks.ts";
import { compile, execute, prepareConnection, storedType, toJson } from "../../../local/kql/engine.ts";
import type { KqlColumn, KqlSchema } from "../../../local/kql/schema.ts";
import { streamTable, workspaceSchema, workspaceTable } from "../../kql-content/workspace-schema.ts";

export type Row = Readonly<Record<string, unknown>>;

/** The instant at which rows arrive and queries run. */
export const now = new Date("2026-03-04T05:06:08Z");

/** A workspace with our tables and functions, filled with vendors' records through the transforms. */
export class TestWorkspace implements AsyncDisposable {
  readonly #database: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #streams: readonly Stream[];
  #schema: KqlSchema;

  static async create(without: readonly string[] = []): Promise<TestWorkspace> {
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    await prepareConnection(connection);
    const streams = readCatalog().filter(({ table }) => !without.includes(table));
    const workspace = new TestWorkspace(database, connection, streams);
    for (const { table, columns } of streams) await workspace.#createTable(table, columns);
    return workspace;
  }

  private constructor(database: DuckDBInstance, connection: DuckDBConnection, streams: readonly Stream[]) {
    this.#database = database;
    this.#connection = connection;
    this.#streams = streams;
    this.#schema = workspaceSchema(streams.map(streamTable));
  }

  /** Sends a vendor's records through the stream's transform into its table; `ingested` is when they are stored. */
  async ingest(streamId: string, records: readonly unknown[], ingested = new Date(0)): Promise<void> {
    const stream = this.#streams.find(({ id }) => id === streamId);
    if (!stream) throw new Error(`There is no stream ${streamId}.`);
    const wrapped = stream.input.some(({ name }) => name === "Record");
    const rows = records.map((record) =>
      JSON.stringify(
        wrapped ? { TimeGenerated: now.toISOString(), Connection: "emea", Record: JSON.stringify(record) } : record,
      ),
    );
    const declaration = stream.input.map(({ name, type }) => ({ name, type: streamColumnType(type) }));
    const intake = new Intake(`intake_${streamId.replaceAll("-", "_")}`, declaration);
    await intake.fill(this.#connection, `[${rows.join(",")}]`);
    const { sql } = compile(stream.transform, { tables: [intake.source], functions: [] }, { now });
    await this.#connection.run(`INSERT INTO "${stream.table}" SELECT *, ${ticksOf(ingested.getTime())} FROM (${sql})`);
  }

  /** Removes all rows of our tables. */
  async empty(): Promise<void> {
    for (const { table } of this.#streams) await this.#connection.run(`DELETE FROM "${table}"`);
  }

  /** Adds a table that is not the connector's, with these rows as KQL writes them: `datatable(…)[…]`. */
  async addTable(name: string, datatable: string): Promise<void> {
    const { sql, columns } = compile(datatable, { tables: [], functions: [] }, { now });
    await this.#createTable(name, columns);
    await this.#connection.run(`INSERT INTO "${name}" SELECT *, 1 FROM (${sql})`);
    this.#schema = workspaceSchema([...this.#schema.tables, workspaceTable(name, columns)]);
  }

  /** Answers a query, one object per row; dynamic values as JSON text. */
  async kql(query: string): Promise<Row[]> {
    const { columns, rows } = await execute(this.#connection, compile(query, this.#schema, { now }));
    return rows.map((row) =>
      Object.fromEntries(columns.map(({ name, type }, index) => [name, toJson(type, row[index] ?? null)])),
    );
  }

  /** Columns that a query yields. */
  columns(query: string): readonly KqlColumn[] {
    return compile(query, this.#schema, { now }).columns;
  }

  async #createTable(name: string, columns: readonly KqlColumn[]): Promise<void> {
    const stored = columns.map(({ type }, index) => `c${index} ${storedType(type)}`);
    await this.#connection.run(`CREATE TABLE "${name}" (${stored.join(", ")}, _ingestion_time BIGINT)`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.closeSync();
    this.#database.closeSync();
    return Promise.resolve();
  }
}
