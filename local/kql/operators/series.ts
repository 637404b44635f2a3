import type { Scope, Translator } from "../context.ts";
import { aggregate, type Column, compute, filter, type Relation, type Source } from "../relation.ts";
import { longConstant, type Scalar, scalar } from "../scalar.ts";
import { nested } from "../scalars/dynamics.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, type Sql, sql } from "../sql.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { MakeSeriesOperator } from "../syntax/operators.ts";
import { elements } from "../tree.ts";
import { sqlType } from "../types.ts";
import {
  asDeclared,
  bindColumn,
  Computed,
  declaredColumns,
  type OperatorFunction,
  parametersOf,
  reshape,
} from "./shape.ts";

/** The steps of the axis, the same for all series. */
interface Axis {
  readonly type: KqlType;
  /** Where the first step begins, and the length of a step. */
  readonly start: Sql;
  readonly step: Sql;
  /** How many steps there are. */
  readonly count: Sql;
}

/** `make-series`: for each group an array with one value for each step of the axis, the default where there is no row. */
const makeSeries: OperatorFunction<MakeSeriesOperator> = (node, input, scope, translator) => {
  for (const [name, value] of parametersOf(node.Parameters)) {
    translator.fail(value, `make-series with ${name} is not supported yet`);
  }
  const declared = [...declaredColumns(node)];
  const row: Scope = { ...scope, row: input };
  const keyed = new Computed();
  const keys = elements(node.ByClause?.Expressions).map((expression) => {
    const { name, type } = declared.shift() ?? translator.fail(node, "this make-series is not supported yet");
    return bindColumn(
      name,
      asDeclared(translator.scalar(expression, row), type, expression, translator),
      input,
      keyed,
      translator,
    );
  });
  const on = translator.scalar(node.OnClause.Expression, row);
  const point = bindColumn("", on, input, keyed, translator);
  const prepared = reshape(input, input.columns, keyed);
  const axis = axisOf(node, on.type, point, prepared, scope, translator);

  // Rows of one step of one group
  const step = translator.column("", "long");
  const inAxis = filter(
    compute(prepared.source, new Map([[step.id, stepOf(columnSql(point.id), axis)]])),
    sql`${columnSql(step.id)} >= 0 AND ${columnSql(step.id)} < ${axis.count}`,
  );
  const groupKeys = keys.map((key) => ({ key, copy: translator.column(key.name, key.type, key.nullable) }));
  const groups = new Map(groupKeys.map(({ key, copy }): [string, Sql] => [copy.id, columnSql(key.id)]));
  const group = translator.column("", "long");
  groups.set(group.id, columnSql(step.id));
  const values = new Map<string, Sql>();
  const series = elements(node.Aggregates).map(({ Expression: expression, DefaultExpression }) => {
    const { name } = declared.shift() ?? translator.fail(node, "this make-series is not supported yet");
    const value = translator.scalar(expression, { ...row, row: { ...input, source: inAxis }, aggregating: true });
    const column = translator.column(name, value.type, value.nullable);
    values.set(column.id, value.sql);
    const given =
      DefaultExpression === null ? longConstant(0n) : translator.scalar(DefaultExpression.Expression, scope);
    return { name, column, otherwise: nested(asDeclared(given, value.type, expression, translator)) };
  });
  const perStep = aggregate(inAxis, groups, values);

  // One row for each group, its values by step
  const collected = new Map<string, Sql>();
  const columns: Column[] = groupKeys.map(({ copy }) => {
    const column = translator.column(copy.name, copy.type, copy.nullable);
    collected.set(column.id, columnSql(copy.id));
    return column;
  });
  const gathered = new Map<string, Sql>();
  const arrays = new Map<string, Sql>();
  // As columns: DuckDB allows no query inside a lambda
  const [start, count] = [translator.column("", axis.type), translator.column("", "long")];
  const known: Axis = { ...axis, start: columnSql(start.id), count: columnSql(count.id) };
  for (const { name, column, otherwise } of series) {
    const pairs = translator.column("", "dynamic");
    const value = nested(scalar(column.type, columnSql(column.id), column.nullable));
    gathered.set(pairs.id, sql`map_from_entries(list({k: ${columnSql(group.id)}, v: ${value}}))`);
    const array = translator.column(name, "dynamic", false);
    arrays.set(array.id, joined(sql`coalesce(${columnSql(pairs.id)}[i], ${otherwise})`, known));
    columns.push(array);
  }
  const times = translator.column(declared.shift()?.name ?? "", "dynamic", false);
  const time = scalar(axis.type, sql`(${known.start} + i * ${axis.step})::${sqlType(axis.type)}`, false);
  arrays.set(times.id, joined(nested(time), known));
  const whole = aggregate(perStep, collected, gathered);
  // Without groups, no row at all is no series
  const some = keys.length > 0 ? whole : nonEmpty(whole, gathered, translator);
  const bounds = new Map([
    [start.id, axis.start],
    [count.id, axis.count],
  ]);
  return { columns: [...columns, times], source: compute(compute(some, bounds), arrays), order: [] };
};

function joined(element: Sql, { count }: Axis): Sql {
  return sql`'[' || array_to_string(list_transform(range(${count}), lambda i: ${element}), ',') || ']'`;
}

function nonEmpty(whole: Source, gathered: Map<string, Sql>, translator: Translator): Source {
  const count = translator.column("", "long", false);
  gathered.set(count.id, sql`count(*)`);
  return filter(whole, sql`${columnSql(count.id)} > 0`);
}

function stepOf(point: Sql, { start, step, type }: Axis): Sql {
  return type === "real"
    ? sql`floor((${point} - ${start}) / ${step})::BIGINT`
    : sql`CASE WHEN ${point} >= ${start} THEN (${point} - ${start}) // ${step} ELSE -1 END`;
}

/** The end does not belong to the axis. What is not given is taken from the data. */
function axisOf(
  node: MakeSeriesOperator,
  type: KqlType,
  point: Column,
  input: Relation,
  scope: Scope,
  translator: Translator,
): Axis {
  const range = node.RangeClause;
  const stepNode = range?.MakeSeriesStepClause?.Expression;
  if (range === null || stepNode === undefined) return translator.fail(node, "make-series needs a step");
  const step = translator.scalar(stepNode, scope);
  const bound = (clause: { readonly Expression: Expression } | null | undefined): Scalar | undefined =>
    clause === null || clause === undefined
      ? undefined
      : asDeclared(translator.scalar(clause.Expression, scope), type, clause.Expression, translator);
  const [from, to] = [bound(range.MakeSeriesFromClause), bound(range.MakeSeriesToClause)];
  const extreme = (name: "min" | "max"): Sql => {
    const source = input.source.select(new Set([point.id]));
    return { text: `(SELECT ${name}(${point.id}) FROM (${source}))`, uses: new Set() };
  };
  const start = from?.sql ?? floored(extreme("min"), step.sql, type);
  const count =
    to === undefined
      ? sql`((${extreme("max")} - ${start}) // ${step.sql} + 1)`
      : type === "real"
        ? sql`ceil((${to.sql} - ${start}) / ${step.sql})::BIGINT`
        : sql`((${to.sql} - ${start} + ${step.sql} - 1) // ${step.sql})`;
  return { type, start, step: step.sql, count };
}

function floored(value: Sql, step: Sql, type: KqlType): Sql {
  return type === "real"
    ? sql`(floor(${value} / ${step}) * ${step})`
    : sql`(${value} - ((${value} % ${step}) + ${step}) % ${step})`;
}

export const seriesOperators = { MakeSeriesOperator: makeSeries };
