import { parse } from "./parser.ts";
import { Remembered } from "./remembered.ts";
import type { Expression, SyntaxElement, SyntaxNode } from "./syntax/nodes.ts";
import type { UnionOperator } from "./syntax/operators.ts";
import { elements, is, kindOf, separators, walk } from "./tree.ts";

/** A part of a `union isfuzzy=true`: its place in the text, and the table or function that it begins with unless the query itself has that. */
interface Leg {
  readonly place: Place;
  /** The comma behind it. */
  readonly comma: Place | undefined;
  readonly source: string | undefined;
}
type Place = Pick<SyntaxElement, "TextStart" | "End">;

/** By text: the bodies of workspace functions are large, and the same in every version of a schema. */
const fuzzyUnions = new Remembered<readonly (readonly Leg[])[]>(200);

/**
 * A query without those parts of `union isfuzzy=true` whose table or function does not exist, blanked so that every
 * position stays. Kusto drops them, and their columns with them, as long as one part is left.
 */
export function withoutMissingLegs(query: string, isKnown: (name: string) => boolean): string {
  if (!/\bisfuzzy\b/i.test(query)) return query;
  return fuzzyUnions
    .get(query, () => readUnions(query))
    .reduce((text, legs) => {
      const kept = legs.filter(({ source }) => source === undefined || isKnown(source));
      if (kept.length === 0) return text;
      const missing = legs.filter((leg) => !kept.includes(leg));
      // Where the last part goes, no comma may stay behind the part before
      const last = missing.includes(legs.at(-1) as Leg) ? kept.at(-1)?.comma : undefined;
      return [...missing.flatMap(({ place, comma }) => [place, comma]), last].reduce(blank, text);
    }, query);
}

function blank(text: string, place: Place | undefined): string {
  if (place === undefined) return text;
  const { TextStart: start, End: end } = place;
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
}

function readUnions(query: string): readonly (readonly Leg[])[] {
  const root = parse(query);
  const own = declaredNames(root);
  const unions: Leg[][] = [];
  walk(root, (node) => {
    if (kindOf(node) !== "UnionOperator" || !isFuzzy(node as UnionOperator)) return;
    const commas = separators((node as UnionOperator).Expressions);
    unions.push(
      elements((node as UnionOperator).Expressions).map((leg, index) => {
        const name = sourceOf(leg);
        return {
          place: placeOf(leg),
          comma: placeOf(commas[index]),
          source: name !== undefined && own.has(name) ? undefined : name,
        };
      }),
    );
  });
  return unions;
}

/** Without the tree that it belongs to, which would be kept with it. */
function placeOf(element: SyntaxElement): Place;
function placeOf(element: SyntaxElement | undefined): Place | undefined;
function placeOf(element: SyntaxElement | undefined): Place | undefined {
  return element && { TextStart: element.TextStart, End: element.End };
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
  // A name with stars stands for the tables that there are
  if (is(leg, "NameReference")) return leg.SimpleName.includes("*") ? undefined : leg.SimpleName;
  return is(leg, "FunctionCallExpression") ? leg.Name.SimpleName : undefined;
}
