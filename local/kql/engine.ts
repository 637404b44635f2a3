import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { bind, firstWord, is, kindOf, outputColumns, parse, walk } from "./bind.ts";
import { fromJsonSql, toJson } from "./json.ts";
import { prepareConnection } from "./prepare.ts";
import { type KqlColumn, KqlError, type KqlSchema } from "./schema.ts";
import { translate } from "./translate.ts";
import { defaultSql, epochTicks, storedType } from "./types.ts";

export { defaultSql, fromJsonSql, KqlError, outputColumns, prepareConnection, storedType, toJson };

/** One DuckDB statement whose columns are c0, c1, … in the order of `columns`. */
export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly KqlColumn[];
  /** True if the query gives its rows an order. */
  readonly sorted: boolean;
}

/**
 * Translates a query. Pure: the same query, schema and instant give the same SQL. The parser's work on a schema is kept
 * as long as the schema object lives, so keep one object per version of the schema.
 * Throws `KqlError` for a query that is wrong or that uses something not supported.
 */
export function compile(query: string, schema: KqlSchema, options: { readonly now?: Date } = {}): CompiledQuery {
  const bound = bind(query, schema);
  const { sql, columns, sorted } = translate(bound, schema, ticksAt(options.now));
  return { sql, columns: columns.map(({ name, type }) => ({ name, type })), sorted };
}

function ticksAt(instant = new Date()): bigint {
  return epochTicks + BigInt(instant.getTime()) * 10_000n;
}

/** Runs a compiled query on a prepared connection. A row holds the stored values in column order; `toJson` renders them. */
export async function execute(
  connection: DuckDBConnection,
  compiled: CompiledQuery,
): Promise<{ readonly columns: readonly KqlColumn[]; readonly rows: DuckDBValue[][] }> {
  const reader = await connection.runAndReadAll(compiled.sql);
  return { columns: compiled.columns, rows: reader.getRows() };
}

/** The operators (as written, e.g. `where`) and built-in or other functions that a query uses itself. */
export function usedNames(query: string): {
  readonly operators: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
} {
  const operators = new Set<string>();
  const functions = new Set<string>();
  walk(parse(query), (node) => {
    if (is(node, "FunctionCallExpression")) functions.add(node.Name.SimpleName);
    if (/Operator$/.test(kindOf(node))) operators.add(firstWord(node));
  });
  return { operators, functions };
}
