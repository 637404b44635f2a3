import { argument, type ScalarFunction } from "../context.ts";
import { orEmpty, type Scalar, scalar, stringConstant } from "../scalar.ts";
import { join, type Sql, sql } from "../sql.ts";
import { convert } from "./convert.ts";

/** The argument as text, whatever its type. */
export function text(values: readonly Scalar[], index: number): Sql {
  const value = argument(values, index);
  return (convert(value, "string") ?? value).sql;
}

function whole(values: readonly Scalar[], index: number): Sql {
  const value = argument(values, index);
  return (convert(value, "long") ?? value).sql;
}

function string(value: Sql): Scalar {
  return scalar("string", value);
}

const strcat: ScalarFunction = (values) => {
  if (values.every(({ constant }) => typeof constant === "string")) {
    return stringConstant(values.map(({ constant }) => String(constant)).join(""));
  }
  return string(
    sql`(${join(
      values.map((_, index) => text(values, index)),
      " || ",
    )})`,
  );
};

/** Counts from the end if the start is negative; nothing is left of a negative length. */
const substring: ScalarFunction = (values) => {
  const start = whole(values, 1);
  const from = sql`CASE WHEN ${start} < 0 THEN greatest(0, length(${text(values, 0)}) + ${start}) ELSE ${start} END`;
  const length = values.length > 2 ? sql`, greatest(0, ${whole(values, 2)})` : "";
  return orEmpty(sql`substring(${text(values, 0)}, ${from} + 1${length})`);
};

/** The regex comes first, in KQL; the whole match is group 0. */
const extract: ScalarFunction = (values, call) => {
  const found = orEmpty(sql`regexp_extract(${text(values, 2)}, ${text(values, 0)}, ${whole(values, 1)}::INTEGER)`);
  return call.type === "string" ? found : (convert(found, call.type) ?? call.fail("extract() has no such type"));
};

export const strings: Readonly<Record<string, ScalarFunction>> = {
  strcat,
  strlen: (values) => scalar("long", sql`length(${text(values, 0)})`, false),
  tolower: (values) => string(sql`lower(${text(values, 0)})`),
  toupper: (values) => string(sql`upper(${text(values, 0)})`),
  substring,
  extract,
  replace_string: (values) => string(sql`replace(${text(values, 0)}, ${text(values, 1)}, ${text(values, 2)})`),
  string_size: (values) => scalar("long", sql`strlen(${text(values, 0)})`, false),
  strcmp: (values) =>
    scalar(
      "int",
      sql`CASE WHEN ${text(values, 0)} = ${text(values, 1)} THEN 0 WHEN ${text(values, 0)} < ${text(values, 1)} THEN -1 ELSE 1 END`,
      false,
    ),
  reverse: (values) => string(sql`reverse(${text(values, 0)})`),
  isascii: (values) => scalar("bool", sql`(strlen(${text(values, 0)}) = length(${text(values, 0)}))`, false),
};
