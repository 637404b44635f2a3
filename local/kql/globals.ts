import { type BuiltInFunction, type GlobalState, library, type ReturnType } from "./parser.ts";
import type { KqlSchema } from "./schema.ts";
import { scalarType } from "./symbols.ts";
import { Vocabulary } from "./vocabulary.ts";

/** What the parser is told of a workspace. */
interface Known {
  readonly vocabulary: Vocabulary;
  readonly globals: GlobalState;
}

const known = new WeakMap<KqlSchema, Known>();

export function knownOf(schema: KqlSchema): Known {
  const found = known.get(schema) ?? tell(new Vocabulary(schema));
  known.set(schema, found);
  return found;
}

function tell(vocabulary: Vocabulary): Known {
  const { Symbols, Binding } = library().language;
  const database = new Symbols.DatabaseSymbol.ctor("workspace", vocabulary.symbols);
  const cluster = new Symbols.ClusterSymbol.ctor("local", [database]);
  const globals = withBuiltIns().WithCluster(cluster).WithDatabase(database).WithCache();
  globals.Cache.GetOrCreate$1(Binding.GlobalBindingCache, () => vocabulary.findings);
  return { vocabulary, globals };
}

let builtIns: GlobalState | undefined;

function withBuiltIns(): GlobalState {
  const { Default } = library().language.GlobalState;
  return (builtIns ??= Default.WithFunctions(correctedFunctions(Default.Functions)));
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
