import { ask, type Part } from "./part.ts";
import type { KqlType } from "./schema.ts";
import { quote, raw, type Sql, sql } from "./sql.ts";
import { sqlType } from "./types.ts";

/** A translated scalar expression. */
export interface Scalar {
  readonly sql: Sql;
  readonly type: KqlType;
  /** False only if the value is never null. */
  readonly nullable: boolean;
  /** The value, where it is known while translating: strings, numbers (as bigint or number), booleans, null. */
  readonly constant?: string | number | bigint | boolean | null;
  /** The same condition where null and false mean the same, as in `where`: often simpler, so that DuckDB can use it early. */
  readonly filter?: Sql;
  /** Where a dynamic value is a part of a JSON document. */
  readonly part?: Part;
  /** Of a calculation with whole numbers: the ways in which it can go on. */
  readonly forms?: WholeForms;
}

/** A calculation with whole numbers, exact in 128 bits; and, where nothing can overflow as long as the operands are small, plain. */
export type WholeForms =
  | { readonly exact: Sql; readonly plain?: undefined }
  | {
      readonly exact: Sql;
      readonly plain: Sql;
      /** The largest absolute value that the plain form can have. */
      readonly bound: bigint;
      /** The operands that must be small, each within 32 bits. */
      readonly checked: readonly Sql[];
    };

export function scalar(type: KqlType, text: Sql, nullable = true): Scalar {
  return { sql: text, type, nullable: nullable && type !== "string" };
}

export function stringConstant(value: string): Scalar {
  return { sql: raw(quote(value)), type: "string", nullable: false, constant: value };
}

export function longConstant(value: bigint, type: "long" | "int" | "datetime" | "timespan" = "long"): Scalar {
  const text = `${value < 0n ? `(${value})` : value}::${sqlType(type)}`;
  // The smallest 64-bit number has no positive counterpart that DuckDB could negate
  return { sql: raw(value === -(2n ** 63n) ? `'${value}'::BIGINT` : text), type, nullable: false, constant: value };
}

export function realConstant(value: number): Scalar {
  return { sql: raw(`'${value}'::DOUBLE`), type: "real", nullable: false, constant: value };
}

export function boolConstant(value: boolean): Scalar {
  return { sql: raw(String(value)), type: "bool", nullable: false, constant: value };
}

/** The missing value of a type: an empty string for strings, null for all others. */
export function missing(type: KqlType): Scalar {
  if (type === "string") return stringConstant("");
  return { sql: raw(`NULL::${sqlType(type)}`), type, nullable: true, constant: null };
}

/** JSON text as a dynamic value, never the JSON null. */
export function dynamic(text: Sql, nullable = true): Scalar {
  return scalar("dynamic", text, nullable);
}

/** A part of a JSON document. */
export function partOf(part: Part): Scalar {
  return {
    sql: sql`nullif(${ask("json_extract", part)}::VARCHAR, 'null')`,
    type: "dynamic",
    nullable: true,
    part,
  };
}

/** The value as a string, where null has become the empty string. */
export function orEmpty(value: Sql): Scalar {
  return scalar("string", sql`coalesce(${value}, '')`);
}

/** A condition that is never null: `filter` may be null, which then counts as false. */
export function condition(filter: Sql, nullable = true): Scalar {
  return nullable
    ? { sql: sql`coalesce(${filter}, false)`, type: "bool", nullable: false, filter }
    : { sql: filter, type: "bool", nullable: false };
}

/** The value as a condition of `where`. */
export function asFilter(value: Scalar): Sql {
  return value.filter ?? value.sql;
}

/** The opposite, where null counts as false beforehand: `!has`, `!in`, … */
export function negated(value: Scalar): Scalar {
  return scalar("bool", sql`NOT ${value.sql}`, value.nullable);
}
