import { argument, type Call } from "./context.ts";
import { orderList, type Relation } from "./relation.ts";
import { asFilter, dynamic, type Scalar, scalar } from "./scalar.ts";
import { wrap } from "./scalars/arithmetic.ts";
import { convert, jsonText } from "./scalars/convert.ts";
import { raw, type Sql, sql } from "./sql.ts";

/** Translates a call in `summarize`; the values are expressions over the rows of a group. */
export type AggregateFunction = (values: readonly Scalar[], call: Call) => Scalar;

/** Only the rows for which a condition holds, or all. */
function filtered(condition: Scalar | undefined): Sql {
  return condition === undefined ? raw("") : sql` FILTER (WHERE ${asFilter(condition)})`;
}

/** The aggregate and its `…if` form, whose last argument is the condition. */
function withIf(
  name: string,
  apply: (values: readonly Scalar[], where: Sql, call: Call) => Scalar,
): Record<string, AggregateFunction> {
  return {
    [name]: (values, call) => apply(values, raw(""), call),
    [`${name}if`]: (values, call) => apply(values.slice(0, -1), filtered(values.at(-1)), call),
  };
}

function count(_values: readonly Scalar[], where: Sql): Scalar {
  return scalar("long", sql`count(*)${where}`, false);
}

/** Of nothing, zero. */
function sum(values: readonly Scalar[], where: Sql, call: Call): Scalar {
  const value = argument(values, 0);
  const text = sql`coalesce(sum(${value.sql})${where}, 0)`;
  if (call.type === "real") return scalar("real", sql`${text}::DOUBLE`, false);
  return scalar(call.type, call.type === "decimal" ? text : wrap(sql`${text}::HUGEINT`), false);
}

/** Of nothing, no number; of times, null. */
function avg(values: readonly Scalar[], where: Sql, call: Call): Scalar {
  const value = argument(values, 0);
  if (value.type === "decimal") return call.fail("avg() of decimals is not supported yet");
  if (call.type === "real")
    return scalar("real", sql`coalesce(avg(${value.sql}::DOUBLE)${where}, 'nan'::DOUBLE)`, false);
  return scalar(call.type, sql`(sum(${value.sql})${where} // count(${value.sql})${where})::BIGINT`);
}

/** A value that is no number makes the result no number; DuckDB would pass over it. */
function extreme(name: "min" | "max") {
  return (values: readonly Scalar[], where: Sql): Scalar => {
    const value = argument(values, 0);
    const text = sql`${name}(${value.sql})${where}`;
    if (value.type === "string") return scalar("string", sql`coalesce(${text}, '')`);
    if (value.type !== "real" || name === "max") return scalar(value.type, text);
    return scalar(
      "real",
      sql`CASE WHEN coalesce(bool_or(isnan(${value.sql}))${where}, false) THEN 'nan'::DOUBLE ELSE ${text} END`,
    );
  };
}

function dcount(values: readonly Scalar[], where: Sql): Scalar {
  return scalar("long", sql`count(DISTINCT ${argument(values, 0).sql})${where}`, false);
}

/** Kusto keeps ten decimals of a variance, and takes its deviations from that. Of fewer values than it needs, zero. */
function variance(population: boolean, root: boolean) {
  return (values: readonly Scalar[], where: Sql): Scalar => {
    const variance = sql`round(${population ? "var_pop" : "var_samp"}(${argument(values, 0).sql}::DOUBLE)${where}, 10)`;
    return scalar("real", sql`coalesce(${root ? sql`sqrt(${variance})` : variance}, 0)`, false);
  };
}

/** The order of the rows, where `sort` has given them one or the query itself wrote them. */
function inOrder(call: Call): Sql {
  const { order: sorted, natural = [] } = call.scope.row as Relation;
  const order = sorted.length > 0 ? sorted : natural;
  return order.length === 0
    ? raw("")
    : { text: ` ORDER BY ${orderList(order)}`, uses: new Set(order.map(({ id }) => id)) };
}

/** Elements of a list of JSON texts as a JSON array. */
function jsonArray(list: Sql): Scalar {
  return dynamic(sql`'[' || coalesce(array_to_string(${list}, ','), '') || ']'`, false);
}

/** Values in the order of the rows; an array among them gives its elements. Nulls are left out, but for those of dynamic values. */
function elementsOf(value: Scalar, where: Sql, call: Call): Sql {
  const isDynamic = value.type === "dynamic";
  const text = isDynamic ? sql`coalesce(${value.sql}, 'null')` : jsonText(value);
  const listed = (condition: Sql) => sql`list(${text}${inOrder(call)}) FILTER (WHERE ${condition})`;
  const present = sql`${text} IS NOT NULL`;
  const condition =
    where.text === ""
      ? present
      : sql`${present} AND ${{ text: where.text.slice(" FILTER (WHERE ".length, -1), uses: where.uses }}`;
  const all = listed(condition);
  if (!isDynamic) return all;
  return sql`flatten(list_transform(${all}, lambda x: CASE WHEN json_type(x) = 'ARRAY' THEN json_extract(x, '$[*]')::VARCHAR[] ELSE [x] END))`;
}

