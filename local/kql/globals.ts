import { withoutMissingLegs } from "./fuzzy.ts";
import { type BuiltInFunction, type GlobalState, library, type ReturnType } from "./parser.ts";
import type { KqlSchema, KqlType } from "./schema.ts";
import type { TypeSymbol } from "./syntax/nodes.ts";

// What the parser is told of a workspace.

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

/** Whether a name is a table's or a workspace function's. */
export function knownNames(schema: KqlSchema): (name: string) => boolean {
  const names = new Set([...schema.tables, ...schema.functions].map(({ name }) => name));
  return (name) => names.has(name);
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
  const isKnown = knownNames(schema);
  const functions = schema.functions.map(({ name, parameters, body }) => {
    const own = new Set(parameters.match(/\w+(?=\s*:)/g));
    const text = withoutMissingLegs(body, (word) => own.has(word) || isKnown(word));
    return new Symbols.FunctionSymbol.$ctor16(name, `(${parameters})`, `{ ${text}\n}`, null);
  });
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
  jaccard_index: () => scalarType("real"),
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
