import { createRequire } from "node:module";
import type { KqlSchema, KqlType } from "./schema.ts";
import type { Collection, Diagnostic, Expression, QueryBlock, Signature, TypeSymbol } from "./syntax.ts";

// Microsoft's parser: loading it, and telling it what a workspace holds.

/** Opaque: the parser's idea of a database and of the names it offers. */
interface GlobalState {
  WithCluster(cluster: object): GlobalState;
  WithDatabase(database: object): GlobalState;
  WithFunctions(functions: object[]): GlobalState;
  WithCache(): GlobalState;
  readonly Functions: readonly BuiltInFunction[];
}
interface BuiltInFunction {
  readonly Name: string;
  readonly Signatures: Collection<Signature & { readonly Tabularity: number }>;
}
interface ReturnContext {
  readonly RowScope: TypeSymbol | null;
  readonly Arguments: Collection<Expression>;
}
type ReturnType = (context: ReturnContext) => TypeSymbol;

export interface KustoCode {
  readonly Syntax: QueryBlock;
  readonly ResultType: TypeSymbol | null;
  GetDiagnostics(): Collection<Diagnostic>;
}
interface Language {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: GlobalState): KustoCode };
  readonly GlobalState: { readonly Default: GlobalState };
  readonly Syntax: { readonly SyntaxKind: Record<string, unknown> };
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
    readonly ScalarTypes: Record<string, TypeSymbol>;
  };
}

let loaded: { readonly language: Language; readonly kinds: readonly string[] } | undefined;

/** Loads the parser once, when first needed: it takes a quarter of a second and defines three globals. */
export function library(): { readonly language: Language; readonly kinds: readonly string[] } {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    require("@kusto/language-service-next/bridge.min.js");
    require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
    const language = (globalThis as unknown as { Kusto: { Language: Language } }).Kusto.Language;
    const kinds: string[] = [];
    for (const [name, value] of Object.entries(language.Syntax.SyntaxKind)) {
      if (typeof value === "number") kinds[value] = name;
    }
    loaded = { language, kinds };
  }
  return loaded;
}

/** Binding through a large workspace function takes 100 ms once and 2 ms afterwards, if the same state is kept. */
const globals = new WeakMap<KqlSchema, GlobalState>();

export function globalsOf(schema: KqlSchema): GlobalState {
  let state = globals.get(schema);
  if (state === undefined) {
    state = createGlobals(schema);
    globals.set(schema, state);
  }
  return state;
}

const scalarTypeNames: Readonly<Record<KqlType, string>> = {
  bool: "Bool",
  int: "Int",
  long: "Long",
  real: "Real",
  decimal: "Decimal",
  string: "String",
  datetime: "DateTime",
  timespan: "TimeSpan",
  dynamic: "Dynamic",
  guid: "Guid",
};

function scalarType(type: KqlType): TypeSymbol {
  return library().language.Symbols.ScalarTypes[scalarTypeNames[type]] as TypeSymbol;
}

function createGlobals(schema: KqlSchema): GlobalState {
  const { Symbols, GlobalState } = library().language;
  const tables = schema.tables.map(
    ({ name, columns }) =>
      new Symbols.TableSymbol.$ctor4(
        name,
        columns.map((column) => new Symbols.ColumnSymbol(column.name, scalarType(column.type), null, null, null, null)),
      ),
  );
  const functions = schema.functions.map(
    ({ name, parameters, body }) => new Symbols.FunctionSymbol.$ctor16(name, `(${parameters})`, `{ ${body}\n}`, null),
  );
  const database = new Symbols.DatabaseSymbol.ctor("workspace", [...tables, ...functions]);
  const cluster = new Symbols.ClusterSymbol.ctor("local", [database]);
  const builtIn = correctedFunctions(GlobalState.Default.Functions);
  return GlobalState.Default.WithFunctions(builtIn).WithCluster(cluster).WithDatabase(database).WithCache();
}

/** Functions whose type the parser gets wrong, by name. */
const corrections: Readonly<Record<string, ReturnType>> = {
  // The column's type, not the default's
  column_ifexists: ({ RowScope, Arguments }) => {
    const name = Arguments.getItem(0).LiteralValue;
    const columns = RowScope?.Columns;
    for (let index = 0; index < (columns?.Count ?? 0); index += 1) {
      const column = columns?.getItem(index);
      if (column !== undefined && column.Name === name) return column.Type;
    }
    return Arguments.getItem(1).ResultType ?? scalarType("dynamic");
  },
  // Of weeks, a real
  datetime_diff: ({ Arguments }) => {
    const part = Arguments.getItem(0).LiteralValue;
    return scalarType(typeof part === "string" && part.toLowerCase() === "week" ? "real" : "long");
  },
};

function correctedFunctions(functions: readonly BuiltInFunction[]): BuiltInFunction[] {
  const { FunctionSymbol } = library().language.Symbols;
  return functions.map((builtIn) => {
    const type = corrections[builtIn.Name];
    if (type === undefined) return builtIn;
    const { Tabularity, Parameters } = builtIn.Signatures.getItem(0);
    return new FunctionSymbol.$ctor1(builtIn.Name, type, Tabularity, Parameters);
  });
}
