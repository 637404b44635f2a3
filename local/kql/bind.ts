import { withoutMissingLegs } from "./fuzzy.ts";
import { knownOf } from "./globals.ts";
import { type KustoCode, library } from "./parser.ts";
import { Remembered } from "./remembered.ts";
import { type KqlColumn, KqlError, type KqlErrorKind, type KqlSchema, type KqlType } from "./schema.ts";
import type { QueryBlock } from "./syntax/expressions.ts";
import type { Diagnostic, TypeSymbol } from "./syntax/nodes.ts";
import { columnsOf, list } from "./tree.ts";

/** A query that the parser has bound without error. */
export interface BoundQuery {
  readonly text: string;
  readonly root: QueryBlock;
  readonly resultType: TypeSymbol | null;
}

/** Queries come again and again: a transform with each batch, a rule every few minutes, the same content in one workspace after another. */
const bound = new Remembered<BoundQuery>(300);

/** Parses and binds. Throws `KqlError` for the first error that the binder finds, by position. */
export function bind(query: string, schema: KqlSchema): BoundQuery {
  const meaning = knownOf(schema).vocabulary.reach(query).join(" ");
  return bound.get(`${meaning}\n${query}`, () => bindAnew(query, schema));
}

function bindAnew(query: string, schema: KqlSchema): BoundQuery {
  const code = analyze(query, schema);
  const errors = list(code.GetDiagnostics()).filter((diagnostic) => diagnostic.Severity === "Error");
  const first = errors.toSorted((a, b) => a.Start - b.Start)[0];
  if (first !== undefined) throw diagnosed(query, code, first);
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
    diagnostics: diagnostics.map((diagnostic) => diagnosed(query, code, diagnostic)),
  };
}

function analyze(query: string, schema: KqlSchema): KustoCode {
  const { vocabulary, globals } = knownOf(schema);
  const text = withoutMissingLegs(query, (name) => vocabulary.has(name));
  return library().language.KustoCode.ParseAndAnalyze(text, globals);
}

function diagnosed(query: string, code: KustoCode, { Start: start, Message: message }: Diagnostic): KqlError {
  const isOfForm = list(code.GetSyntaxDiagnostics()).some(
    (other) => other.Start === start && other.Message === message,
  );
  return errorAt(query, start, isOfForm ? "syntax" : "semantic", message);
}

/** An error at an offset of the query. */
export function errorAt(query: string, offset: number, kind: KqlErrorKind, reason: string): KqlError {
  const before = query.slice(0, offset).split("\n");
  return new KqlError(kind, reason, before.length, (before.at(-1)?.length ?? 0) + 1);
}
