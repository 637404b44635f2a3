/** KQL's scalar types. */
export type KqlType =
  | "bool"
  | "int"
  | "long"
  | "real"
  | "decimal"
  | "string"
  | "datetime"
  | "timespan"
  | "dynamic"
  | "guid";

export interface KqlColumn {
  readonly name: string;
  readonly type: KqlType;
}

/** A table as the engine needs it: its columns as KQL sees them, and where DuckDB keeps each. */
export interface KqlTable {
  readonly name: string;
  /** `sql` is the stored column's quoted name; names that differ only by case are two columns in KQL and need two names in DuckDB. */
  readonly columns: readonly (KqlColumn & { readonly sql: string })[];
  /** What to select from, as SQL: a quoted table name or a parenthesised query. */
  readonly relation: string;
  /** Stored column behind `ingestion_time()`, quoted; without it the function answers null. */
  readonly ingestionTime?: string;
}

/** A workspace function: its parameters as KQL writes them (without parentheses), its body. */
export interface KqlFunction {
  readonly name: string;
  readonly parameters: string;
  readonly body: string;
}

export interface KqlSchema {
  readonly tables: readonly KqlTable[];
  readonly functions: readonly KqlFunction[];
}

/** Why a query cannot be answered: its form is wrong, it means nothing in this workspace, or this engine cannot do it. */
export type KqlErrorKind = "syntax" | "semantic" | "unsupported";

/** A query that cannot be answered: what is wrong or not supported, and where. Lines and columns count from 1. */
export class KqlError extends Error {
  override readonly name = "KqlError";
  readonly kind: KqlErrorKind;
  /** The message without the place. */
  readonly reason: string;
  readonly line: number;
  readonly column: number;

  constructor(kind: KqlErrorKind, reason: string, line: number, column: number) {
    super(`line ${line}, column ${column}: ${reason}`);
    this.kind = kind;
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}
