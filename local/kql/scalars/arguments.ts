import { argument } from "../context.ts";
import { type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { join, type Sql, sql } from "../sql.ts";
import { convert, jsonText } from "./convert.ts";

// Arguments as functions want them, whatever type they come in.

/** As text; `otherwise` where the call leaves the argument out. */
export function text(values: readonly Scalar[], index: number, otherwise?: string): Sql {
  if (otherwise !== undefined && values[index] === undefined) return sql`${otherwise}`;
  const value = argument(values, index);
  return (convert(value, "string") ?? value).sql;
}

export function long(values: readonly Scalar[], index: number, otherwise?: number): Sql {
  if (otherwise !== undefined && values[index] === undefined) return sql`${otherwise}::BIGINT`;
  const value = argument(values, index);
  return (convert(value, "long") ?? value).sql;
}

export function real(values: readonly Scalar[], index: number): Sql {
  const value = argument(values, index);
  return (convert(value, "real") ?? value).sql;
}

/** As JSON text, null for null. */
export function json(values: readonly Scalar[], index: number): Sql {
  return jsonText(argument(values, index));
}

/** A call of a function that the engine adds to DuckDB. */
export function native(type: KqlType, name: string, ...parts: readonly Sql[]): Scalar {
  const value = sql`kql_${name}(${join(parts, ", ")})`;
  return scalar(type, type === "string" ? sql`coalesce(${value}, '')` : value);
}
