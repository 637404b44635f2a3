import type { Scope, Translator } from "../context.ts";
import { compute, filter, type Relation } from "../relation.ts";
import { asFilter, condition, missing, type Scalar, stringConstant } from "../scalar.ts";
import { and, or } from "../scalars/comparison.ts";
import { convert } from "../scalars/convert.ts";
import { escapeRegex, textMatches } from "../scalars/text-match.ts";
import { join, quote, type Sql, sql } from "../sql.ts";
import type { BinaryExpression, FunctionCallExpression } from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { SearchOperator } from "../syntax/operators.ts";
import { elements, is, kindOf } from "../tree.ts";
import { columnValue, declaredColumns, parametersOf } from "./shape.ts";
import { legsOf, united } from "./union.ts";

/** `search` over the rows before it, over some tables or over all: a text stands for a term in any column. */
export function search(
  node: SearchOperator,
  input: Relation | undefined,
  scope: Scope,
  translator: Translator,
): Relation {
  const kind = parametersOf(node.Parameters).get("kind")?.ToString().trim();
  const sensitive = kind === "case_sensitive";
  if (input === undefined) return searchTables(node, sensitive, scope, translator);
  const found = predicate(node.Condition, input, sensitive, scope, translator);
  const declared = declaredColumns(node);
  const label = translator.column(declared[0]?.name ?? "$table", "string");
  const source = compute(filter(input.source, asFilter(found)), new Map([[label.id, sql`'search_arg0'`]]));
  return { ...input, columns: [label, ...input.columns], source };
}

/** Each table is searched by itself; a column that it lacks is a missing value there. */
function searchTables(node: SearchOperator, sensitive: boolean, scope: Scope, translator: Translator): Relation {
  const [label, ...columns] = declaredColumns(node);
  const tables =
    node.InClause === null
      ? translator.tableNames.map((name) => ({ relation: translator.table(name, node), label: name }))
      : elements(node.InClause.Expressions).flatMap((table) =>
          legsOf(table, is(table, "NameReference") ? table.SimpleName : "search_arg0", scope, translator),
        );
  const found = tables.map(({ relation, label: name }) => {
    const absent = columns.filter((column) => !relation.columns.some((own) => own.name === column.name));
    const made = new Map<string, Sql>();
    const filled = absent.map((column) => {
      const empty = translator.column(column.name, column.type);
      made.set(empty.id, missing(column.type).sql);
      return empty;
    });
    const row = { ...relation, columns: [...relation.columns, ...filled], source: compute(relation.source, made) };
    const condition = predicate(node.Condition, row, sensitive, scope, translator, relation);
    return { relation: { ...relation, source: filter(row.source, asFilter(condition)) }, label: name };
  });
  return united(found, declaredColumns(node), label?.name, translator);
}

/** `searched` has the columns in which a term may stand, if these are not all of the row's. */
function predicate(
  node: Expression,
  input: Relation,
  sensitive: boolean,
  scope: Scope,
  translator: Translator,
  searched = input,
): Scalar {
  const of = (part: Expression) => predicate(part, input, sensitive, scope, translator, searched);
  if (is(node, "ParenthesizedExpression")) return of(node.Expression);
  if (is(node, "AndExpression")) return and(of(node.Left), of(node.Right));
  if (is(node, "OrExpression")) return or(of(node.Left), of(node.Right));
  if (is(node, "FunctionCallExpression") && node.Name.SimpleName === "not") return opposite(of(firstArgument(node)));
  if (kindOf(node) === "StringLiteralExpression") return anywhere(String(node.LiteralValue), searched, sensitive);
  if (node.IsLiteral) return anywhere(node.ToString().trim(), searched, sensitive);
  if (kindOf(node) === "SearchExpression") {
    const { Left, Right } = node as BinaryExpression;
    const column = convert(translator.scalar(Left, { ...scope, row: input }), "string");
    if (column === undefined || !is(Right, "StringLiteralExpression"))
      return translator.fail(node, "this search is not supported yet");
    return termIn(column, String(Right.LiteralValue), sensitive);
  }
  return translator.scalar(node, { ...scope, row: input });
}

function firstArgument(node: FunctionCallExpression): Expression {
  return elements(node.ArgumentList.Expressions)[0] as Expression;
}

function opposite(value: Scalar): Scalar {
  return condition(sql`NOT ${condition(asFilter(value)).sql}`, false);
}

function anywhere(term: string, input: Relation, sensitive: boolean): Scalar {
  const tests = input.columns.flatMap((column) => {
    const text = convert(columnValue(column), "string");
    return text === undefined ? [] : [termIn(text, term, sensitive).sql];
  });
  return condition(tests.length === 0 ? sql`false` : sql`(${join(tests, " OR ")})`, false);
}

/** A star stands for any text: `a*` is a term's start, `*a` its end, `*a*` a part of the text. */
function termIn(text: Scalar, term: string, sensitive: boolean): Scalar {
  const [, before = "", inner = "", after = ""] = /^(\*?)(.*?)(\*?)$/s.exec(term) ?? [];
  const operator = before === "*" ? (after === "*" ? "Contains" : "HasSuffix") : after === "*" ? "HasPrefix" : "Has";
  if (inner.includes("*")) {
    const pattern = `${sensitive ? "" : "(?i)"}${inner.split("*").map(escapeRegex).join(".*")}`;
    return condition(sql`regexp_matches(${text.sql}, ${quote(pattern)})`, false);
  }
  const match = textMatches[`${operator}${sensitive ? "Cs" : ""}Expression`] as (
    text: Scalar,
    needle: Scalar,
  ) => Scalar;
  return match(text, stringConstant(inner));
}
