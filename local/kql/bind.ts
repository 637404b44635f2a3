import { globalsOf, type KustoCode, library } from "./parser.ts";
import { type KqlColumn, KqlError, type KqlSchema, type KqlType } from "./schema.ts";
import type {
  Collection,
  ColumnSymbol,
  List,
  NodeOfKind,
  QueryBlock,
  SyntaxElement,
  SyntaxNode,
  Token,
  TypeSymbol,
} from "./syntax.ts";

/** A query that the parser has bound without error. */
export interface BoundQuery {
  readonly text: string;
  readonly root: QueryBlock;
  readonly resultType: TypeSymbol | null;
}

/** Queries come again and again: a transform with each batch, a rule every few minutes. */
const remembered = new WeakMap<KqlSchema, Map<string, BoundQuery>>();
const rememberedPerSchema = 100;

/** Parses and binds. Throws `KqlError` for the first error that the binder finds, by position. */
export function bind(query: string, schema: KqlSchema): BoundQuery {
  const known = remembered.get(schema) ?? new Map<string, BoundQuery>();
  remembered.set(schema, known);
  const bound = known.get(query) ?? bindAnew(query, schema);
  // The one that has not been asked for longest goes first
  known.delete(query);
  known.set(query, bound);
  const [oldest] = known.keys();
  if (known.size > rememberedPerSchema && oldest !== undefined) known.delete(oldest);
  return bound;
}

function bindAnew(query: string, schema: KqlSchema): BoundQuery {
  const code = analyze(query, schema);
  const errors = list(code.GetDiagnostics()).filter((diagnostic) => diagnostic.Severity === "Error");
  const first = errors.toSorted((a, b) => a.Start - b.Start)[0];
  if (first !== undefined) throw errorAt(query, first.Start, first.Message);
  return { text: query, root: code.Syntax, resultType: code.ResultType };
}

/** What the binder says of a query: the columns it yields, and every error and warning. */
export function outputColumns(
  query: string,
  schema: KqlSchema,
): { readonly columns: readonly KqlColumn[]; readonly diagnostics: readonly KqlError[] } {
  const code = analyze(query, schema);
  const diagnostics = list(code.GetDiagnostics()).filter(
    ({ Severity }) => Severity === "Error" || Severity === "Warning",
  );
  return {
    columns: columnsOf(code.ResultType).map(({ Name, Type }) => ({ name: Name, type: Type.Name as KqlType })),
    diagnostics: diagnostics.map((diagnostic) => errorAt(query, diagnostic.Start, diagnostic.Message)),
  };
}

function analyze(query: string, schema: KqlSchema): KustoCode {
  return library().language.KustoCode.ParseAndAnalyze(query, globalsOf(schema));
}

// Reading the tree

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

/** An error at an offset of the query. */
export function errorAt(query: string, offset: number, message: string): KqlError {
  const before = query.slice(0, offset).split("\n");
  return new KqlError(message, before.length, (before.at(-1)?.length ?? 0) + 1);
}

/** Parses without a schema: enough to see which operators and functions a query names. */
export function parse(query: string): SyntaxNode {
  return analyze(query, nothing).Syntax;
}

const nothing: KqlSchema = { tables: [], functions: [] };
