import { library } from "./parser.ts";
import type { NodeOfKind } from "./syntax/kinds.ts";
import type { Collection, ColumnSymbol, List, SyntaxElement, SyntaxNode, Token, TypeSymbol } from "./syntax/nodes.ts";

// Reading the parser's syntax tree.

/** The name of a node's kind, e.g. `FilterOperator`. */
export function kindOf(element: SyntaxElement): string {
  return library().kinds[element.Kind] ?? `kind ${element.Kind}`;
}

export function is<K extends keyof NodeOfKind>(element: SyntaxElement, kind: K): element is NodeOfKind[K] {
  return kindOf(element) === kind;
}

/** The members of a list in the tree, without the separators. */
export function elements<T extends SyntaxElement>(list: List<T> | null | undefined): T[] {
  const found: T[] = [];
  for (let index = 0; index < (list?.ChildCount ?? 0); index += 1) {
    const child = list?.GetChild(index);
    if (child) found.push((kindOf(child) === "SeparatedElement" ? child.GetChild(0) : child) as T);
  }
  return found;
}

/** What separates the members of a list: one behind each, but usually not behind the last. */
export function separators(list: List<SyntaxElement>): SyntaxElement[] {
  return Array.from({ length: list.ChildCount }, (_, index) => list.GetChild(index)?.GetChild(1)).filter(
    (child): child is SyntaxElement => child !== null && child !== undefined,
  );
}

/** The members of one of the parser's own collections. */
export function list<T>(collection: Collection<T>): T[] {
  return Array.from({ length: collection.Count }, (_, index) => collection.getItem(index));
}

export function columnsOf(type: TypeSymbol | null): ColumnSymbol[] {
  return type?.Columns === undefined ? [] : list(type.Columns);
}

/** The word that a node starts with, e.g. `where`. */
export function firstWord(element: SyntaxElement): string {
  let token = element;
  while (!token.IsToken && token.ChildCount > 0) {
    const first = Array.from({ length: token.ChildCount }, (_, index) => token.GetChild(index)).find(
      (child) => child !== null && child.End > child.TextStart,
    );
    if (!first) break;
    token = first;
  }
  return token.IsToken ? (token as Token).Text : "";
}

/** Calls back for a node and everything below it, function bodies excluded. */
export function walk(element: SyntaxElement, visit: (node: SyntaxNode) => void): void {
  if (element.IsToken) return;
  visit(element as SyntaxNode);
  for (let index = 0; index < element.ChildCount; index += 1) {
    const child = element.GetChild(index);
    if (child) walk(child, visit);
  }
}
