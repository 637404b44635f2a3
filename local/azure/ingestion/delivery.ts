import type { DuckDBConnection } from "@duckdb/node-api";
import { compile } from "../../kql/engine.ts";
import type { KqlTable } from "../../kql/schema.ts";
import { ingestionTimeColumn, type StoredColumn, type TableLayout } from "../workspace/layout.ts";
import { cutSql } from "./value-limit.ts";

const day = 864_000_000_000n;

/** What reaches a table, and what it cannot hold. */
export interface Delivery {
  /** Columns of the transform's result that the table does not have: they are dropped. */
  readonly unknownColumns: readonly string[];
  /** Stores the transformed rows of `source` as received at `received` (ticks); gives their number. */
  store(connection: DuckDBConnection, received: bigint): Promise<number>;
}

/** Prepares one flow: the rule's transform and the table it fills. Throws `KqlError`, or an error that says which column does not fit. */
export function createDelivery(transform: string, source: KqlTable, table: TableLayout, now: Date): Delivery {
  const compiled = compile(transform, { tables: [source], functions: [] }, { now });
  const columns = table.columns.filter(({ hidden }) => !hidden);
  // A column that the transform does not fill keeps the default that the table gives it.
  const filled = columns.filter(
    ({ name }) => name === "TimeGenerated" || compiled.columns.some((column) => column.name === name),
  );
  const values = filled.map((column) => valueOf(column, compiled.columns));
  const targets = [...filled.map(({ sql }) => sql), ingestionTimeColumn].join(", ");
  return {
    unknownColumns: compiled.columns
      .map(({ name }) => name)
      .filter((name) => !columns.some((column) => column.name === name)),
    store: async (connection, received) => {
      const selected = [...values.map((value) => value(received)), `${received}::BIGINT`].join(", ");
      const { rowsChanged } = await connection.run(
        `INSERT INTO ${table.relation} (${targets}) SELECT ${selected} FROM (${compiled.sql})`,
      );
      return rowsChanged;
    },
  };
}

/** SQL of what a table's column gets, given when the rows were received. Only `TimeGenerated` gets something that was not given. */
function valueOf(column: StoredColumn, columns: ReturnType<typeof compile>["columns"]): (received: bigint) => string {
  const index = columns.findIndex(({ name }) => name === column.name);
  const given = columns[index];
  if (given === undefined) return (received) => `${received}::BIGINT`;
  if (given.type !== column.type && !(given.type === "guid" && column.type === "string")) {
    throw new Error(
      `Column ${column.name} of the transform's result has type ${given.type}, the table's has ${column.type}.`,
    );
  }
  const value = `c${index}`;
  return (received) => (column.name === "TimeGenerated" ? timeGenerated(value, received) : cutSql(column.type, value));
}

/**
 * Azure Monitor docs, "Standard columns: TimeGenerated": a time more than two days back or one day ahead is replaced by the time of
 * receipt. So is a missing one.
 */
function timeGenerated(value: string, received: bigint): string {
  return `CASE WHEN ${value} BETWEEN ${received - 2n * day} AND ${received + day} THEN ${value} ELSE ${received} END`;
}
