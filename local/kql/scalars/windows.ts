import { argument, type Call, type ScalarFunction } from "../context.ts";
import { asFilter, missing, type Scalar } from "../scalar.ts";
import { type Sql, sql } from "../sql.ts";
import { convert } from "./convert.ts";

// Functions that look at other rows. They need rows in an order: those of `serialize`, `sort` or `top`.

function staging(call: Call) {
  return call.scope.staging ?? call.fail(`${call.name}() is not supported in this operator yet`);
}

/** The value of an earlier or later row, or the default where there is no such row. */
function neighbour(name: "lag" | "lead"): ScalarFunction {
  return (values, call) => {
    const stage = staging(call);
    const value = argument(values, 0);
    const offset = values[1]?.sql ?? sql`1`;
    const otherwise =
      convert(values[2] ?? missing(value.type), value.type) ??
      call.fail(`the default of ${call.name}() has another type`);
    const over = stage.order(value.sql, offset, otherwise.sql);
    const text = sql`${name}(${value.sql}, ${offset}, ${otherwise.sql}) OVER (${over})`;
    return stage.stage(value.type, value.type === "string" ? sql`coalesce(${text}, '')` : text);
  };
}

/** What a window that reads a value runs over: rows in order, starting anew where the condition holds. */
function window(value: Sql, restart: Scalar | undefined, call: Call): Sql {
  const stage = staging(call);
  if (restart === undefined) return stage.order(value);
  const condition = asFilter(restart);
  const group = stage.stage("long", sql`count(*) FILTER (WHERE ${condition}) OVER (${stage.order(condition)})`, false);
  return sql`PARTITION BY ${group.sql} ${stage.order(group.sql)}`;
}

const rowNumber: ScalarFunction = (values, call) => {
  const start = values[0]?.sql ?? sql`1::BIGINT`;
  const over = window(start, values[1], call);
  return staging(call).stage("long", sql`(row_number() OVER (${over}) + ${start} - 1)`, false);
};

const cumulativeSum: ScalarFunction = (values, call) => {
  const value = argument(values, 0);
  const over = window(value.sql, values[1], call);
  const sum = sql`coalesce(sum(${value.sql}) OVER (${over} ROWS UNBOUNDED PRECEDING), 0)`;
  return staging(call).stage(call.type, call.type === "real" ? sql`${sum}::DOUBLE` : sql`${sum}::BIGINT`, false);
};

/** How many different values there have been so far, or the number of the first row of the value. */
function rank(dense: boolean): ScalarFunction {
  return (values, call) => {
    const stage = staging(call);
    const value = argument(values, 0);
    const first = window(value.sql, values[1], call);
    const before = stage.stage(value.type, sql`lag(${value.sql}) OVER (${first})`);
    const number = stage.stage("long", sql`row_number() OVER (${first})`, false);
    const isNew = sql`(${number.sql} = 1 OR ${value.sql} IS DISTINCT FROM ${before.sql})`;
    const over = values[1] === undefined ? stage.order(isNew) : first;
    return stage.stage(
      "long",
      dense
        ? sql`count(*) FILTER (WHERE ${isNew}) OVER (${over} ROWS UNBOUNDED PRECEDING)`
        : sql`max(CASE WHEN ${isNew} THEN ${number.sql} END) OVER (${over} ROWS UNBOUNDED PRECEDING)`,
      false,
    );
  };
}

export const windows: Readonly<Record<string, ScalarFunction>> = {
  prev: neighbour("lag"),
  next: neighbour("lead"),
  row_number: rowNumber,
  row_cumsum: cumulativeSum,
  row_rank_dense: rank(true),
  row_rank_min: rank(false),
};
