import type { DuckDBConnection } from "@duckdb/node-api";
import { answer, toJson } from "../../kql/engine.ts";
import type { KqlColumn, KqlSchema } from "../../kql/schema.ts";
import type { DeployedWorkspace } from "../cloud.ts";
import { refuseAmbiguousAlias } from "./ambiguous-alias.ts";
import { limitBasicReadings } from "./basic-tables.ts";
import { builtInTables } from "./built-in-tables.ts";
import { emptyTable, kqlTable, type TableLayout } from "./layout.ts";
import type { WorkspaceStore } from "./store.ts";
import { ticksOf } from "./ticks.ts";
import type { Timespan } from "./timespan.ts";

export interface QueryResult {
  readonly columns: readonly KqlColumn[];
  /** Values as the query API renders them in JSON. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Answers a query over a workspace's tables and functions. Throws `KqlError` where it cannot. */
export async function queryWorkspace(
  store: WorkspaceStore,
  workspace: DeployedWorkspace,
  query: string,
  options: { readonly timespan?: Timespan; readonly now?: Date } = {},
): Promise<QueryResult> {
  refuseAmbiguousAlias(query, workspace.functions);
  limitBasicReadings(query, workspace);
  const schema = schemaOf(store, workspace, options.timespan !== undefined);
  return store.read(async (connection) => {
    if (options.timespan) await setTimespan(connection, options.timespan);
    const { columns, rows } = await answer(
      connection,
      query,
      schema,
      options.now === undefined ? {} : { now: options.now },
    );
    return {
      columns,
      rows: rows.map((row) => row.map((value, index) => toJson(columns[index]?.type ?? "string", value))),
    };
  });
}

/** The binder keeps what it knows by schema object: so the object stays until a table or function changes. */
const schemas = new WeakMap<WorkspaceStore, Map<string, Known>>();

interface Known {
  readonly version: number;
  readonly customerId: string;
  readonly schema: KqlSchema;
}

export function schemaOf(store: WorkspaceStore, workspace: DeployedWorkspace, bounded: boolean): KqlSchema {
  const { version } = store;
  const { id, customerId, functions } = workspace;
  const known = schemas.get(store) ?? new Map<string, Known>();
  schemas.set(store, known);
  const name = `${id.toLowerCase()} ${bounded}`;
  const found = known.get(name);
  if (found?.version === version && found.customerId === customerId && areKnown(functions, found.schema)) {
    return found.schema;
  }
  const schema = buildSchema(store.layouts(id), workspace, bounded);
  known.set(name, { version, customerId, schema });
  return schema;
}

function areKnown(functions: DeployedWorkspace["functions"], schema: KqlSchema): boolean {
  return (
    functions.length === schema.functions.length &&
    functions.every(({ alias, parameters, query }, index) => {
      const known = schema.functions[index];
      return alias === known?.name && parameters === known.parameters && query === known.body;
    })
  );
}

function buildSchema(layouts: readonly TableLayout[], workspace: DeployedWorkspace, bounded: boolean): KqlSchema {
  const empty = builtInTables.filter(({ name }) => !layouts.some((layout) => layout.name === name));
  const tables = [...layouts, ...empty.map(emptyTable)].map((layout) => kqlTable(layout, workspace.customerId));
  return {
    tables: bounded ? tables.map((table) => ({ ...table, relation: withinTimespan(table) })) : tables,
    functions: workspace.functions.map(({ alias, parameters, query }) => ({ name: alias, parameters, body: query })),
  };
}

/** Log Analytics applies a query's timespan to every table that it reads. The limits are variables, so that the schema stays the same. */
function withinTimespan({ relation, columns }: KqlSchema["tables"][number]): string {
  const time = columns.find(({ name }) => name === "TimeGenerated")?.sql;
  if (time === undefined) return relation;
  return `(SELECT * FROM ${relation} WHERE ${time} BETWEEN getvariable('timespan_from') AND getvariable('timespan_until'))`;
}

async function setTimespan(connection: DuckDBConnection, { from, until }: Timespan): Promise<void> {
  await connection.run(`SET VARIABLE timespan_from = ${ticksOf(from)}::BIGINT`);
  await connection.run(`SET VARIABLE timespan_until = ${ticksOf(until)}::BIGINT`);
}
