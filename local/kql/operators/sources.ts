import type { Scope, Translator } from "../context.ts";
import { compute, type Relation, scan, values } from "../relation.ts";
import { missing } from "../scalar.ts";
import { convert } from "../scalars/convert.ts";
import { literal } from "../scalars/literal.ts";
import type { KqlTable } from "../schema.ts";
import { type Sql, sql } from "../sql.ts";
import type { DataTableExpression } from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { ListOperator, RangeOperator } from "../syntax/operators.ts";
import { elements } from "../tree.ts";
import { sqlType } from "../types.ts";
import { asDeclared, declaredColumns, reshape } from "./shape.ts";

/** All rows of a stored table. `ingestion_time()` reads a column that has no name in KQL. */
export function tableRows(table: KqlTable, translator: Translator): Relation {
  const columns = table.columns.map((column) => ({
    column: translator.column(column.name, column.type),
    sql: column.sql,
  }));
  const stored = new Map(columns.map(({ column, sql: text }) => [column.id, text]));
  const ingested = translator.column(ingestionColumn, "datetime");
  stored.set(ingested.id, table.ingestionTime ?? "NULL::BIGINT");
  return {
    columns: columns.map(({ column }) => column),
    source: scan(table.relation, stored),
    order: [],
    ingestionTime: ingested,
  };
}

const ingestionColumn = "ingestion_time()";

/** `print`: one row. */
export function print(node: ListOperator, scope: Scope, translator: Translator): Relation {
  const declared = declaredColumns(node);
  const nothing: Relation = {
    columns: [],
    source: { select: () => "SELECT 1 AS nothing" },
    order: [],
    natural: [],
  };
  const computed = new Map<string, Sql>();
  const columns = elements(node.Expressions).map((expression, index) => {
    const { name, type } =
      declared[index] ?? translator.fail(expression, "an expression that yields several columns is not supported yet");
    const value = asDeclared(translator.scalar(expression, scope), type, expression, translator);
    const column = translator.column(name, type, value.nullable);
    computed.set(column.id, value.sql);
    return column;
  });
  return reshape(nothing, columns, computed);
}

/** `datatable`: literal rows, typed by the column that they stand in. */
export function datatable(node: DataTableExpression, scope: Scope, translator: Translator): Relation {
  const columns = declaredColumns(node).map(({ name, type }) => translator.column(name, type));
  const cells = elements(node.Values).map((cell, index) =>
    cellSql(cell, columns[index % columns.length]?.type ?? "string", scope, translator),
  );
  const rows = Array.from({ length: cells.length / columns.length }, (_, row) =>
    cells.slice(row * columns.length, (row + 1) * columns.length),
  );
  return {
    columns,
    source: values(
      columns.map(({ id }) => id),
      columns.map(({ type }) => sqlType(type)),
      rows,
    ),
    order: [],
    natural: [],
  };
}

function cellSql(cell: Expression, type: Parameters<typeof sqlType>[0], scope: Scope, translator: Translator): string {
  const value = literal(cell) ?? translator.scalar(cell, scope);
  if (value.constant === null) return missing(type).sql.text;
  const converted = value.type === "string" && type === "dynamic" ? value : convert(value, type);
  if (converted === undefined) return translator.fail(cell, `a ${value.type} cannot stand in a column of type ${type}`);
  return type === "dynamic" && converted.type === "string"
    ? `to_json(${converted.sql.text})::VARCHAR`
    : converted.sql.text;
}

/** `range x from a to b step c`: the end belongs to it if a step meets it. */
export function range(node: RangeOperator, scope: Scope, translator: Translator): Relation {
  const [declared] = declaredColumns(node);
  if (declared === undefined) return translator.fail(node, "this range is not supported yet");
  const [start, end, step] = [node.From, node.To, node.Step].map((part) => translator.scalar(part, scope));
  if (start === undefined || end === undefined || step === undefined)
    return translator.fail(node, "range needs a start, an end and a step");
  const column = translator.column(declared.name, declared.type, false);
  const index = "i";
  const counted =
    declared.type === "real"
      ? sql`range(0, (floor((${end.sql} - ${start.sql}) / ${step.sql}) + 1)::BIGINT)`
      : sql`range(0, ((${end.sql} - ${start.sql}) // ${step.sql}) + 1)`;
  const source = scan(`${counted.text} steps(${index})`, new Map([["position", index]]));
  const value = sql`(${start.sql} + position * ${step.sql})::${sqlType(declared.type)}`;
  const rows: Relation = { columns: [], source, order: [], natural: [] };
  return {
    ...rows,
    columns: [column],
    source: compute(source, new Map([[column.id, { ...value, uses: new Set(["position"]) }]])),
  };
}
