import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { withProperties } from "./bag-columns.ts";
import { bind, errorAt, outputColumns } from "./bind.ts";
import { fromJsonSql, toJson } from "./json.ts";
import { UnknownProperties } from "./operators/evaluate.ts";
import { parse } from "./parser.ts";
import { prepareConnection } from "./prepare.ts";
import { type KqlColumn, KqlError, type KqlSchema } from "./schema.ts";
import { translate } from "./translate.ts";
import { firstWord, is, kindOf, walk } from "./tree.ts";
import { epochTicks, storedType } from "./types.ts";

export { errorAt, fromJsonSql, KqlError, outputColumns, prepareConnection, storedType, toJson };

/** One DuckDB statement whose columns are c0, c1, … in the order of `columns`. */
export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly KqlColumn[];
  /** True if the query gives its rows an order. */
  readonly sorted: boolean;
}

export interface CompileOptions {
  /** The instant that `now()` and `ago()` mean. @default the system's clock */
  readonly now?: Date;
}

/**
 * Translates a query. Pure: the same query, schema and instant give the same SQL. The parser's work on a schema is kept
 * as long as the schema object lives, so keep one object per version of the schema.
 * Throws `KqlError` for a query that is wrong or that uses something not supported.
 */
export function compile(query: string, schema: KqlSchema, options: CompileOptions = {}): CompiledQuery {
  try {
    return translated(query, schema, options);
  } catch (error) {
    if (!(error instanceof UnknownProperties)) throw error;
    throw errorAt(query, error.node.TextStart, "unsupported", error.message);
  }
}

/** Throws `KqlError` for a query that means nothing in this schema, whether or not this engine could answer it. */
export function check(query: string, schema: KqlSchema): void {
  bind(query, schema);
}

function translated(query: string, schema: KqlSchema, options: CompileOptions): CompiledQuery {
  const { sql, columns, sorted } = translate(bind(query, schema), schema, ticksAt(options.now));
  return { sql, columns: columns.map(({ name, type }) => ({ name, type })), sorted };
}

/**
 * Translates and runs a query. Beyond `compile` and `execute`, it asks the data which columns `bag_unpack` yields.
 * Throws `KqlError` as `compile` does.
 */
export async function answer(
  connection: DuckDBConnection,
  query: string,
  schema: KqlSchema,
  options: CompileOptions = {},
): Promise<Answer> {
  const fixed = { now: options.now ?? new Date() };
  let text = query;
  for (;;) {
    try {
      return await execute(connection, translated(text, schema, fixed));
    } catch (error) {
      if (!(error instanceof UnknownProperties)) throw error;
      text = await withProperties(connection, text, error);
    }
  }
}

function ticksAt(instant = new Date()): bigint {
  return epochTicks + BigInt(instant.getTime()) * 10_000n;
}

/** What a query answers: a row holds the stored values in column order, and `toJson` renders them. */
export interface Answer {
  readonly columns: readonly KqlColumn[];
  readonly rows: DuckDBValue[][];
  readonly sorted: boolean;
}

/** Runs a compiled query on a prepared connection. Throws `KqlError` for what shows only in the data, such as a bad pattern. */
export async function execute(connection: DuckDBConnection, { sql, columns, sorted }: CompiledQuery): Promise<Answer> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return { columns, rows: reader.getRows(), sorted };
  } catch (error) {
    throw failed(error as Error);
  }
}

/** DuckDB's reason where it is about values. What it says of names and types is about SQL, which nobody has written. */
function failed({ message }: Error): KqlError {
  const [first = ""] = message.split("\n");
  return /^(Invalid Input|Out of Range|Conversion|Out of Memory|INTERRUPT)/.test(first)
    ? new KqlError("semantic", `the query failed: ${first}`, 1, 1)
    : new KqlError("unsupported", "the query could not be run; simplify it, and report it with its text", 1, 1);
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
    if (kindOf(node).endsWith("Operator")) operators.add(firstWord(node));
  });
  return { operators, functions };
}
