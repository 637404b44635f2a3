import { createRequire } from "node:module";
import { hastenRuntime, type Runtime } from "./runtime.ts";
import { leaveOutGrammar, rememberOperators, type Shortened, shareExpansions, takeNoCommands } from "./shortcuts.ts";
import type { QueryBlock } from "./syntax/expressions.ts";
import type { Collection, Diagnostic, Expression, Signature, TypeSymbol } from "./syntax/nodes.ts";

// Microsoft's parser, and as much of its library as is used, typed.

/** Opaque: the parser's idea of a database and of the names it offers. */
export interface GlobalState {
  WithCluster(cluster: object): GlobalState;
  WithDatabase(database: object): GlobalState;
  WithFunctions(functions: object[]): GlobalState;
  WithCache(): GlobalState;
  readonly Cache: {
    /** What is kept under a class of the library; made if there is none yet. */
    GetOrCreate$1<T>(kept: new () => T, make: () => T): T;
  };
  readonly Functions: readonly BuiltInFunction[];
}
export interface BuiltInFunction {
  readonly Name: string;
  readonly Signatures: Collection<Signature & { readonly Tabularity: number }>;
}
interface ReturnContext {
  readonly RowScope: TypeSymbol | null;
  readonly Arguments: Collection<Expression>;
}
export type ReturnType = (context: ReturnContext) => TypeSymbol;

export interface KustoCode {
  readonly Syntax: QueryBlock;
  readonly ResultType: TypeSymbol | null;
  GetDiagnostics(): Collection<Diagnostic>;
  /** Those of them that need no tables to be found. */
  GetSyntaxDiagnostics(): Collection<Diagnostic>;
}
interface Language {
  readonly KustoCode: {
    /** Reads without binding: a tenth of the time. */
    Parse(text: string): KustoCode;
    ParseAndAnalyze(text: string, globals: GlobalState): KustoCode;
  };
  readonly GlobalState: { readonly Default: GlobalState };
  readonly Syntax: { readonly SyntaxKind: Record<string, unknown> };
  /** What the binder finds out about symbols: how calls of functions expand, above all. */
  readonly Binding: Shortened["Binding"] & { readonly GlobalBindingCache: new () => object };
  readonly Parsing: Shortened["Parsing"];
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: object[]) => object };
    readonly ColumnSymbol: new (
      name: string,
      type: TypeSymbol,
      description: null,
      originalTable: null,
      originalColumns: null,
      source: null,
    ) => object;
    readonly FunctionSymbol: {
      readonly $ctor16: new (name: string, parameters: string, body: string, description: null) => object;
      readonly $ctor1: new (name: string, type: ReturnType, tabularity: number, parameters: object) => BuiltInFunction;
    };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: object[]) => object };
    readonly ClusterSymbol: { readonly ctor: new (name: string, databases: object[]) => object };
    readonly ScalarTypes: Readonly<Record<string, TypeSymbol>>;
  };
}

let loaded: { readonly language: Language; readonly kinds: readonly string[] } | undefined;

/** Loads the parser once, when first needed: it takes a quarter of a second and defines three globals. */
export function library(): { readonly language: Language; readonly kinds: readonly string[] } {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    require("@kusto/language-service-next/bridge.min.js");
    require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
    const defined = globalThis as unknown as Runtime & { readonly Kusto: { readonly Language: Language } };
    const { Language: language } = defined.Kusto;
    const kinds: string[] = [];
    for (const [name, value] of Object.entries(language.Syntax.SyntaxKind)) {
      if (typeof value === "number") kinds[value] = name;
    }
    hastenRuntime(defined);
    leaveOutGrammar(language);
    shareExpansions(language);
    rememberOperators(language);
    takeNoCommands(language);
    loaded = { language, kinds };
  }
  return loaded;
}

/** Parses without a schema: enough to see which operators and names a query consists of. */
export function parse(query: string): QueryBlock {
  return library().language.KustoCode.Parse(query).Syntax;
}
