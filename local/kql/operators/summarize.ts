import { percentile } from "../aggregates.ts";
import type { Scope, Translator } from "../context.ts";
import { aggregate, anyOrder, type Column, compute, qualify, type Relation } from "../relation.ts";
import type { Scalar } from "../scalar.ts";
import type { KqlColumn } from "../schema.ts";
import { columnSql, join, type Sql, sql } from "../sql.ts";
import type { FunctionCallExpression } from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { SummarizeOperator } from "../syntax/operators.ts";
import { elements, is, walk } from "../tree.ts";
import {
  asDeclared,
  bindColumn,
  Computed,
  columnValue,
  declaredColumns,
  type OperatorFunction,
  reshape,
} from "./shape.ts";

/** A call of `arg_max`, `arg_min` or `take_any`: some columns of one row of the group. */
interface RowAggregate {
  readonly name: string;
  /** What decides which row; absent for `take_any`. */
  readonly by: Scalar | undefined;
  /** The row's columns, under their final names. */
  readonly columns: readonly { readonly value: Scalar; readonly name: string; readonly type: KqlColumn["type"] }[];
}

export const summarize: OperatorFunction<SummarizeOperator> = (node, input, scope, translator) => {
  const declared = [...declaredColumns(node)];
  const next = (): KqlColumn => declared.shift() ?? translator.fail(node, "this summarize is not supported yet");
  const row: Scope = { ...scope, row: input };

  const computed = new Computed();
  const keyColumns = elements(node.ByClause?.Expressions).map((expression) => {
    const { name, type } = next();
    return bindColumn(
      name,
      asDeclared(translator.scalar(expression, row), type, expression, translator),
      input,
      computed,
      translator,
    );
  });
  const prepared = reshape(input, input.columns, computed);

  const keys = new Map<string, Sql>();
  const columns: Column[] = keyColumns.map((key) => {
    const column = translator.column(key.name, key.type, key.nullable);
    keys.set(column.id, columnSql(key.id));
    return column;
  });

  const expressions = elements(node.Aggregates);
  const only =
    expressions.length === 1
      ? rowAggregate(expressions[0] as Expression, row, keyColumns, declared, translator)
      : undefined;
  if (only !== undefined && only.by !== undefined && keyColumns.length > 0) {
    return oneRowOfEach(keyColumns, only, prepared, translator);
  }

  const aggregates = new Map<string, Sql>();
  /** Parts of rows that `arg_max` found, taken apart after the grouping. */
  const parts = new Map<string, Sql>();
  for (const expression of expressions) {
    const found = rowAggregate(expression, row, keyColumns, declared, translator);
    const ranks = percentiles(expression, row, translator);
    if (ranks !== undefined) {
      for (const rank of ranks) {
        const { name, type } = next();
        const column = translator.column(name, type);
        aggregates.set(column.id, asDeclared(rank, type, expression, translator).sql);
        columns.push(column);
      }
    } else if (found === undefined) {
      refuseUnnamed(expression, translator);
      const { name, type } = next();
      const value = asDeclared(
        translator.scalar(expression, { ...row, aggregating: true }),
        type,
        expression,
        translator,
      );
      const column = translator.column(name, value.type, value.nullable);
      aggregates.set(column.id, value.sql);
      columns.push(column);
    } else {
      const whole = translator.column("row", "dynamic");
      aggregates.set(whole.id, rowSql(found));
      found.columns.forEach(({ name, type }, index) => {
        next();
        const column = translator.column(name, type);
        const part = sql`${columnSql(whole.id)}.p${index}`;
        parts.set(column.id, type === "string" ? sql`coalesce(${part}, '')` : part);
        columns.push(column);
      });
    }
  }
  // What depends on the order of the rows names it; only literal rows stay as they are in all else, too
  const rows = input.natural === undefined ? anyOrder(prepared.source) : prepared.source;
  const grouped: Relation = { columns, source: aggregate(rows, keys, aggregates), order: [] };
  const ordered =
    input.natural === undefined ? grouped : inOrderOfFirstRows(prepared, grouped, keys, aggregates, translator);
  return reshape(ordered, columns, parts);
};

/** Groups of literal rows come in the order of their first rows. */
function inOrderOfFirstRows(
  input: Relation,
  grouped: Relation,
  keys: ReadonlyMap<string, Sql>,
  aggregates: ReadonlyMap<string, Sql>,
  translator: Translator,
): Relation {
  const [position, first] = [translator.column("", "long", false), translator.column("", "long", false)];
  const numbered = compute(input.source, new Map([[position.id, sql`row_number() OVER ()`]]));
  const all = new Map([...aggregates, [first.id, sql`min(${columnSql(position.id)})`] as const]);
  return {
    ...grouped,
    source: aggregate(numbered, keys, all),
    natural: [{ id: first.id, descending: false, nullsFirst: false }],
  };
}

