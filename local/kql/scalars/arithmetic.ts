import { longConstant, realConstant, type Scalar, scalar, type WholeForms } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { join, type Sql, sql } from "../sql.ts";

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
      return wholeNumbers(operator, left, right).text;
    }
    if (type === "timespan" && operator === "*") return roundedTicks(sql`${real(left)} * ${real(right)}`);
    if (type === "real") return sql`(${real(left)} ${operator} ${real(right)})`;
    if (type === "datetime") return sql`kql_in_time(${huge(left)} ${operator} ${huge(right)})`;
    return sql`(${left.sql} ${operator} ${right.sql})`;
  };
}

/** An operand that no calculation made: small enough to be looked at before, if it is not too long to be written thrice. */
function leaf(value: Scalar): WholeForms {
  const { sql: text, type, constant } = value;
  if (typeof constant === "bigint")
    return { exact: huge(value), plain: text, bound: constant < 0n ? -constant : constant, checked: [] };
  const plain = sql`${text}::BIGINT`;
  if (type === "int") return { exact: huge(value), plain, bound: smallest, checked: [] };
  return text.text.length > 160
    ? { exact: huge(value) }
    : { exact: huge(value), plain, bound: smallest, checked: [text] };
}
const smallest = 2n ** 31n;

/** 64-bit arithmetic: by DuckDB's fast operators while all operands are so small that nothing can overflow, else in 128 bits. */
function wholeNumbers(operator: "+" | "-" | "*", left: Scalar, right: Scalar): { text: Sql; forms: WholeForms } {
  const [a, b] = [left.forms ?? leaf(left), right.forms ?? leaf(right)];
  const exact = wrap(sql`${a.exact} ${operator} ${b.exact}`);
  const wide = sql`${exact}::HUGEINT`;
  if (a.plain === undefined || b.plain === undefined) return { text: exact, forms: { exact: wide } };
  const bound = operator === "*" ? a.bound * b.bound : a.bound + b.bound;
  if (bound >= 2n ** 63n) return { text: exact, forms: { exact: wide } };
  const plain = sql`(${a.plain} ${operator} ${b.plain})`;
  const checked = [...new Map([...a.checked, ...b.checked].map((piece) => [piece.text, piece])).values()];
  const forms: WholeForms = { exact: wide, plain, bound, checked };
  if (checked.length === 0) return { text: plain, forms };
  const checks = checked.map((piece) => sql`${piece} BETWEEN ${String(-smallest)} AND ${String(smallest)}`);
  return { text: sql`CASE WHEN ${join(checks, " AND ")} THEN ${plain} ELSE ${exact} END`, forms };
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

const wholeOperators: Readonly<Record<string, "+" | "-" | "*">> = {
  AddExpression: "+",
  SubtractExpression: "-",
  MultiplyExpression: "*",
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
  const operator = wholeOperators[kind];
  if (operator !== undefined && type === "long" && isWhole(left.type) && isWhole(right.type)) {
    const { text, forms } = wholeNumbers(operator, left, right);
    return { ...scalar("long", text, left.nullable || right.nullable), forms };
  }
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
