import type { DuckDBValue } from "@duckdb/node-api";
import { realText } from "./native/numbers.ts";
import { datetimeText, timespanText } from "./native/times.ts";
import { dynamic } from "./scalar.ts";
import { convert } from "./scalars/convert.ts";
import type { KqlType } from "./schema.ts";
import { raw } from "./sql.ts";

/**
 * SQL that turns an uploaded JSON value (an expression that yields JSON or JSON text, or null) into a stored value.
 * What does not fit the type becomes its missing value: an empty string or null.
 */
export function fromJsonSql(type: KqlType, expression: string): string {
  const value = dynamic(raw(`nullif((${expression})::VARCHAR, 'null')`));
  const converted = convert(value, type);
  if (converted === undefined) throw new Error(`no column can be of type ${type}`);
  return converted.sql.text;
}

/** A stored value as Log Analytics writes it in JSON: times and dynamic values as text, a number that no double holds as text. */
export function toJson(type: KqlType, value: DuckDBValue): string | number | boolean | null {
  if (value === null) return null;
  switch (type) {
    case "bool":
      return value === true;
    case "int":
    case "long": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case "real": {
      const number = Number(value);
      return Number.isFinite(number) ? number : realText(number);
    }
    case "datetime":
      return shortest(datetimeText(BigInt(String(value))));
    case "timespan":
      return timespanText(BigInt(String(value)));
    case "string":
    case "guid":
    case "decimal":
    case "dynamic":
      return String(value);
  }
}

/** A datetime without the zeros at the end of its fraction. */
function shortest(text: string): string {
  return text.replace(/\.?0+Z$/, "Z");
}
