import { argument, type Call, constantText, type ScalarFunction } from "../context.ts";
import { isTimeZone } from "../native/time-zones.ts";
import { longConstant, missing, type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, type Sql, sql } from "../sql.ts";
import { epochTicks, ticksPerDay } from "../types.ts";
import { long, native, real, text } from "./arguments.ts";
import { arithmetic } from "./arithmetic.ts";
import { convert } from "./convert.ts";

const day = String(ticksPerDay);
const week = String(7n * ticksPerDay);

/** A count of units since 1970 as a datetime. */
function unixTime(ticksPerUnit: bigint): ScalarFunction {
  return (values) => {
    const value = argument(values, 0);
    const ticks =
      value.type === "real"
        ? sql`round(${real(values, 0)} * ${String(ticksPerUnit)})::HUGEINT`
        : sql`${long(values, 0)}::HUGEINT * ${String(ticksPerUnit)}`;
    return scalar("datetime", sql`kql_in_time(${String(epochTicks)} + ${ticks})`);
  };
}

/** Floors to a multiple, counted from zero or, for times, from year 1. */
const bin: ScalarFunction = (values, call) => {
  const [value, step] = [argument(values, 0), argument(values, 1)];
  if (value.type === "real" || step.type === "real") {
    const [a, b] = [real(values, 0), real(values, 1)];
    return scalar(call.type, sql`CASE WHEN ${b} > 0 THEN floor(${a} / ${b}) * ${b} END`);
  }
  const positive = typeof step.constant === "bigint" && step.constant > 0n;
  if (value.type === "datetime" && positive) {
    return scalar("datetime", sql`(${value.sql} - ${value.sql} % ${step.sql})`, value.nullable);
  }
  const rest = arithmetic("ModuloExpression", { ...value, type: "long" }, { ...step, type: "long" }, "long") as Scalar;
  const floored = sql`(${value.sql} - ${rest.sql})`;
  return scalar(
    call.type,
    positive ? floored : sql`CASE WHEN ${step.sql} > 0 THEN ${floored} END`,
    value.nullable || !positive,
  );
};

/** As `bin`, counted from a point of one's own. */
const binAt: ScalarFunction = (values, call) => {
  const [value, step, start] = [argument(values, 0), argument(values, 1), argument(values, 2)];
  if ([value, step, start].some(({ type }) => type === "real")) {
    const [a, b, c] = [real(values, 0), real(values, 1), real(values, 2)];
    return scalar(call.type, sql`CASE WHEN ${b} > 0 THEN ${c} + floor((${a} - ${c}) / ${b}) * ${b} END`);
  }
  const [a, b, c] = [value.sql, step.sql, start.sql];
  return scalar(call.type, sql`CASE WHEN ${b} > 0 THEN ${a} - (((${a} - ${c}) % ${b}) + ${b}) % ${b} END`);
};

/** The start of the period that a time lies in, by an offset of so many periods. */
function startOf(part: "day" | "week" | "month" | "year", ticks: Sql): Sql {
  if (part === "day") return sql`(${ticks} - ${ticks} % ${day})`;
  // Year 1 begins on a Monday, KQL's week on a Sunday
  if (part === "week") return sql`(${ticks} - (${ticks} + ${day}) % ${week})`;
  return sql`kql_ticks(date_trunc('${part}', kql_timestamp(${ticks})))`;
}

function period(part: "day" | "week" | "month" | "year", end: boolean): ScalarFunction {
  return (values) => {
    const value = argument(values, 0);
    const offset = values[1] === undefined ? undefined : long(values, 1);
    const shifted = offset === undefined ? value.sql : sql`kql_datetime_add('${part}', ${offset}, ${value.sql})`;
    const start = startOf(part, shifted);
    // The last instant is one tick before the next period
    const text = end ? sql`(kql_datetime_add('${part}', 1::BIGINT, ${start}) - 1)` : start;
    if (!end) return scalar("datetime", text, value.nullable || offset !== undefined);
    // The next period of the last one that can be counted has no start
    return scalar(
      "datetime",
      sql`CASE WHEN ${value.sql} IS NOT NULL THEN coalesce(${text}, 3155378975999999999) END`,
      value.nullable,
    );
  };
}

/** A part of the calendar time, as DuckDB names it. */
function calendar(part: string, type: KqlType = "int"): ScalarFunction {
  return (values) => {
    const value = argument(values, 0);
    return scalar(
      type,
      sql`${part}(kql_timestamp(${value.sql}))::${type === "int" ? "INTEGER" : "BIGINT"}`,
      value.nullable,
    );
  };
}

const dayOfWeek: ScalarFunction = (values) => {
  const value = argument(values, 0);
  // The end of the week that holds the last day lies beyond all time: Kusto has no answer for that day
  return scalar("timespan", sql`(kql_in_time(${value.sql} + ${day}) % ${week} // ${day} * ${day})`);
};

const datetimeParts: Readonly<Record<string, string>> = {
  year: "year",
  quarter: "quarter",
  month: "month",
  week_of_year: "week",
  day: "day",
  dayofyear: "dayofyear",
  hour: "hour",
  minute: "minute",
  second: "second",
};

