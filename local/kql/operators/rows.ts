import type { Scope, Translator } from "../context.ts";
import {
  aggregate,
  anyOrder,
  distinct,
  filter,
  idsOf,
  limit,
  type Relation,
  type SortKey,
  shuffled,
  sort,
  values,
} from "../relation.ts";
import { asFilter, type Scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { quote, raw, type Sql, sql } from "../sql.ts";
import type { Expression } from "../syntax/nodes.ts";
import type {
  CountOperator,
  ExpressionOperator,
  FilterOperator,
  ListOperator,
  SampleDistinctOperator,
  TopOperator,
} from "../syntax/operators.ts";
import { elements, is } from "../tree.ts";
import { sqlType } from "../types.ts";
import { project } from "./columns.ts";
import { bindColumn, Computed, declaredColumns, type OperatorFunction, reshape } from "./shape.ts";
import { Staging } from "./staging.ts";

const where: OperatorFunction<FilterOperator> = (node, input, scope, translator) => {
  const staging = new Staging(input, translator);
  const condition = translator.scalar(node.Condition, { ...scope, row: input, staging });
  const { source } = staging.relation;
  return { ...input, source: filter(source, asFilter(condition)) };
};

/** Sorts by expressions: descending unless said otherwise, nulls last when descending and first when ascending. */
function sorted(
  expressions: readonly Expression[],
  input: Relation,
  scope: Scope,
  translator: Translator,
  count?: Sql,
): Relation {
  const computed = new Computed();
  const order = expressions.map((expression): SortKey => {
    const ordering = is(expression, "OrderedExpression") ? expression.Ordering : null;
    const descending = ordering?.AscOrDescKeyword?.Text !== "asc";
    const nulls = ordering?.NullsClause?.FirstOrLastKeyword.Text;
    const value = translator.scalar(is(expression, "OrderedExpression") ? expression.Expression : expression, {
      ...scope,
      row: input,
    });
    const { id } = bindColumn("", value, input, computed, translator);
    return { id, descending, nullsFirst: nulls === undefined ? !descending : nulls === "first" };
  });
  const prepared = reshape(input, input.columns, computed);
  // Rows that the query itself wrote stay in that order where they are equal
  if (input.order.length === 0) order.push(...(input.natural ?? []));
  return { ...input, source: sort(prepared.source, order, count), order };
}

const order: OperatorFunction<ListOperator> = (node, input, scope, translator) =>
  sorted(elements(node.Expressions), input, scope, translator);

const top: OperatorFunction<TopOperator> = (node, input, scope, translator) => {
  const count = rowCount(translator.scalar(node.Expression, scope));
  return sorted([node.ByExpression], input, scope, translator, count);
};

const take: OperatorFunction<ExpressionOperator> = (node, input, scope, translator) => ({
  ...input,
  source: limit(input.source, rowCount(translator.scalar(node.Expression, scope))),
});

/** As a number where it is one: DuckDB keeps only the first rows of a sort then. */
function rowCount({ sql: text, constant }: Scalar): Sql {
  return typeof constant === "bigint" ? raw(String(constant < 0n ? 0n : constant)) : sql`greatest(0, ${text})`;
}

/** Distinct rows of expressions, or of all columns. */
const distinctRows: OperatorFunction<ListOperator> = (node, input, scope, translator) => {
  const all = elements(node.Expressions).some((expression) => is(expression, "StarExpression"));
  const projected = all ? input : project(node, input, scope, translator);
  return {
    columns: projected.columns,
    source: distinct(projected.source, [...idsOf(projected)]),
    order: [],
  };
};

const count: OperatorFunction<CountOperator> = (node, input, _scope, translator) => {
  const column = translator.column(declaredColumns(node)[0]?.name ?? "Count", "long", false);
  return {
    columns: [column],
    source: aggregate(anyOrder(input.source), new Map(), new Map([[column.id, raw("count(*)")]])),
    order: [],
  };
};

/** Rows at random. */
const sample: OperatorFunction<ExpressionOperator> = (node, input, scope, translator) => {
  const count = rowCount(translator.scalar(node.Expression, scope));
  return { ...input, source: shuffled(input.source, count), order: [] };
};

const sampleDistinct: OperatorFunction<SampleDistinctOperator> = (node, input, scope, translator) => {
  const computed = new Computed();
  const value = translator.scalar(node.OfExpression, { ...scope, row: input });
  const column = bindColumn(declaredColumns(node)[0]?.name ?? "", value, input, computed, translator);
  const { source } = reshape(input, [column], computed);
  const count = rowCount(translator.scalar(node.Expression, scope));
  return { columns: [column], source: limit(distinct(source, [column.id]), count), order: [] };
};

/** What .NET calls the types. */
const dotnetTypes: Readonly<Record<KqlType, string>> = {
  bool: "System.SByte",
  int: "System.Int32",
  long: "System.Int64",
  real: "System.Double",
  decimal: "System.Data.SqlTypes.SqlDecimal",
  string: "System.String",
  datetime: "System.DateTime",
  timespan: "System.TimeSpan",
  dynamic: "System.Object",
  guid: "System.Guid",
};

/** The columns of the rows, one row for each. */
const getSchema: OperatorFunction = (node, input, _scope, translator) => {
  const columns = declaredColumns(node).map(({ name, type }) => translator.column(name, type, false));
  const rows = input.columns.map(({ name, type }, index) => [
    quote(name),
    String(index),
    quote(dotnetTypes[type]),
    quote(type),
  ]);
  const source = values(
    columns.map(({ id }) => id),
    columns.map(({ type }) => sqlType(type)),
    rows,
  );
  return { columns, source, order: [], natural: [] };
};

/** Operators that say something to people or to the planner, and nothing about the rows. */
const pass: OperatorFunction = (_node, input) => input;

export const rowOperators = {
  FilterOperator: where,
  SortOperator: order,
  TopOperator: top,
  TakeOperator: take,
  DistinctOperator: distinctRows,
  CountOperator: count,
  SampleOperator: sample,
  SampleDistinctOperator: sampleDistinct,
  GetSchemaOperator: getSchema,
  RenderOperator: pass,
};
