import type { Scope, Translator } from "../context.ts";
import { type Column, compute, lateral, type Relation, type Source, unnest } from "../relation.ts";
import { dynamic, orEmpty, type Scalar, scalar } from "../scalar.ts";
import { convert } from "../scalars/convert.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, join, type Sql, sql } from "../sql.ts";
import type { ExpandExpression } from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { MvApplyOperator, MvExpandOperator } from "../syntax/operators.ts";
import { elements, is } from "../tree.ts";
import { declaredColumns, type OperatorFunction, parametersOf } from "./shape.ts";

/** One column that is taken apart: the list of its elements as JSON texts (as the texts that they are, if they become strings), and what each becomes. */
interface Expansion {
  readonly name: string;
  readonly list: Column;
  readonly type: KqlType;
}

/** `mv-expand`: one row for each element; several columns go in step, and the shorter ones are filled with nulls. */
const mvExpand: OperatorFunction<MvExpandOperator> = (node, input, scope, translator) => {
  const limit = node.RowLimitClause === null ? undefined : translator.scalar(node.RowLimitClause.RowLimit, scope);
  return expanded(node, elements(node.Expressions), input, scope, translator, limit);
};

function expanded(
  node: MvExpandOperator | MvApplyOperator,
  expressions: readonly ExpandExpression[],
  input: Relation,
  scope: Scope,
  translator: Translator,
  limit: Scalar | undefined,
): Relation {
  const parameters = parametersOf(node.Parameters);
  for (const [name, value] of parameters) {
    if (name !== "with_itemindex")
      translator.fail(value, `the parameter ${name} of this operator is not supported yet`);
  }
  const steps = { values: new Map<string, Sql>(), lists: new Map<string, Sql>() };
  const expansions = expressions.map((expression) => expansion(expression, input, scope, steps, translator));
  const listed = compute(compute(input.source, steps.values), steps.lists);
  const index = parameters.get("with_itemindex");
  const [first, ...others] = expansions;
  const taken =
    first !== undefined && others.length === 0 && index === undefined
      ? alone(first, listed, limit, translator)
      : inStep(expansions, listed, limit, translator);

  const values = new Map<string, Sql>();
  const made = expansions.map(({ name, list, type }): Column => {
    const element = taken.element(list);
    const value =
      type === "string" ? orEmpty(element) : ofKind(dynamic(sql`nullif(${element}, 'null')`), type, node, translator);
    const column = translator.column(name, type, value.nullable);
    values.set(column.id, value.sql);
    return column;
  });
  if (index !== undefined && taken.position !== undefined) made.push({ ...taken.position, name: nameOf(index) });
  return { ...input, columns: placed(input.columns, made), source: compute(taken.rows, values) };
}

/** Rows that hold one element each, how it is read, and its place in its list. */
interface Taken {
  readonly rows: Source;
  element(list: Column): Sql;
  readonly position?: Column;
}

/** One list, whose elements need no numbers. */
function alone({ list }: Expansion, listed: Source, limit: Scalar | undefined, translator: Translator): Taken {
  const element = translator.column("", "dynamic");
  const whole = columnSql(list.id);
  const some = limit === undefined ? whole : sql`list_slice(${whole}, 1, ${limit.sql})`;
  return { rows: unnest(listed, element.id, some), element: () => columnSql(element.id) };
}

/** Several lists side by side, as long as the longest. */
function inStep(
  expansions: readonly Expansion[],
  listed: Source,
  limit: Scalar | undefined,
  translator: Translator,
): Taken {
  const position = translator.column("", "long", false);
  const lengths = expansions.map(({ list }) => sql`len(${columnSql(list.id)})`);
  const longest = lengths.length === 1 ? (lengths[0] as Sql) : sql`greatest(${join(lengths, ", ")})`;
  const count = limit === undefined ? longest : sql`least(${longest}, ${limit.sql})`;
  return {
    rows: unnest(listed, position.id, sql`range(${count})`),
    element: (list) => sql`${columnSql(list.id)}[${columnSql(position.id)} + 1]`,
    position,
  };
}

function nameOf(node: Expression): string {
  return is(node, "NameReference") ? node.SimpleName : node.ToString().trim();
}

/** A column of an existing name stands in its place, a new one comes last. */
function placed(existing: readonly Column[], made: readonly Column[]): Column[] {
  const columns = [...existing];
  for (const column of made) {
    const place = columns.findIndex(({ name }) => name === column.name);
    if (place < 0) columns.push(column);
    else columns[place] = column;
  }
  return columns;
}

