import { longConstant, realConstant, type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { type Sql, sql } from "../sql.ts";

type Operation = (left: Scalar, right: Scalar, type: KqlType) => Sql;

/** Integers wrap around at 64 bits, as in Kusto, where DuckDB would end the query. `wide` is a 128-bit value. */
export function wrap(wide: Sql): Sql {
  return sql`(xor((${wide}) & 18446744073709551615::HUGEINT, 9223372036854775808::HUGEINT) - 9223372036854775808::HUGEINT)::BIGINT`;
}

function huge(value: Scalar): Sql {
  return sql`${value.sql}::HUGEINT`;
}

function isWhole(type: KqlType): boolean {
  return type === "long" || type === "int";
}

function isTime(type: KqlType): boolean {
  return type === "datetime" || type === "timespan";
}

function plainOrWrapped(operator: "+" | "-" | "*"): Operation {
  return (left, right, type) => {
    if (isWhole(type) || (operator === "*" && isTime(type) && left.type !== "real" && right.type !== "real")) {
      return wrap(sql`${huge(left)} ${operator} ${huge(right)}`);
    }
    if (type === "timespan" && operator === "*") return roundedTicks(sql`${real(left)} * ${real(right)}`);
    if (type === "real") return sql`(${real(left)} ${operator} ${real(right)})`;
    if (type === "datetime") return sql`kql_in_time(${huge(left)} ${operator} ${huge(right)})`;
    return sql`(${left.sql} ${operator} ${right.sql})`;
  };
}

function real(value: Scalar): Sql {
  return value.type === "real" ? value.sql : sql`${value.sql}::DOUBLE`;
}

function roundedTicks(value: Sql): Sql {
  return sql`TRY_CAST(trunc(${value}) AS BIGINT)`;
}

const divide: Operation = (left, right, type) => {
  if (type === "real") return sql`(${real(left)} / ${real(right)})`;
  if (type === "timespan" && right.type === "real") return roundedTicks(sql`${real(left)} / ${real(right)}`);
  // The only quotient of two 64-bit numbers that has no room in 64 bits
  return typeof right.constant === "bigint" && right.constant !== -1n
    ? sql`(${left.sql} // ${right.sql})`
    : wrap(sql`${huge(left)} // ${huge(right)}`);
};

/** Never negative, whatever the signs. */
const modulo: Operation = (left, right, type) => {
  const [a, b] = type === "real" ? [real(left), real(right)] : [left.sql, right.sql];
  if (typeof right.constant === "bigint" && right.constant > 0n) return sql`(((${a} % ${b}) + ${b}) % ${b})`;
  return type === "real"
    ? sql`(((${a} % ${b}) + abs(${b})) % abs(${b}))`
    : sql`(((${huge(left)} % ${huge(right)}) + abs(${huge(right)})) % abs(${huge(right)}))::BIGINT`;
};

const operations: Readonly<Record<string, Operation>> = {
  AddExpression: plainOrWrapped("+"),
  SubtractExpression: plainOrWrapped("-"),
  MultiplyExpression: plainOrWrapped("*"),
  DivideExpression: divide,
  ModuloExpression: modulo,
};

/** Arithmetic of two values, neither of them dynamic or a string; undefined if `kind` is no arithmetic. */
export function arithmetic(kind: string, left: Scalar, right: Scalar, type: KqlType): Scalar | undefined {
  const operation = operations[kind];
  if (operation === undefined) return undefined;
  // A product of two decimals needs more digits than DuckDB has
  if (type === "decimal" && kind !== "AddExpression" && kind !== "SubtractExpression") return undefined;
  const mayBeNull = kind === "DivideExpression" || kind === "ModuloExpression" || type === "datetime";
  const text = operation(left, right, type);
  return scalar(type, type === "int" ? sql`${text}::INTEGER` : text, left.nullable || right.nullable || mayBeNull);
}

export function negate(value: Scalar): Scalar {
  const { constant, type } = value;
  if (typeof constant === "bigint") {
    return longConstant(BigInt.asIntN(64, -constant), type === "timespan" ? "timespan" : "long");
  }
  if (typeof constant === "number") return realConstant(-constant);
  const text = isWhole(type) ? wrap(sql`-${huge(value)}`) : sql`(-${value.sql})`;
  return scalar(type === "int" ? "long" : type, text, value.nullable);
}