function limited(list: Sql, size: Scalar | undefined): Sql {
  return size === undefined ? list : sql`list_slice(${list}, 1, ${size.sql})`;
}

function makeList(values: readonly Scalar[], where: Sql, call: Call): Scalar {
  return jsonArray(limited(elementsOf(argument(values, 0), where, call), values[1]));
}

/** Nulls have their place. */
function makeListWithNulls(values: readonly Scalar[], call: Call): Scalar {
  const value = argument(values, 0);
  return jsonArray(elementsOf({ ...value, type: "dynamic", sql: jsonText(value) }, raw(""), call));
}

/** All properties of the bags of a group; of several values the first stays. */
function makeBag(values: readonly Scalar[], where: Sql, call: Call): Scalar {
  const bags = jsonArray(elementsOf(argument(values, 0), where, call));
  return dynamic(sql`kql_bag_of(${bags.sql})`, false);
}

/** The value at a rank, without interpolation. */
export function percentile(value: Scalar, percent: Scalar): Scalar {
  return scalar(value.type, sql`quantile_disc(${value.sql}, ${percent.sql} / 100.0)`);
}

/** Each value once, in the order of first appearance as long as the rows have an order and the set is of a size that is looked at. */
function makeSet(values: readonly Scalar[], where: Sql, call: Call): Scalar {
  const value = argument(values, 0);
  const { order, ingestionTime } = call.scope.row as Relation;
  // A stored table's rows come in any order
  if (order.length === 0 && ingestionTime !== undefined && value.type === "string") {
    const texts = sql`list(DISTINCT ${value.sql})${where}`;
    return jsonArray(limited(sql`list_transform(${texts}, lambda x: to_json(x)::VARCHAR)`, values[1]));
  }
  return jsonArray(limited(sql`kql_distinct(${elementsOf(value, where, call)})`, values[1]));
}

/** All aggregate functions that stand for one column, by name. */
export const aggregateFunctions: Readonly<Record<string, AggregateFunction>> = {
  ...withIf("count", count),
  ...withIf("sum", sum),
  ...withIf("avg", avg),
  ...withIf("min", extreme("min")),
  ...withIf("max", extreme("max")),
  ...withIf("dcount", (values, where) => dcount(values.slice(0, 1), where)),
  ...withIf("stdev", variance(false, true)),
  ...withIf("variance", variance(false, false)),
  stdevp: (values) => variance(true, true)(values, raw("")),
  variancep: (values) => variance(true, false)(values, raw("")),
  count_distinct: (values) => dcount(values, raw("")),
  count_distinctif: (values) => dcount(values, filtered(values[1])),
  make_list: (values, call) => makeList(values, raw(""), call),
  makelist: (values, call) => makeList(values, raw(""), call),
  make_set: (values, call) => makeSet(values, raw(""), call),
  makeset: (values, call) => makeSet(values, raw(""), call),
  make_list_if: (values, call) => makeList([argument(values, 0), ...values.slice(2)], filtered(values[1]), call),
  make_set_if: (values, call) => makeSet([argument(values, 0), ...values.slice(2)], filtered(values[1]), call),
  make_list_with_nulls: makeListWithNulls,
  make_bag: (values, call) => makeBag(values, raw(""), call),
  make_bag_if: (values, call) => makeBag([argument(values, 0)], filtered(values[1]), call),
  percentile: (values, call) => {
    const value = percentile(argument(values, 0), argument(values, 1));
    return convert(value, call.type) ?? call.fail("percentile() needs numbers or times");
  },
  binary_all_and: (values) => scalar("long", sql`bit_and(${argument(values, 0).sql})`),
  binary_all_or: (values) => scalar("long", sql`bit_or(${argument(values, 0).sql})`),
  binary_all_xor: (values) => scalar("long", sql`bit_xor(${argument(values, 0).sql})`),
  take_any: anyValue,
  any: anyValue,
};

/** Some value of the group: one that is there, if any is. */
function anyValue(values: readonly Scalar[], call: Call): Scalar {
  if (values.length !== 1) call.fail(`${call.name}() of several columns is not supported yet`);
  const value = argument(values, 0);
  const text = sql`any_value(${value.sql})`;
  return value.type === "string" ? scalar("string", sql`coalesce(${text}, '')`) : scalar(value.type, text);
}
