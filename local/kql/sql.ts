import type { Extraction } from "./part.ts";

/** A piece of SQL, and the internal columns that it reads. */
export interface Sql {
  readonly text: string;
  readonly uses: ReadonlySet<string>;
  /** What it asks of JSON documents, by how that is written in the text. */
  readonly extractions?: ReadonlyMap<string, Extraction>;
}

const none: ReadonlySet<string> = new Set();

/** Composes SQL: a piece's columns are carried along, a string or number is taken as SQL as it stands. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | string | number | boolean)[]): Sql {
  let text = texts[0] ?? "";
  const pieces: Sql[] = [];
  parts.forEach((part, index) => {
    if (typeof part === "object") pieces.push(part);
    text += (typeof part === "object" ? part.text : part) + (texts[index + 1] ?? "");
  });
  return composed(text, pieces);
}

export function raw(text: string): Sql {
  return { text, uses: none };
}

/** An internal column. Its name needs no quotes. */
export function columnSql(id: string): Sql {
  return { text: id, uses: new Set([id]) };
}

export function join(pieces: readonly Sql[], separator: string): Sql {
  return composed(pieces.map(({ text }) => text).join(separator), pieces);
}

function composed(text: string, pieces: readonly Sql[]): Sql {
  const asking = pieces.filter(({ extractions }) => extractions !== undefined);
  if (asking.length === 0) return { text, uses: union(pieces) };
  return {
    text,
    uses: union(pieces),
    extractions: new Map(asking.flatMap(({ extractions }) => [...(extractions ?? [])])),
  };
}

/** A string literal. */
export function quote(value: string): string {
  // DuckDB's lexer ends a literal at a NUL
  return value.includes("\0")
    ? `(${value
        .split("\0")
        .map((part) => quote(part))
        .join(" || chr(0) || ")})`
    : `'${value.replaceAll("'", "''")}'`;
}

function union(pieces: readonly Sql[]): ReadonlySet<string> {
  const used = pieces.filter(({ uses }) => uses.size > 0);
  if (used.length === 0) return none;
  if (used.length === 1) return (used[0] as Sql).uses;
  return new Set(used.flatMap(({ uses }) => [...uses]));
}
