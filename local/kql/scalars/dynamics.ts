import { argument, type ScalarFunction } from "../context.ts";
import { dynamic, scalar } from "../scalar.ts";
import { join, type Sql, sql } from "../sql.ts";
import { jsonText } from "./convert.ts";
import { text } from "./strings.ts";

/** JSON text of a value that stands inside another: a null is written. */
export function nested(value: Parameters<typeof jsonText>[0]): Sql {
  return value.nullable ? sql`coalesce(${jsonText(value)}, 'null')` : jsonText(value);
}

const bagPack: ScalarFunction = (values) => {
  const pairs: Sql[] = [];
  for (let index = 0; index + 1 < values.length; index += 2) {
    pairs.push(sql`to_json(${text(values, index)})::VARCHAR || ':' || ${nested(argument(values, index + 1))}`);
  }
  return dynamic(pairs.length === 0 ? sql`'{}'` : sql`'{' || ${join(pairs, " || ',' || ")} || '}'`, false);
};

const packArray: ScalarFunction = (values) =>
  dynamic(values.length === 0 ? sql`'[]'` : sql`'[' || ${join(values.map(nested), " || ',' || ")} || ']'`, false);

/** Of anything but an array, null. */
const arrayLength: ScalarFunction = (values) => {
  const { sql: array } = argument(values, 0);
  return scalar("long", sql`CASE WHEN json_type(${array}) = 'ARRAY' THEN json_array_length(${array})::BIGINT END`);
};

const split: ScalarFunction = (values, call) => {
  if (values.length > 2) call.fail("split() with an index is not supported yet; write split(…)[index]");
  return dynamic(
    sql`to_json(CASE WHEN ${text(values, 1)} = '' THEN [${text(values, 0)}] ELSE string_split(${text(values, 0)}, ${text(values, 1)}) END)::VARCHAR`,
    false,
  );
};

export const dynamics: Readonly<Record<string, ScalarFunction>> = {
  bag_pack: bagPack,
  pack: bagPack,
  pack_dictionary: bagPack,
  pack_array: packArray,
  array_length: arrayLength,
  split,
};

/** A step of a path to a property. */
export function propertyStep(name: string): string {
  return `.${JSON.stringify(name)}`;
}
