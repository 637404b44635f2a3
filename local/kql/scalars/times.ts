import { argument, type ScalarFunction } from "../context.ts";
import { longConstant, missing, type Scalar, scalar } from "../scalar.ts";
import { columnSql, type Sql, sql } from "../sql.ts";
import { epochTicks } from "../types.ts";
import { arithmetic } from "./arithmetic.ts";
import { convert } from "./convert.ts";

function numberOf(value: Scalar): Sql {
  return (convert(value, "real") ?? value).sql;
}

/** A count of units since 1970 as a datetime. */
function unixTime(ticksPerUnit: bigint): ScalarFunction {
  return (values) => {
    const value = argument(values, 0);
    const ticks =
      value.type === "real"
        ? sql`round(${numberOf(value)} * ${ticksPerUnit.toString()})::BIGINT`
        : sql`${(convert(value, "long") ?? value).sql} * ${ticksPerUnit.toString()}`;
    return scalar("datetime", sql`(${epochTicks.toString()} + ${ticks})`, value.nullable);
  };
}

/** Floors to a multiple, counted from zero or, for times, from year 1. */
const bin: ScalarFunction = (values, call) => {
  const [value, step] = [argument(values, 0), argument(values, 1)];
  if (value.type === "real" || step.type === "real") {
    const [a, b] = [numberOf(value), numberOf(step)];
    return scalar(call.type, sql`CASE WHEN ${b} > 0 THEN floor(${a} / ${b}) * ${b} END`);
  }
  if (value.type === "datetime" && typeof step.constant === "bigint" && step.constant > 0n) {
    return scalar("datetime", sql`(${value.sql} - ${value.sql} % ${step.sql})`, value.nullable);
  }
  const multiple = arithmetic(
    "ModuloExpression",
    { ...value, type: "long" },
    { ...step, type: "long" },
    "long",
  ) as Scalar;
  return scalar(
    call.type,
    sql`(${value.sql} - ${multiple.sql})`,
    value.nullable || typeof step.constant !== "bigint" || step.constant <= 0n,
  );
};

export const times: Readonly<Record<string, ScalarFunction>> = {
  now: (values, call) => {
    const instant = longConstant(call.translator.now, "datetime");
    return values.length === 0
      ? instant
      : (arithmetic("AddExpression", instant, argument(values, 0), "datetime") as Scalar);
  },
  ago: (values, call) =>
    arithmetic(
      "SubtractExpression",
      longConstant(call.translator.now, "datetime"),
      argument(values, 0),
      "datetime",
    ) as Scalar,
  ingestion_time: (_values, call) => {
    const column = call.scope.row?.ingestionTime;
    return column === undefined ? missing("datetime") : scalar("datetime", columnSql(column.id));
  },
  bin,
  floor: bin,
  unixtime_seconds_todatetime: unixTime(10_000_000n),
  unixtime_milliseconds_todatetime: unixTime(10_000n),
  unixtime_microseconds_todatetime: unixTime(10n),
};
