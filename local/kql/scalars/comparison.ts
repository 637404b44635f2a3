import { asFilter, type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { type Sql, sql } from "../sql.ts";
import { isNumber } from "../types.ts";
import { convert } from "./convert.ts";

/** Both sides in a type in which they can be compared, or undefined if there is none. */
export function comparable(left: Scalar, right: Scalar): readonly [Scalar, Scalar] | undefined {
  if (left.type === right.type || (isNumber(left.type) && isNumber(right.type))) return [left, right];
  const type = commonType(left, right);
  const [a, b] = [convert(left, type), convert(right, type)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function commonType(left: Scalar, right: Scalar): KqlType {
  if (left.constant === null) return right.type;
  if (right.constant === null) return left.type;
  // What a dynamic value is, shows only in the data: it is read as the other side's type
  if (left.type === "dynamic") return right.type;
  if (right.type === "dynamic") return left.type;
  if (left.type === "guid" || right.type === "guid") return "guid";
  return left.type;
}

/** `==`: null equals null to null, and nothing else. */
export function equal(left: Scalar, right: Scalar): Scalar {
  const same =
    isReal(left) && isReal(right)
      ? sql`(${left.sql} = ${right.sql} AND NOT isnan(${left.sql}))`
      : sql`(${left.sql} = ${right.sql})`;
  return comparison(left, right, same, sql`coalesce(${same}, false)`);
}

/** `!=`: null differs from every value. */
export function notEqual(left: Scalar, right: Scalar): Scalar {
  const differs =
    isReal(left) && isReal(right)
      ? sql`(${left.sql} <> ${right.sql} OR isnan(${left.sql}))`
      : sql`(${left.sql} <> ${right.sql})`;
  const { sql: text } = comparison(left, right, differs, sql`coalesce(${differs}, true)`);
  return left.nullable || right.nullable
    ? {
        ...scalar("bool", text, left.nullable && right.nullable),
        filter: sql`(${left.sql} IS DISTINCT FROM ${right.sql}${isReal(left) && isReal(right) ? sql` OR isnan(${left.sql})` : ""})`,
      }
    : scalar("bool", differs, false);
}

function comparison(left: Scalar, right: Scalar, plain: Sql, oneNull: Sql): Scalar {
  if (!left.nullable && !right.nullable) return scalar("bool", plain, false);
  if (!left.nullable || !right.nullable) return { ...scalar("bool", oneNull, false), filter: plain };
  const both = sql`CASE WHEN ${left.sql} IS NULL AND ${right.sql} IS NULL THEN NULL ELSE ${oneNull} END`;
  return { ...scalar("bool", both), filter: plain };
}

function isReal(value: Scalar): boolean {
  return value.type === "real" && (value.constant === undefined || Number.isNaN(value.constant));
}

/** `<`, `<=`, `>`, `>=`: null if a side is null; false if a side is no number, which DuckDB would take for the largest one. */
export function ordered(left: Scalar, operator: "<" | "<=" | ">" | ">=", right: Scalar): Scalar {
  const plain = sql`(${left.sql} ${operator} ${right.sql})`;
  const suspects = (operator.startsWith(">") ? [left] : [right]).filter(isReal);
  const text = suspects.reduce((all, value) => sql`(${all} AND NOT isnan(${value.sql}))`, plain);
  return scalar("bool", text, left.nullable || right.nullable);
}

export function and(left: Scalar, right: Scalar): Scalar {
  return {
    ...scalar("bool", sql`(${left.sql} AND ${right.sql})`, left.nullable || right.nullable),
    filter: sql`(${asFilter(left)} AND ${asFilter(right)})`,
  };
}

export function or(left: Scalar, right: Scalar): Scalar {
  return {
    ...scalar("bool", sql`(${left.sql} OR ${right.sql})`, left.nullable || right.nullable),
    filter: sql`(${asFilter(left)} OR ${asFilter(right)})`,
  };
}

/** `between`: both ends belong to it. */
export function between(value: Scalar, low: Scalar, high: Scalar): Scalar {
  return and(ordered(value, ">=", low), ordered(value, "<=", high));
}
