import type { FunctionBody } from "./expressions.ts";

/**
 * The part of Microsoft's syntax tree and symbols that the translator reads, typed: what every node is, and what names mean.
 * The package's own typings do not pass a strict compiler; names and shapes here are theirs.
 */

export interface SyntaxElement {
  readonly Kind: number;
  readonly IsToken: boolean;
  readonly IsMissing: boolean;
  readonly ChildCount: number;
  readonly TextStart: number;
  readonly End: number;
  GetChild(index: number): SyntaxElement | null;
}

export interface SyntaxNode extends SyntaxElement {
  readonly ReferencedSymbol: Symbol | null;
  readonly ReferencedSignature: Signature | null;
  GetCalledFunctionBody(): FunctionBody | null;
  ToString(): string;
}

export interface Token extends SyntaxElement {
  readonly Text: string;
  readonly ValueText: string;
}

/** A list in the tree; `elements` reads it. The type parameter says what `elements` yields. */
export interface List<T extends SyntaxElement> extends SyntaxElement {
  getItem(index: number): T | Separated<T>;
}
interface Separated<T extends SyntaxElement> extends SyntaxElement {
  readonly Element: T;
}

export interface Expression extends SyntaxNode {
  readonly ResultType: TypeSymbol | null;
  readonly IsLiteral: boolean;
  readonly LiteralValue: unknown;
}

// Symbols

export interface Collection<T> {
  readonly Count: number;
  getItem(index: number): T;
}
export interface Symbol {
  readonly Name: string;
  /** Of a function. */
  readonly Signatures?: Collection<Signature>;
  /** Of a group, which is what a name with stars means. */
  readonly Members?: Collection<Symbol>;
}
export interface TypeSymbol extends Symbol {
  readonly Columns?: Collection<ColumnSymbol>;
  readonly IsOpen?: boolean;
}
export interface ColumnSymbol extends Symbol {
  readonly Type: TypeSymbol;
}
export interface Parameter {
  readonly Name: string;
  readonly IsTabular: boolean;
  readonly IsOptional: boolean;
  readonly DefaultValue: Expression | null;
}
export interface Signature {
  readonly Symbol: Symbol;
  readonly Parameters: Collection<Parameter>;
}
export interface Diagnostic {
  readonly Severity: string;
  readonly Code: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
}
