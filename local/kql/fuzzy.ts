import { parse } from "./parser.ts";
import type { Expression, SyntaxNode, UnionOperator } from "./syntax.ts";
import { elements, is, kindOf, walk } from "./tree.ts";

/**
 * A query without those parts of `union isfuzzy=true` whose table or function does not exist, blanked so that every
 * position stays. Kusto drops them, and their columns with them, as long as one part is left.
 */
export function withoutMissingLegs(query: string, isKnown: (name: string) => boolean): string {
  if (!/\bisfuzzy\b/i.test(query)) return query;
  const root = parse(query);
  const own = declaredNames(root);
  let text = query;
  walk(root, (node) => {
    if (kindOf(node) !== "UnionOperator" || !isFuzzy(node as UnionOperator)) return;
    const legs = elements((node as UnionOperator).Expressions);
    const missing = legs.filter((leg) => {
      const name = sourceOf(leg);
      return name !== undefined && !own.has(name) && !isKnown(name);
    });
    if (missing.length === legs.length) return;
    for (const leg of missing) text = blank(text, leg, legs);
  });
  return text;
}

function isFuzzy(node: UnionOperator): boolean {
  return elements(node.Parameters).some(
    ({ Name, Expression: value }) =>
      Name.SimpleName.toLowerCase() === "isfuzzy" && /^true$/i.test(value.ToString().trim()),
  );
}

/** Names that the query gives itself: by `let`, by `as`, as parameters of its functions. */
function declaredNames(root: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  walk(root, (node) => {
    if (kindOf(node) === "NameDeclaration") names.add((node as SyntaxNode & { SimpleName: string }).SimpleName);
  });
  return names;
}

/** The table or function that a part of a union begins with. */
function sourceOf(leg: Expression): string | undefined {
  if (is(leg, "ParenthesizedExpression") || is(leg, "PipeExpression")) return sourceOf(leg.Expression);
  if (is(leg, "NameReference")) return leg.SimpleName;
  return is(leg, "FunctionCallExpression") ? leg.Name.SimpleName : undefined;
}

/** Blanks a part and one comma beside it. */
function blank(text: string, leg: Expression, legs: readonly Expression[]): string {
  const spaces = (start: number, end: number, from: string) =>
    from.slice(0, start) + from.slice(start, end).replace(/[^\n]/g, " ") + from.slice(end);
  const without = spaces(leg.TextStart, leg.End, text);
  const [first, last] = [legs[0] as Expression, legs.at(-1) as Expression];
  const after = without.slice(leg.End, last.End).search(/,/);
  if (after >= 0) return spaces(leg.End + after, leg.End + after + 1, without);
  const before = without.slice(first.TextStart, leg.TextStart).lastIndexOf(",");
  return before < 0 ? without : spaces(first.TextStart + before, first.TextStart + before + 1, without);
}
