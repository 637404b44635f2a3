import type { KqlTable, KqlType } from "../../kql/schema.ts";
import { sqlType } from "../../kql/types.ts";
import { AzureError } from "../resource-manager/resource-type.ts";

/** One column as it is kept: KQL's name and type, and the name that DuckDB knows it by. */
export interface StoredColumn {
  readonly name: string;
  readonly type: KqlType;
  readonly sql: string;
  /** Dropped from the table; its data stays, for a column of that name and type that comes back. */
  readonly hidden: boolean;
}

/** How one Log Analytics table is kept in DuckDB. */
export interface TableLayout {
  readonly name: string;
  /** Quoted schema and name. */
  readonly relation: string;
  /** Deleted, but kept: Log Analytics gives a table's rows back when a table of that name and schema returns. */
  readonly deleted: boolean;
  readonly columns: readonly StoredColumn[];
}

/** Holds when a row was stored. No column of a user can have that name. */
export const ingestionTimeColumn = quoteName("ingestion_time()");

/** The column API's type names in KQL's terms. A guid is stored and queried as a string (Azure Monitor docs, "Create a custom table"). */
const columnTypes: Readonly<Record<string, KqlType>> = {
  string: "string",
  guid: "string",
  int: "int",
  long: "long",
  real: "real",
  boolean: "bool",
  dateTime: "datetime",
  dynamic: "dynamic",
};

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table's layout after its columns were set to these; `previous` is what was there before, deleted tables included. */
export function layOut(
  name: string,
  relation: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  previous?: TableLayout,
): TableLayout {
  const kept = (previous?.columns ?? []).map((column) => ({ ...column, hidden: true }));
  for (const { name: columnName, type } of columns) {
    const wanted = kqlType(name, columnName, type);
    const index = kept.findIndex((column) => column.name === columnName);
    const existing = kept[index];
    if (existing && existing.type !== wanted) {
      // Azure Monitor docs, "Add or delete tables and columns": a column's name cannot be used again with another type.
      throw new AzureError(
        400,
        "InvalidParameter",
        `Column ${columnName} of table ${name} has type ${existing.type} and cannot become ${wanted}. Give the column another name.`,
      );
    }
    if (existing) kept[index] = { ...existing, hidden: false };
    else kept.push({ name: columnName, type: wanted, sql: quoteName(freeName(columnName, kept)), hidden: false });
  }
  return { name, relation, deleted: false, columns: kept };
}

function kqlType(table: string, column: string, type: string): KqlType {
  const known = columnTypes[type];
  if (!known) {
    throw new AzureError(
      400,
      "InvalidParameter",
      `Column ${column} of table ${table} has type ${type}; allowed are ${Object.keys(columnTypes).join(", ")}.`,
    );
  }
  return known;
}

/** KQL tells names apart by case, DuckDB does not. */
function freeName(name: string, columns: readonly StoredColumn[]): string {
  const taken = new Set(columns.map(({ sql }) => sql.toLowerCase()));
  let free = name;
  for (let n = 2; taken.has(quoteName(free).toLowerCase()); n++) free = `${name}:${n}`;
  return free;
}

/** The table as queries see it: with the columns that Log Analytics adds to every table. */
export function kqlTable(layout: TableLayout, customerId: string): KqlTable {
  const added = { TenantId: customerId, Type: layout.name, _ResourceId: "" };
  const values = Object.entries(added).map(
    ([name, value]) => `'${value.replaceAll("'", "''")}' AS ${quoteName(`${name}()`)}`,
  );
  return {
    name: layout.name,
    relation: `(SELECT *, ${values.join(", ")} FROM ${layout.relation})`,
    columns: [
      ...layout.columns.filter(({ hidden }) => !hidden).map(({ name, type, sql }) => ({ name, type, sql })),
      ...Object.keys(added).map((name) => ({ name, type: "string" as const, sql: quoteName(`${name}()`) })),
    ],
    ingestionTime: ingestionTimeColumn,
  };
}

/** A table that exists in every workspace and has no row yet. */
export function emptyTable({
  name,
  columns,
}: {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}): TableLayout {
  const layout = layOut(name, "", columns);
  const fields = layout.columns.map(({ sql, type }) => `NULL::${sqlType(type)} AS ${sql}`);
  return { ...layout, relation: `(SELECT NULL::BIGINT AS ${ingestionTimeColumn}, ${fields.join(", ")} WHERE false)` };
}
