import { library } from "./parser.ts";
import type { KqlFunction, KqlTable, KqlType } from "./schema.ts";
import type { TypeSymbol } from "./syntax/nodes.ts";

// The parser's words for tables, functions and types.

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

export function scalarType(type: KqlType): TypeSymbol {
  return library().language.Symbols.ScalarTypes[scalarTypeNames[type]] as TypeSymbol;
}

export function tableSymbol({ name, columns }: Pick<KqlTable, "name" | "columns">): object {
  const { TableSymbol, ColumnSymbol } = library().language.Symbols;
  return new TableSymbol.$ctor4(
    name,
    columns.map((column) => new ColumnSymbol(column.name, scalarType(column.type), null, null, null, null)),
  );
}

export function functionSymbol({ name, parameters, body }: KqlFunction): object {
  const { FunctionSymbol } = library().language.Symbols;
  return new FunctionSymbol.$ctor16(name, `(${parameters})`, `{ ${body}\n}`, null);
}
