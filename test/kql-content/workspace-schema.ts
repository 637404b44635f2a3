import type { Stream } from "../../kql/catalog.ts";
import { readCatalog } from "../../kql/catalog.ts";
import { chooseFunctions, readFunctions } from "../../kql/catalog-functions.ts";
import type { KqlColumn, KqlSchema } from "../../local/kql/schema.ts";

type Table = KqlSchema["tables"][number];

/** A table as Log Analytics shows it, with its name in every row. Stored columns are numbered: names may differ by case only. */
export function workspaceTable(name: string, columns: readonly KqlColumn[]): Table {
  return {
    name,
    columns: [
      ...columns.map((column, index) => ({ ...column, sql: `c${index}` })),
      { name: "Type", type: "string", sql: `'${name}'` },
    ],
    relation: `"${name}"`,
    ingestionTime: '"_ingestion_time"',
  };
}

export const streamTable = ({ table, columns }: Stream): Table =>
  workspaceTable(
    table,
    columns.map(({ name, type }) => ({ name, type })),
  );

/** A workspace with these tables and every function that the connector has, asked for or not. */
export function workspaceSchema(tables: readonly Table[]): KqlSchema {
  const all = readFunctions(readCatalog());
  const asked = all.map(({ alias }) => [alias, "ours"] as const);
  const functions = chooseFunctions(all, Object.fromEntries(asked), "new");
  return {
    tables,
    functions: functions.map(({ alias, parameters, query }) => ({ name: alias, parameters, body: query })),
  };
}