const datetimePart: ScalarFunction = (values, call) => {
  const part = constantText(values, 0, call).toLowerCase();
  const value = argument(values, 1);
  const name = datetimeParts[part];
  const text = name === undefined ? fractionOfSecond(part, value.sql, call) : sql`${name}(kql_timestamp(${value.sql}))`;
  return (
    convert(scalar("long", sql`${text}::BIGINT`, value.nullable), call.type) ??
    call.fail("datetime_part() has no such type")
  );
};

function fractionOfSecond(part: string, ticks: Sql, call: Call): Sql {
  const ticksPerUnit = { millisecond: 10_000, microsecond: 10, nanosecond: 1 }[part];
  if (ticksPerUnit === undefined) return call.fail(`datetime_part() has no part '${part}'`);
  const units = sql`(${ticks} % 10000000 // ${ticksPerUnit})`;
  return part === "nanosecond" ? sql`(${units} * 100)` : units;
}

const difference: ScalarFunction = (values, call) => {
  const [a, b] = [argument(values, 1), argument(values, 2)];
  const found = native("long", "datetime_diff", text(values, 0), a.sql, b.sql);
  return convert(found, call.type) ?? call.fail("datetime_diff() has no such type");
};

const makeDatetime: ScalarFunction = (values) => {
  if (values.length === 1) return convert(argument(values, 0), "datetime") ?? missing("datetime");
  const second = values[5] === undefined ? sql`0::DOUBLE` : real(values, 5);
  return native(
    "datetime",
    "make_datetime",
    long(values, 0),
    long(values, 1),
    long(values, 2),
    long(values, 3, 0),
    long(values, 4, 0),
    second,
  );
};

/** Hours and minutes, before them days, after them seconds. */
const makeTimespan: ScalarFunction = (values, call) => {
  if (values.length === 1)
    return convert(argument(values, 0), "timespan") ?? call.fail("make_timespan() needs text or numbers");
  const hasDays = values.length > 3;
  const [hours, minutes] = hasDays ? [long(values, 1), long(values, 2)] : [long(values, 0), long(values, 1)];
  const days = hasDays ? long(values, 0) : sql`0`;
  const last = hasDays ? 3 : 2;
  const seconds = values[last] === undefined ? sql`0::DOUBLE` : real(values, last);
  return scalar(
    "timespan",
    sql`CASE WHEN ${hours} BETWEEN 0 AND 23 AND ${minutes} BETWEEN 0 AND 59 AND ${seconds} >= 0 AND ${seconds} < 60 THEN (${days} * 86400 + ${hours} * 3600 + ${minutes} * 60) * 10000000 + round(${seconds} * 10000000)::BIGINT END`,
  );
};

/** To or from a zone's clocks. Its name must be known while translating: one that does not exist is an error. */
function inZone(name: "datetime_utc_to_local" | "datetime_local_to_utc"): ScalarFunction {
  return (values, call) => {
    const zone = constantText(values, 1, call);
    return isTimeZone(zone)
      ? native("datetime", name, argument(values, 0).sql, text(values, 1))
      : call.fail(`'${zone}' is no time zone`);
  };
}

export const times: Readonly<Record<string, ScalarFunction>> = {
  now: (values, call) => {
    const instant = longConstant(call.translator.now, "datetime");
    if (values.length === 0) return instant;
    return arithmetic("AddExpression", instant, argument(values, 0), "datetime") ?? instant;
  },
  ago: (values, call) => {
    const [instant, span] = [longConstant(call.translator.now, "datetime"), argument(values, 0)];
    // A constant, so that DuckDB can pass over whole blocks of rows
    if (typeof span.constant === "bigint") return longConstant(call.translator.now - span.constant, "datetime");
    return arithmetic("SubtractExpression", instant, span, "datetime") ?? instant;
  },
  ingestion_time: (_values, call) => {
    const column = call.scope.row?.ingestionTime;
    return column === undefined ? missing("datetime") : scalar("datetime", columnSql(column.id));
  },
  bin,
  floor: bin,
  bin_at: binAt,
  unixtime_seconds_todatetime: unixTime(10_000_000n),
  unixtime_milliseconds_todatetime: unixTime(10_000n),
  unixtime_microseconds_todatetime: unixTime(10n),
  startofday: period("day", false),
  startofweek: period("week", false),
  startofmonth: period("month", false),
  startofyear: period("year", false),
  endofday: period("day", true),
  endofweek: period("week", true),
  endofmonth: period("month", true),
  endofyear: period("year", true),
  getyear: calendar("year"),
  getmonth: calendar("month"),
  monthofyear: calendar("month"),
  dayofmonth: calendar("day"),
  dayofyear: calendar("dayofyear"),
  hourofday: calendar("hour"),
  weekofyear: calendar("week", "long"),
  week_of_year: calendar("week", "long"),
  dayofweek: dayOfWeek,
  datetime_part: datetimePart,
  datepart: datetimePart,
  datetime_add: (values) =>
    native("datetime", "datetime_add", text(values, 0), long(values, 1), argument(values, 2).sql),
  datetime_diff: difference,
  datetime_utc_to_local: inZone("datetime_utc_to_local"),
  datetime_local_to_utc: inZone("datetime_local_to_utc"),
  make_datetime: makeDatetime,
  make_timespan: makeTimespan,
  format_datetime: (values) => native("string", "format_datetime", argument(values, 0).sql, text(values, 1)),
  format_timespan: (values) => native("string", "format_timespan", argument(values, 0).sql, text(values, 1)),
};
