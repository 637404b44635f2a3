import type { Translator } from "../context.ts";
import {
  type Column,
  compute,
  distinctOn,
  idsOf,
  joined,
  type Relation,
  type Source,
  sameValues,
} from "../relation.ts";
import { columnSql, type Sql, sql } from "../sql.ts";
import type { JoinOnClause } from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { JoinOperator, LookupOperator } from "../syntax/operators.ts";
import { elements, is } from "../tree.ts";
import { declaredColumns, type OperatorFunction, parametersOf } from "./shape.ts";

type Pair = readonly [Column, Column];

/** Which sides of a join are kept where the other has no match, or which side alone is kept. */
const kinds: Readonly<Record<string, string>> = {
  inner: "JOIN",
  innerunique: "JOIN",
  leftouter: "LEFT JOIN",
  rightouter: "RIGHT JOIN",
  fullouter: "FULL JOIN",
  leftsemi: "SEMI JOIN",
  rightsemi: "SEMI JOIN",
  leftanti: "ANTI JOIN",
  leftantisemi: "ANTI JOIN",
  anti: "ANTI JOIN",
  rightanti: "ANTI JOIN",
  rightantisemi: "ANTI JOIN",
};

const join: OperatorFunction<JoinOperator> = (node, input, scope, translator) => {
  const kindNode = parametersOf(node.Parameters).get("kind");
  const kind = kindNode?.ToString().trim() ?? "innerunique";
  const words = kinds[kind] ?? translator.fail(kindNode ?? node, `the join kind '${kind}' is not supported yet`);
  const right = translator.relation(node.Expression, scope);
  const pairs = pairsOf(node, node.ConditionClause, input, right, translator);
  if (words === "SEMI JOIN" || words === "ANTI JOIN") {
    return kind.startsWith("right")
      ? one(
          right,
          words,
          input,
          pairs.map(([a, b]): Pair => [b, a]),
        )
      : one(input, words, right, pairs);
  }
  // Without a kind, one row of each key stays on the left
  const left: Relation =
    kind === "innerunique"
      ? {
          ...input,
          source: distinctOn(
            input.source,
            pairs.map(([a]) => a.id),
          ),
        }
      : input;
  return both(node, left, words, right, pairs, new Set(), translator);
};

/** As a left outer join, without the right side's keys. */
const lookup: OperatorFunction<LookupOperator> = (node, input, scope, translator) => {
  const kindNode = parametersOf(node.Parameters).get("kind");
  const kind = kindNode?.ToString().trim() ?? "leftouter";
  if (kind !== "leftouter" && kind !== "inner")
    translator.fail(kindNode ?? node, `the lookup kind '${kind}' does not exist`);
  const right = translator.relation(node.Expression, scope);
  const pairs = pairsOf(node, node.LookupClause, input, right, translator);
  const hidden = new Set(pairs.map(([, key]) => key.id));
  return both(node, input, kinds[kind] as string, right, pairs, hidden, translator);
};

function one(kept: Relation, words: string, other: Relation, pairs: readonly Pair[]): Relation {
  return { columns: kept.columns, source: sideBySide(kept, words, other, pairs), order: [] };
}

function sideBySide(left: Relation, words: string, right: Relation, pairs: readonly Pair[]): Source {
  return joined(left.source, words, right.source, sameValues(pairs), idsOf(left), idsOf(right));
}

function both(
  node: Expression,
  left: Relation,
  words: string,
  right: Relation,
  pairs: readonly Pair[],
  hidden: ReadonlySet<string>,
  translator: Translator,
): Relation {
  const filled = new Map<string, Sql>();
  const side = (columns: readonly Column[], mayMiss: boolean) =>
    columns.filter(({ id }) => !hidden.has(id)).map((column) => (mayMiss ? fill(column, filled, translator) : column));
  const columns = [
    ...side(left.columns, words === "RIGHT JOIN" || words === "FULL JOIN"),
    ...side(right.columns, words === "LEFT JOIN" || words === "FULL JOIN"),
  ];
  const declared = declaredColumns(node);
  if (declared.length !== columns.length) translator.fail(node, "the columns of this join are not supported yet");
  const source = sideBySide(left, words, right, pairs);
  return {
    columns: columns.map((column, index) => ({ ...column, name: (declared[index] as (typeof declared)[number]).name })),
    source: filled.size === 0 ? source : compute(source, filled),
    order: [],
  };
}

/** The column as it is where its side has no row: a string is empty, anything else null. */
function fill(column: Column, filled: Map<string, Sql>, translator: Translator): Column {
  if (column.type !== "string") return { ...column, nullable: true };
  const replaced = translator.column(column.name, "string");
  filled.set(replaced.id, sql`coalesce(${columnSql(column.id)}, '')`);
  return replaced;
}

/** The columns that must be equal: `on Name`, or `on $left.A == $right.B`. */
function pairsOf(
  node: Expression,
  clause: JoinOnClause | null,
  left: Relation,
  right: Relation,
  translator: Translator,
): readonly Pair[] {
  const pairs = elements(clause?.Expressions).flatMap((expression) =>
    conditionPairs(expression, left, right, translator),
  );
  if (pairs.length === 0) translator.fail(node, "a join needs columns to join on");
  for (const [a, b] of pairs) {
    if (a.type !== b.type && !(a.type in numeric && b.type in numeric)) {
      translator.fail(node, `joining ${a.type} '${a.name}' with ${b.type} '${b.name}' is not supported yet`);
    }
  }
  return pairs;
}

const numeric = { int: true, long: true };

function conditionPairs(node: Expression, left: Relation, right: Relation, translator: Translator): readonly Pair[] {
  if (is(node, "ParenthesizedExpression")) return conditionPairs(node.Expression, left, right, translator);
  if (is(node, "AndExpression")) {
    return [
      ...conditionPairs(node.Left, left, right, translator),
      ...conditionPairs(node.Right, left, right, translator),
    ];
  }
  const find = (side: Relation, name: string) =>
    side.columns.find((column) => column.name === name) ??
    translator.fail(node, `the column '${name}' is not supported here`);
  if (is(node, "NameReference")) return [[find(left, node.SimpleName), find(right, node.SimpleName)]];
  if (!is(node, "EqualExpression")) return translator.fail(node, "only equal columns can be joined");
  const sides = new Map([node.Left, node.Right].map((side) => sideOf(side, translator)));
  const [a, b] = [sides.get("$left"), sides.get("$right")];
  return a === undefined || b === undefined
    ? translator.fail(node, "write $left.Column == $right.Column")
    : [[find(left, a), find(right, b)]];
}

function sideOf(node: Expression, translator: Translator): readonly [string, string] {
  if (is(node, "PathExpression") && is(node.Expression, "NameReference") && is(node.Selector, "NameReference")) {
    return [node.Expression.SimpleName, node.Selector.SimpleName];
  }
  return translator.fail(node, "only a column can be joined on");
}

export const joinOperators = { JoinOperator: join, LookupOperator: lookup };