function expansion(
  node: ExpandExpression,
  input: Relation,
  scope: Scope,
  steps: { readonly values: Map<string, Sql>; readonly lists: Map<string, Sql> },
  translator: Translator,
): Expansion {
  const inner = node.Expression;
  const value = translator.scalar(inner, { ...scope, row: input });
  if (value.type !== "dynamic") translator.fail(node, "only a dynamic value can be expanded");
  const [whole, list] = [translator.column("", "dynamic"), translator.column("", "dynamic")];
  const type = elementType(node, translator);
  steps.values.set(whole.id, value.sql);
  steps.lists.set(list.id, listOf(columnSql(whole.id), type));
  return { name: expandedName(inner, translator), list, type };
}

function expandedName(node: Expression, translator: Translator): string {
  if (is(node, "SimpleNamedExpression")) return node.Name.SimpleName;
  if (is(node, "NameReference")) return node.SimpleName;
  return translator.fail(node, "give the expanded value a name");
}

function elementType(node: ExpandExpression, translator: Translator): KqlType {
  if (node.ToTypeOf === null) return "dynamic";
  const [type] = elements(node.ToTypeOf.TypeOf.Types);
  return type === undefined ? translator.fail(node, "to typeof() needs a type") : (type.ToString().trim() as KqlType);
}

/** Nothing is one null; an empty array is no row; a bag gives one bag for each property. */
function listOf(value: Sql, type: KqlType): Sql {
  const isText = type === "string";
  const elementsIn = (array: Sql) =>
    isText ? sql`json_extract_string(${array}, '$[*]')` : sql`json_extract(${array}, '$[*]')::VARCHAR[]`;
  const only = isText ? sql`json_extract_string(${value}, '$')` : value;
  return sql`CASE json_type(${value}) WHEN 'ARRAY' THEN ${elementsIn(value)} WHEN 'OBJECT' THEN ${elementsIn(sql`kql_expand(${value})`)} ELSE [${only}] END`;
}

/** An element as a type, if it is of that kind: text is no number here, whatever it says. */
function ofKind(value: Scalar, type: KqlType, node: Expression, translator: Translator): Scalar {
  const converted = convert(value, type) ?? translator.fail(node, `no element can become ${type}`);
  const kinds: Partial<Record<KqlType, string>> = {
    long: "'BIGINT', 'UBIGINT', 'DOUBLE', 'BOOLEAN'",
    int: "'BIGINT', 'UBIGINT', 'DOUBLE', 'BOOLEAN'",
    real: "'BIGINT', 'UBIGINT', 'DOUBLE', 'BOOLEAN'",
    bool: "'BOOLEAN', 'BIGINT', 'UBIGINT'",
  };
  const allowed = kinds[type];
  return allowed === undefined
    ? converted
    : scalar(type, sql`CASE WHEN json_type(${value.sql}) IN (${allowed}) THEN ${converted.sql} END`);
}

/** `mv-apply`: a query of its own over the elements of each row. */
const mvApply: OperatorFunction<MvApplyOperator> = (node, input, scope, translator) => {
  if (node.ContextIdClause !== null) translator.fail(node, "mv-apply with an id is not supported yet");
  const limit = node.RowLimitClause === null ? undefined : translator.scalar(node.RowLimitClause.RowLimit, scope);
  // Inside, the row's columns go by other ids, so that the two sides do not meet
  const used = new Set<string>();
  const copies = input.columns.map((column) => ({
    column,
    copy: translator.column(column.name, column.type, column.nullable),
  }));
  const ids = new Map(copies.map(({ column, copy }) => [copy.id, column.id]));
  const row: Relation = { columns: copies.map(({ copy }) => copy), source: oneRow(ids, used), order: [] };
  const inside = translator.relation(
    node.Subquery.Expression,
    scope,
    expanded(node, elements(node.Expressions), row, scope, translator, limit),
  );
  const columns = declaredColumns(node).map(
    ({ name }) =>
      inside.columns.find((column) => column.name === name) ??
      input.columns.find((column) => column.name === name) ??
      translator.fail(node, `the column '${name}' is not supported here`),
  );
  const outerIds = new Set(input.columns.map(({ id }) => id));
  return { columns, source: lateral(input.source, outerIds, inside.source, used), order: [] };
};

/** The outer row, from inside; notes which of its columns are read. */
function oneRow(ids: ReadonlyMap<string, string>, used: Set<string>): Source {
  return {
    select: (wanted) => {
      const kept = [...ids].filter(([copy]) => wanted.has(copy));
      for (const [, id] of kept) used.add(id);
      return `SELECT ${kept.length === 0 ? "1 AS nothing" : kept.map(([copy, id]) => `${id} AS ${copy}`).join(", ")}`;
    },
  };
}

export const expandOperators = { MvExpandOperator: mvExpand, MvApplyOperator: mvApply };
