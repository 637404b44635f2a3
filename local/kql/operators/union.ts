import type { Scope, Translator } from "../context.ts";
import { type Column, type Relation, unionAll } from "../relation.ts";
import { missing } from "../scalar.ts";
import { columnSql, quote, raw, type Sql } from "../sql.ts";
import type { Expression, UnionOperator } from "../syntax.ts";
import { elements, is } from "../tree.ts";
import { declaredColumns, parametersOf } from "./shape.ts";

/** `union`: columns by name; those of one name and several types stand apart, as `name_type`. */
export function union(
  node: UnionOperator,
  input: Relation | undefined,
  scope: Scope,
  translator: Translator,
): Relation {
  const parameters = parametersOf(node.Parameters);
  const kind = parameters.get("kind");
  if (kind !== undefined && kind.ToString().trim() !== "outer")
    translator.fail(kind, "only union kind=outer is supported yet");
  const source = parameters.get("withsource") ?? parameters.get("with_source");
  const legs = [
    ...(input === undefined ? [] : [{ relation: input, label: "union_arg0" }]),
    ...elements(node.Expressions).map((leg, index) => ({
      relation: translator.relation(leg, scope),
      label: labelOf(leg, index + (input === undefined ? 0 : 1)),
    })),
  ].map((leg) => ({ ...leg, byName: byUnionName(leg.relation) }));
  const declared = declaredColumns(node);
  const labelled = source === undefined ? undefined : nameOf(source);
  const columns = declared.map(({ name, type }) =>
    translator.column(
      name,
      type,
      name !== labelled && legs.some(({ byName }) => byName.get(keyOf(name, type))?.nullable !== false),
    ),
  );
  const parts = legs.map(({ relation, label, byName }) => ({
    source: relation.source,
    columns: new Map(columns.map((column): [string, Sql] => [column.id, valueOf(column, byName, labelled, label)])),
  }));
  return { columns, source: unionAll(parts), order: [] };
}

function valueOf(column: Column, leg: ByUnionName, labelled: string | undefined, label: string): Sql {
  if (column.name === labelled) return raw(quote(label));
  const found = leg.get(keyOf(column.name, column.type));
  return found === undefined ? missing(column.type).sql : columnSql(found.id);
}

/** A leg's columns by the name and type of the union's column that they go into. */
type ByUnionName = ReadonlyMap<string, Column>;

function byUnionName({ columns }: Relation): ByUnionName {
  const byName = new Map<string, Column>();
  for (const column of columns.toReversed()) byName.set(keyOf(`${column.name}_${column.type}`, column.type), column);
  // A column of that very name goes first
  for (const column of columns.toReversed()) byName.set(keyOf(column.name, column.type), column);
  return byName;
}

function keyOf(name: string, type: Column["type"]): string {
  return `${type} ${name}`;
}

function nameOf(node: Expression): string {
  return is(node, "NameReference") ? node.SimpleName : node.ToString().trim();
}

/** What `withsource` says of a leg: the table's name, or the leg's place. */
function labelOf(leg: Expression, index: number): string {
  return is(leg, "NameReference") && leg.ReferencedSymbol?.Name === leg.SimpleName && isTable(leg)
    ? leg.SimpleName
    : `union_arg${index}`;
}

function isTable(leg: Expression): boolean {
  return leg.ResultType?.Name === (is(leg, "NameReference") ? leg.SimpleName : undefined);
}
