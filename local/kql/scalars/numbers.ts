import { argument, type ScalarFunction } from "../context.ts";
import { realConstant, type Scalar, scalar } from "../scalar.ts";
import { type Sql, sql } from "../sql.ts";
import { long, real } from "./arguments.ts";
import { wrap } from "./arithmetic.ts";
import { convert } from "./convert.ts";

/** A function of one real, null where mathematics has no value. */
function ofReal(formula: (value: Sql) => Sql): ScalarFunction {
  return (values) => scalar("real", formula(real(values, 0)));
}

function bits(formula: (a: Sql, b: Sql) => Sql): ScalarFunction {
  return (values) => scalar("long", formula(long(values, 0), long(values, 1)));
}

const abs: ScalarFunction = (values, call) => {
  const value = argument(values, 0);
  const text = value.type === "long" ? wrap(sql`abs(${value.sql}::HUGEINT)`) : sql`abs(${value.sql})`;
  return (
    convert(scalar(value.type, text, value.nullable), call.type) ?? call.fail("abs() needs a number or a timespan")
  );
};

/** Halves go away from zero. */
const round: ScalarFunction = (values) => {
  const value = real(values, 0);
  return scalar(
    "real",
    values[1] === undefined ? sql`round(${value})` : sql`round(${value}, ${long(values, 1)}::INTEGER)`,
  );
};

const sign: ScalarFunction = (values, call) => {
  const value = argument(values, 0);
  return (
    convert(scalar("long", sql`sign(${value.sql})::BIGINT`, value.nullable), call.type) ??
    call.fail("sign() needs a number")
  );
};

const ceiling: ScalarFunction = (values, call) => {
  const value = argument(values, 0);
  if (value.type === "long" || value.type === "int") return convert(value, call.type) as Scalar;
  return convert(scalar("real", sql`ceil(${real(values, 0)})`), call.type) ?? call.fail("ceiling() needs a number");
};

function logarithm(name: string): ScalarFunction {
  return ofReal(
    (value) =>
      sql`CASE WHEN ${value} > 0 THEN ${name}(${value}) WHEN ${value} = 0 THEN '-infinity'::DOUBLE WHEN ${value} < 0 THEN 'nan'::DOUBLE END`,
  );
}

/** What the formula says within -1 to 1, no number outside. */
function inverse(name: string): ScalarFunction {
  return ofReal(
    (value) =>
      sql`CASE WHEN abs(${value}) <= 1 THEN ${name}(${value}) WHEN ${value} IS NOT NULL THEN 'nan'::DOUBLE END`,
  );
}

function test(formula: (value: Sql) => Sql): ScalarFunction {
  return (values) => scalar("bool", formula(real(values, 0)));
}

export const numbers: Readonly<Record<string, ScalarFunction>> = {
  abs,
  round,
  sign,
  ceiling,
  sqrt: ofReal((value) => sql`CASE WHEN ${value} >= 0 THEN sqrt(${value}) WHEN ${value} < 0 THEN 'nan'::DOUBLE END`),
  pow: (values) => scalar("real", sql`pow(${real(values, 0)}, ${real(values, 1)})`),
  exp: ofReal((value) => sql`exp(${value})`),
  exp2: ofReal((value) => sql`pow(2, ${value})`),
  exp10: ofReal((value) => sql`pow(10, ${value})`),
  log: logarithm("ln"),
  log2: logarithm("log2"),
  log10: logarithm("log10"),
  sin: ofReal((value) => sql`sin(${value})`),
  cos: ofReal((value) => sql`cos(${value})`),
  tan: ofReal((value) => sql`tan(${value})`),
  cot: ofReal((value) => sql`cot(${value})`),
  asin: inverse("asin"),
  acos: inverse("acos"),
  atan: ofReal((value) => sql`atan(${value})`),
  atan2: (values) => scalar("real", sql`atan2(${real(values, 0)}, ${real(values, 1)})`),
  degrees: ofReal((value) => sql`degrees(${value})`),
  radians: ofReal((value) => sql`radians(${value})`),
  pi: () => realConstant(Math.PI),
  isnan: test((value) => sql`isnan(${value})`),
  isinf: test((value) => sql`isinf(${value})`),
  isfinite: test((value) => sql`isfinite(${value})`),
  binary_and: bits((a, b) => sql`(${a} & ${b})`),
  binary_or: bits((a, b) => sql`(${a} | ${b})`),
  binary_xor: bits((a, b) => sql`xor(${a}, ${b})`),
  binary_not: (values) => scalar("long", sql`(~${long(values, 0)})`),
  bitset_count_ones: (values) => scalar("long", sql`bit_count(${long(values, 0)})::BIGINT`),
};
