import type { Scope, Translator } from "../context.ts";
import type { Part } from "../part.ts";
import { type Column, compute, type Relation } from "../relation.ts";
import type { Scalar } from "../scalar.ts";
import { convert } from "../scalars/convert.ts";
import type { KqlColumn, KqlType } from "../schema.ts";
import { columnSql, type Sql } from "../sql.ts";
import type { NamedParameter } from "../syntax/expressions.ts";
import type { Expression, List, TypeSymbol } from "../syntax/nodes.ts";
import { columnsOf, elements } from "../tree.ts";
import { isNumber } from "../types.ts";

/** Translates one tabular operator. */
export type OperatorFunction<N extends Expression = Expression> = (
  node: N,
  input: Relation,
  scope: Scope,
  translator: Translator,
) => Relation;

/** A type's columns never change, and the parser's collections are slow to read. */
const columnsByType = new WeakMap<TypeSymbol, readonly KqlColumn[]>();

/** The columns that the binder says a node yields. */
export function declaredColumns({ ResultType: type }: Expression): readonly KqlColumn[] {
  if (type === null) return [];
  const known = columnsByType.get(type) ?? readColumns(type);
  columnsByType.set(type, known);
  return known;
}

function readColumns(type: TypeSymbol): readonly KqlColumn[] {
  // The binder lists a column twice that `parse` gives a new meaning
  const types = new Map(columnsOf(type).map(({ Name, Type }) => [Name, Type.Name as KqlType]));
  return [...types].map(([name, columnType]) => ({ name, type: columnType }));
}

/** The value in the type that the binder gave the column. */
export function asDeclared(value: Scalar, type: KqlType, node: Expression, translator: Translator): Scalar {
  if (value.type === type) return value;
  const fits = (isNumber(value.type) && isNumber(type)) || value.constant === null;
  return (
    (fits ? convert(value, type) : undefined) ??
    translator.fail(node, `a value of type ${value.type} where ${type} is expected is not supported yet`)
  );
}

/** What an operator computes: SQL by column id, and which of it are parts of JSON documents. */
export class Computed extends Map<string, Sql> {
  readonly parts = new Map<string, Part>();
}

/** A column that holds a value: the value's own column if it is nothing but a column, else a computed one. */
export function bindColumn(
  name: string,
  value: Scalar,
  input: Relation,
  computed: Computed,
  translator: Translator,
): Column {
  const existing = input.columns.find(({ id }) => id === value.sql.text);
  if (existing !== undefined) return { ...existing, name };
  const column = translator.column(name, value.type, value.nullable);
  computed.set(column.id, value.sql);
  const document = value.part?.document;
  if (value.part !== undefined && document?.uses.has(document.text)) computed.parts.set(column.id, value.part);
  return column;
}

/** Rows of the input with other columns, some of them computed. */
export function reshape(input: Relation, columns: readonly Column[], computed: ReadonlyMap<string, Sql>): Relation {
  if (computed.size === 0) return { ...input, columns };
  const parts = computed instanceof Computed ? new Map([...(input.parts ?? []), ...computed.parts]) : input.parts;
  return { ...input, columns, source: compute(input.source, computed), ...(parts === undefined ? {} : { parts }) };
}

/** The parameters of an operator, such as `kind=inner`, by name. */
export function parametersOf(list: List<NamedParameter> | undefined): ReadonlyMap<string, Expression> {
  return new Map(elements(list).map((parameter) => [parameter.Name.SimpleName, parameter.Expression]));
}

export function columnValue(column: Column): Scalar {
  return { sql: columnSql(column.id), type: column.type, nullable: column.nullable };
}
