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
  #window: { readonly of: KqlSchema; readonly schema: KqlSchema } | undefined;

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
    const wrapped = this.#stream(streamId).input.some(({ name }) => name === "Record");
    const wrap = (record: unknown) => ({
      TimeGenerated: now.toISOString(),
      Connection: "emea",
      Record: JSON.stringify(record),
    });
    await this.upload(streamId, wrapped ? records.map(wrap) : records, ingested);
  }

  /** Sends rows as the worker uploads them through the stream's transform into its table. */
  async upload(streamId: string, rows: readonly unknown[], ingested = new Date(0)): Promise<void> {
    const stream = this.#stream(streamId);
    const declaration = stream.input.map(({ name, type }) => ({ name, type: streamColumnType(type) }));
    const intake = new Intake(`intake_${streamId.replaceAll("-", "_")}`, declaration);
    await intake.fill(this.#connection, `[${rows.map((row) => JSON.stringify(row)).join(",")}]`);
    const { sql } = compile(stream.transform, { tables: [intake.source], functions: [] }, { now });
    await this.#connection.run(`INSERT INTO "${stream.table}" SELECT *, ${ticksOf(ingested.getTime())} FROM (${sql})`);
  }

  /** Sends rows as the worker uploads them through the stream's transform, each of which is stored at a time of its own. */
  async uploadOverTime(
    streamId: string,
    rows: readonly { readonly row: Row; readonly ingested: Date }[],
  ): Promise<void> {
    const { table, columns } = this.#stream(streamId);
    const connection = `c${columns.findIndex(({ name }) => name === "Connection")}`;
    // One upload for all: until the times are written, the connection tells the rows apart.
    await this.upload(
      streamId,
      rows.map(({ row }, index) => ({ ...row, Connection: `${index}|${String(row["Connection"])}` })),
    );
    const times = rows.map(({ ingested }, index) => `(${index}, ${ticksOf(ingested.getTime())})`).join(", ");
    await this.#connection.run(
      `UPDATE "${table}" SET _ingestion_time = arrival.ticks, ${connection} = split_part(${connection}, '|', 2)
       FROM (VALUES ${times}) arrival(i, ticks) WHERE ${connection} = concat(i, '|', split_part(${connection}, '|', 2))`,
    );
  }

  /** Adds so many copies of a table's rows, each an object of its own, spread evenly over the days before now. */
  async multiply(streamId: string, count: number, days: number): Promise<void> {
    const { table, columns, key } = this.#stream(streamId);
    const time = `${ticksOf(now.getTime())} - (i::HUGEINT * ${days} * 864000000000) // ${count}`;
    const copied = columns.map(({ name, type }, index) => {
      if (name === "Connection") return "'copy-' || i % 10";
      if (type === "datetime") return `${time} AS c${index}`;
      return key.includes(name) && type === "string" ? `c${index} || '-' || i` : `c${index}`;
    });
    await this.#connection.run(
      `INSERT INTO "${table}" SELECT ${copied.join(", ")}, ${time} + 600000000 FROM range(${count}) r(i)
       JOIN (SELECT *, row_number() OVER () - 1 AS n, count(*) OVER () AS total FROM "${table}") s ON s.n = i % s.total`,
    );
  }

  /** Removes all rows of our tables. */
  async empty(): Promise<void> {
    for (const { table } of this.#streams) await this.#connection.run(`DELETE FROM "${table}"`);
  }

  /** Adds a table that is not the connector's, with these rows as KQL writes them: `datatable(…)[…]`. */
  async addTable(name: string, datatable: string): Promise<void> {
    const { sql, columns } = compile(datatable, { tables: [], functions: [] }, { now });
    await this.#createTable(name, columns);
    const time = columns.findIndex((column) => column.name === "TimeGenerated");
    // Azure's own rows arrive at once.
    const ingested = time === -1 ? 1 : `c${time}`;
    await this.#connection.run(`INSERT INTO "${name}" SELECT *, ${ingested} FROM (${sql})`);
    this.#schema = workspaceSchema([...this.#schema.tables, workspaceTable(name, columns)]);
  }

  /** Answers a query, one object per row; dynamic values as JSON text. */
  async kql(query: string): Promise<Row[]> {
    const { columns, rows } = await this.answer(query);
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  }

  /**
   * Answers a scheduled rule's query as Sentinel does: `now()` is when it runs, and the rows it sees by their `TimeGenerated` are those of
   * its period, which ended five minutes before.
   * @see https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview#query-scheduling-and-alert-threshold
   */
  async runRule(
    query: string,
    periodMinutes: number,
    at: Date,
  ): Promise<{ columns: readonly KqlColumn[]; rows: Row[] }> {
    const to = at.getTime() - 5 * 60_000;
    await this.#connection.run(`SET VARIABLE window_from = ${ticksOf(to - periodMinutes * 60_000)}`);
    await this.#connection.run(`SET VARIABLE window_to = ${ticksOf(to)}`);
    const { columns, rows } = await this.answer(query, at, this.#windowed());
    return {
      columns,
      rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))),
    };
  }

  /** The schema whose tables hold only rows of the window. */
  #windowed(): KqlSchema {
    if (this.#window?.of === this.#schema) return this.#window.schema;
    const tables = this.#schema.tables.map((table) => {
      const time = table.columns.find(({ name }) => name === "TimeGenerated")?.sql ?? "";
      const relation = `(SELECT * FROM ${table.relation} WHERE ${time} BETWEEN getvariable('window_from') AND getvariable('window_to'))`;
      return { ...table, relation };
    });
    this.#window = { of: this.#schema, schema: { ...this.#schema, tables } };
    return this.#window.schema;
  }

  /** Answers a query as the query API does. */
  async answer(
    query: string,
    at = now,
    schema = this.#schema,
  ): Promise<{ columns: readonly KqlColumn[]; rows: readonly (readonly unknown[])[] }> {
    const { columns, rows } = await execute(this.#connection, compile(query, schema, { now: at }));
    return {
      columns,
      rows: rows.map((row) => columns.map(({ type }, index) => toJson(type, row[index] ?? null))),
    };
  }

  /** Columns that a query yields. */
  columns(query: string): readonly KqlColumn[] {
    return compile(query, this.#schema, { now }).columns;
  }

  #stream(id: string): Stream {
    const stream = this.#streams.find((candidate) => candidate.id === id);
    if (!stream) throw new Error(`There is no stream ${id}.`);
    return stream;
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
