import { quote, type Sql, sql } from "./sql.ts";

/** A place in a JSON document. */
export interface Part {
  readonly document: Sql;
  /** `$`, or a path such as `$."a"[0]`. */
  readonly path: string;
  /** True where the document is a text that need not be JSON: nothing can be found inside of other text. */
  readonly raw?: boolean;
}

/** What is asked of a place: its JSON, its text, or which kind of JSON it is. */
export type Question = "json_extract" | "json_extract_string" | "json_type";

/** One question to one place of a document that is a column. Those to the same document can be asked together. */
export interface Extraction {
  readonly question: Question;
  readonly part: Part;
}

/** The answer to a question; null where there is nothing. */
export function ask(question: Question, part: Part): Sql {
  const { document, path } = part;
  const text = guarded(part, sql`${question}(${document}, ${quote(path)})`);
  return document.uses.has(document.text) ? { ...text, extractions: new Map([[text.text, { question, part }]]) } : text;
}

/** The answers to a question about several places of one document, as a list. */
export function askAll(question: Question, document: Part, paths: readonly string[]): string {
  return guarded(document, sql`${question}(${document.document}, [${paths.map((path) => quote(path)).join(", ")}])`)
    .text;
}

/**
 * Only an array or an object has something inside, so only what begins like one, perhaps after spaces, is looked into. What
 * is none all the same is found out by trying, which costs nothing otherwise. (DuckDB would make a join of a longer IN.)
 */
function guarded({ document, raw }: Part, found: Sql): Sql {
  if (raw !== true) return found;
  return sql`CASE WHEN ascii(${document}) BETWEEN 9 AND 32 OR ascii(${document}) IN (91, 123) THEN TRY(${found}) END`;
}
