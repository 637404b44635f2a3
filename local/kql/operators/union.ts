import type { Scope, Translator } from "../context.ts";
import { type Column, type Relation, unionAll } from "../relation.ts";
import { missing } from "../scalar.ts";
import type { KqlColumn } from "../schema.ts";
import { columnSql, quote, raw, type Sql } from "../sql.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { UnionOperator } from "../syntax/operators.ts";
import { elements, is, list } from "../tree.ts";
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
    ...elements(node.Expressions).flatMap((leg, index) =>
      legsOf(leg, labelOf(leg, index + (input === undefined ? 0 : 1)), scope, translator),
    ),
  ];
  return united(legs, declaredColumns(node), source === undefined ? undefined : nameOf(source), translator);
}

/** Rows that become part of a union, and what they are called there. */
export interface Leg {
  readonly relation: Relation;
  readonly label: string;
}

/** What a part of a union stands for: a name with stars for all tables of such a name. */
export function legsOf(node: Expression, label: string, scope: Scope, translator: Translator): readonly Leg[] {
  if (!is(node, "NameReference") || !node.SimpleName.includes("*"))
    return [{ relation: translator.relation(node, scope), label }];
  const { ReferencedSymbol: symbol, ResultType: only } = node;
  // The members of a single table are its columns
  const group = only?.Columns === undefined ? symbol?.Members : undefined;
  const names = group === undefined ? [symbol?.Name ?? ""] : list(group).map(({ Name }) => Name);
  return names.map((name) => ({ relation: translator.table(name, node), label: name }));
}

/** All rows of several relations in the columns that the binder declares; one of them may say where a row comes from. */
export function united(
  parts: readonly Leg[],
  declared: readonly KqlColumn[],
  labelled: string | undefined,
  translator: Translator,
): Relation {
  const legs = parts.map((leg) => ({ ...leg, byName: byUnionName(leg.relation) }));
  const columns = declared.map(({ name, type }) =>
    translator.column(
      name,
      type,
      name !== labelled && legs.some(({ byName }) => byName.get(keyOf(name, type))?.nullable !== false),
    ),
  );
  const sources = legs.map(({ relation, label, byName }) => ({
    source: relation.source,
    columns: new Map(columns.map((column): [string, Sql] => [column.id, valueOf(column, byName, labelled, label)])),
  }));
  return { columns, source: unionAll(sources), order: [] };
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
