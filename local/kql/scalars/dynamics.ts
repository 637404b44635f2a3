import { argument, type ScalarFunction } from "../context.ts";
import { dynamic, type Scalar, scalar } from "../scalar.ts";
import { join, type Sql, sql } from "../sql.ts";
import { json, long, native, text } from "./arguments.ts";
import { convert, jsonText } from "./convert.ts";

/** JSON text of a value that stands inside another: a null is written. */
export function nested(value: Scalar): Sql {
  return value.nullable ? sql`coalesce(${jsonText(value)}, 'null')` : jsonText(value);
}

/** A step of a path to a property. */
export function propertyStep(name: string): string {
  return `.${JSON.stringify(name)}`;
}

/** A bag of pieces of SQL, each of them `"name":value`. */
function bagOf(pairs: readonly Sql[]): Scalar {
  return dynamic(pairs.length === 0 ? sql`'{}'` : sql`'{' || ${join(pairs, " || ',' || ")} || '}'`, false);
}

const bagPack: ScalarFunction = (values) => {
  const pairs: Sql[] = [];
  for (let index = 0; index + 1 < values.length; index += 2) {
    pairs.push(sql`to_json(${text(values, index)})::VARCHAR || ':' || ${nested(argument(values, index + 1))}`);
  }
  return bagOf(pairs);
};

/** An array of values. */
function arrayOf(values: readonly Scalar[]): Scalar {
  return dynamic(
    values.length === 0 ? sql`'[]'` : sql`'[' || ${join(values.map(nested), " || ',' || ")} || ']'`,
    false,
  );
}

/** Of anything but an array, null. */
const arrayLength: ScalarFunction = (values) => {
  const array = json(values, 0);
  return scalar("long", sql`CASE WHEN json_type(${array}) = 'ARRAY' THEN json_array_length(${array})::BIGINT END`);
};

/** A function of dynamic values alone that the engine adds to DuckDB. */
function ofDynamics(
  name: string,
  count: number,
  type: "dynamic" | "string" | "real" | "bool" = "dynamic",
): ScalarFunction {
  return (values) => native(type, name, ...Array.from({ length: count }, (_, index) => json(values, index)));
}

/** The same function over any number of arguments, two at a time. */
function folded(name: string): ScalarFunction {
  return (values) =>
    values.slice(1).reduce((all, value) => native("dynamic", name, all.sql, jsonText(value)), argument(values, 0));
}

function sorted(name: string): ScalarFunction {
  return (values, call) => {
    if (values.length > 2) call.fail(`${call.name}() of several arrays is not supported yet`);
    const nullsLast = values[1] === undefined ? sql`true` : argument(values, 1).sql;
    return native("dynamic", name, json(values, 0), nullsLast);
  };
}

function shifted(direction: 1 | -1): ScalarFunction {
  return (values) => {
    const fill = values[2] === undefined ? sql`'null'` : nested(argument(values, 2));
    return native("dynamic", "array_shift", json(values, 0), sql`(${long(values, 1)} * ${direction})`, fill);
  };
}

const indexOf: ScalarFunction = (values) =>
  native("long", "array_index_of", json(values, 0), text(values, 1), long(values, 2, 0), long(values, 3, -1));

/** Whole numbers, reals or times from a start to an end, which belongs to it if a step meets it. */
const range: ScalarFunction = (values, call) => {
  const [start, end] = [argument(values, 0), argument(values, 1)];
  const step = values[2] ?? { ...scalar("long", sql`1::BIGINT`, false), constant: 1n };
  if (start.type === "real" || end.type === "real" || step.type === "real")
    return call.fail("range() of reals is not supported yet");
  if (start.type === "datetime" && step.type !== "timespan") return call.fail("range() of datetimes needs a step");
  const value = scalar(start.type, sql`(${start.sql} + i * ${step.sql})`, false);
  const steps = sql`range(0, least(1048576, greatest(0, (${end.sql} - ${start.sql}) // ${step.sql} + 1)))`;
  return dynamic(sql`'[' || array_to_string(list_transform(${steps}, lambda i: ${jsonText(value)}), ',') || ']'`);
};

const hasKey: ScalarFunction = (values) =>
  scalar(
    "bool",
    sql`CASE WHEN json_type(${json(values, 0)}) = 'OBJECT' THEN list_contains(json_keys(${json(values, 0)}), ${text(values, 1)}) END`,
  );

/** The part of a JSON text that a path such as `$.a[0]` leads to. */
const extractJson: ScalarFunction = (values, call) => {
  const source = text(values, 1);
  const found = dynamic(
    sql`json_extract(CASE WHEN json_valid(${source}) THEN ${source} END, ${text(values, 0)})::VARCHAR`,
  );
  return convert(found, call.type) ?? call.fail(`extract_json() cannot yield ${call.type}`);
};

export const dynamics: Readonly<Record<string, ScalarFunction>> = {
  bag_pack: bagPack,
  pack: bagPack,
  pack_dictionary: bagPack,
  pack_array: (values) => arrayOf(values),
  bag_keys: ofDynamics("bag_keys", 1),
  bag_merge: folded("bag_merge"),
  bag_remove_keys: ofDynamics("bag_remove_keys", 2),
  bag_zip: ofDynamics("bag_zip", 2),
  bag_has_key: hasKey,
  array_length: arrayLength,
  arraylength: arrayLength,
  array_concat: (values, call) => folded("array_concat")([dynamic(sql`'[]'`, false), ...values], call),
  array_reverse: ofDynamics("array_reverse", 1),
  array_sort_asc: sorted("array_sort_asc"),
  array_sort_desc: sorted("array_sort_desc"),
  array_slice: (values) => native("dynamic", "array_slice", json(values, 0), long(values, 1), long(values, 2)),
  array_rotate_left: (values) => native("dynamic", "array_rotate_left", json(values, 0), long(values, 1)),
  array_rotate_right: (values) => native("dynamic", "array_rotate_right", json(values, 0), long(values, 1)),
  array_shift_left: shifted(1),
  array_shift_right: shifted(-1),
  array_index_of: indexOf,
  array_split: (values) => native("dynamic", "array_split", json(values, 0), json(values, 1)),
  array_iff: ofDynamics("array_iff", 3),
  array_iif: ofDynamics("array_iff", 3),
  array_sum: ofDynamics("array_sum", 1, "real"),
  set_union: folded("set_union"),
  set_intersect: folded("set_intersect"),
  set_difference: folded("set_difference"),
  set_has_element: ofDynamics("set_has_element", 2, "bool"),
  jaccard_index: ofDynamics("jaccard_index", 2, "real"),
  zip: (values) => native("dynamic", "zip", arrayOf(values).sql),
  repeat: (values) =>
    dynamic(
      sql`'[' || array_to_string(list_transform(range(greatest(0, ${long(values, 1)})), lambda i: ${nested(argument(values, 0))}), ',') || ']'`,
    ),
  range,
  treepath: ofDynamics("treepath", 1),
  dynamic_to_json: ofDynamics("dynamic_to_json", 1, "string"),
  extract_json: extractJson,
  extractjson: extractJson,
};