/** Kusto names an aggregate of `d[expression]` at random: nothing could read the column. */
function refuseUnnamed(expression: Expression, translator: Translator): void {
  if (is(expression, "SimpleNamedExpression")) return;
  walk(expression, (node) => {
    if (is(node, "BracketedExpression") && !node.Expression.IsLiteral) {
      translator.fail(expression, "give this aggregate a name, as in Name = make_list(…)");
    }
  });
}

/** The whole row that comes first by a value, one for each group: DuckDB does this three times as fast as by a struct. */
function oneRowOfEach(
  keys: readonly Column[],
  { name, by, columns: kept }: RowAggregate,
  input: Relation,
  translator: Translator,
): Relation {
  const ordering = sql`${(by as Scalar).sql} ${name === "arg_max" ? "DESC" : "ASC"} NULLS LAST`;
  const groups = join(
    keys.map(({ id }) => columnSql(id)),
    ", ",
  );
  const source = qualify(input.source, sql`row_number() OVER (PARTITION BY ${groups} ORDER BY ${ordering}) = 1`);
  const computed = new Computed();
  const relation: Relation = { columns: input.columns, source, order: [] };
  const columns = kept.map(({ name: column, value }) => bindColumn(column, value, relation, computed, translator));
  return reshape(relation, [...keys, ...columns], computed);
}

/** The row as a struct of p0, p1, …; where all values are null, some row with its null. */
function rowSql({ name, by, columns }: RowAggregate): Sql {
  const struct = sql`struct_pack(${join(
    columns.map(({ value }, index) => sql`p${index} := ${value.sql}`),
    ", ",
  )})`;
  if (by === undefined) return sql`any_value(${struct})`;
  return sql`coalesce(${name}(${struct}, ${by.sql}), any_value(${struct}))`;
}

/** `percentiles(value, 50, 95)`: a column for each rank. */
function percentiles(expression: Expression, row: Scope, translator: Translator): readonly Scalar[] | undefined {
  const call = withoutName(expression);
  if (!is(call, "FunctionCallExpression") || call.Name.SimpleName !== "percentiles") return undefined;
  const [value, ...ranks] = elements(call.ArgumentList.Expressions).map((part) => translator.scalar(part, row));
  return value === undefined ? undefined : ranks.map((rank) => percentile(value, rank));
}

function withoutName(expression: Expression): Expression {
  return is(expression, "SimpleNamedExpression") || is(expression, "CompoundNamedExpression")
    ? expression.Expression
    : expression;
}

/** The call if the expression is one that yields several columns; its columns' names are the next that the binder declared. */
function rowAggregate(
  expression: Expression,
  row: Scope,
  keys: readonly Column[],
  declared: readonly KqlColumn[],
  translator: Translator,
): RowAggregate | undefined {
  const inner = withoutName(expression);
  if (!is(inner, "FunctionCallExpression")) return undefined;
  const name = inner.Name.SimpleName;
  const values = elements(inner.ArgumentList.Expressions);
  const single = values.length === 1 && !is(values[0] as Expression, "StarExpression");
  if (!(name === "arg_max" || name === "arg_min" || ((name === "take_any" || name === "any") && !single)))
    return undefined;
  return rowCall(inner, name, values, row, keys, declared, translator);
}

function rowCall(
  node: FunctionCallExpression,
  name: string,
  values: readonly Expression[],
  row: Scope,
  keys: readonly Column[],
  declared: readonly KqlColumn[],
  translator: Translator,
): RowAggregate {
  const input = row.row as Relation;
  const by = name.startsWith("arg_") ? translator.scalar(values[0] as Expression, row) : undefined;
  const listed = by === undefined ? values : values.slice(1);
  const chosen: Scalar[] = by === undefined ? [] : [by];
  for (const value of listed) {
    if (!is(value, "StarExpression")) {
      chosen.push(translator.scalar(value, row));
      continue;
    }
    // All columns of the input that are neither a key nor already there
    const there = new Set([...keys.map(({ id }) => id), ...chosen.map(({ sql: text }) => text.text)]);
    for (const column of input.columns.filter(({ id }) => !there.has(id))) {
      // A name that is taken already gets a number
      if (declared[chosen.length]?.name.replace(/\d+$/, "") !== column.name.replace(/\d+$/, "")) {
        translator.fail(node, `the column '${column.name}' of ${name}(*) is not supported yet`);
      }
      chosen.push(columnValue(column));
    }
  }
  const columns = chosen.map((value, index) => {
    const { name: column, type } = declared[index] ?? translator.fail(node, `this ${name}() is not supported yet`);
    return { name: column, value: asDeclared(value, type, node, translator), type };
  });
  return { name, by, columns };
}
