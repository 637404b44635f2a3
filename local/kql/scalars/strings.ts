import { argument, type Call, constantInteger, constantText, type ScalarFunction } from "../context.ts";
import { dynamic, orEmpty, type Scalar, scalar, stringConstant } from "../scalar.ts";
import { join, quote, type Sql, sql } from "../sql.ts";
import { json, long, native, text } from "./arguments.ts";
import { convert } from "./convert.ts";
import { groupsIn, patternSql, unicodePattern } from "./regex.ts";

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

const strcatDelimited: ScalarFunction = (values) =>
  string(
    sql`(${join(
      values.slice(1).map((_, index) => text(values, index + 1)),
      ` || ${text(values, 0).text} || `,
    )})`,
  );

/** Counts from the end if the start is negative; nothing is left of a negative length. */
const substring: ScalarFunction = (values) => {
  const start = long(values, 1);
  const from = sql`CASE WHEN ${start} < 0 THEN greatest(0, length(${text(values, 0)}) + ${start}) ELSE ${start} END`;
  const length = values.length > 2 ? sql`, greatest(0, ${long(values, 2)})` : "";
  return orEmpty(sql`substring(${text(values, 0)}, ${from} + 1${length})`);
};

const split: ScalarFunction = (values) => {
  const [source, delimiter] = [text(values, 0), text(values, 1)];
  const parts = sql`CASE WHEN ${delimiter} = '' OR ${source} = '' THEN [${source}] ELSE string_split(${source}, ${delimiter}) END`;
  if (values[2] === undefined) return dynamic(sql`to_json(${parts})::VARCHAR`, false);
  // One element, still in an array; null where there is none
  const index = long(values, 2);
  const part = sql`list_extract(${parts}, CASE WHEN ${index} < 0 THEN ${index} ELSE ${index} + 1 END)`;
  return dynamic(sql`'[' || to_json(${part})::VARCHAR || ']'`);
};

/** Text without what a pattern matches at its start, its end, or both. */
function trim(start: boolean, end: boolean): ScalarFunction {
  return (values) => {
    const pattern = patternSql(argument(values, 0));
    const without = (value: Sql, regex: Sql) => sql`regexp_replace(${value}, ${regex}, '')`;
    let value = text(values, 1);
    if (start) value = without(value, sql`'^(?:' || ${pattern} || ')'`);
    if (end) value = without(value, sql`'(?:' || ${pattern} || ')$'`);
    return string(value);
  };
}

const comparison: ScalarFunction = (values) => {
  const [a, b] = [text(values, 0), text(values, 1)];
  return scalar("long", sql`CASE WHEN ${a} = ${b} THEN 0 WHEN ${a} < ${b} THEN -1 ELSE 1 END`, false);
};

const indexOf: ScalarFunction = (values) =>
  native(
    "long",
    "indexof",
    text(values, 0),
    text(values, 1),
    long(values, 2, 0),
    long(values, 3, -1),
    long(values, 4, 1),
  );

const repeated: ScalarFunction = (values) => {
  const times = sql`greatest(0, ${long(values, 1)})`;
  if (values[2] === undefined) return orEmpty(sql`repeat(${text(values, 0)}, ${times})`);
  return orEmpty(
    sql`array_to_string(list_transform(range(${times}), lambda i: ${text(values, 0)}), ${text(values, 2)})`,
  );
};

/** Digests by the names that Node gives them. */
function digest(algorithm: string): ScalarFunction {
  return (values) => native("string", "hash", sql`${quote(algorithm)}`, text(values, 0));
}

/** A function of one text that yields text or a dynamic value. */
function ofText(name: string, type: "string" | "dynamic" = "string"): ScalarFunction {
  return (values) => native(type, name, text(values, 0));
}

export const strings: Readonly<Record<string, ScalarFunction>> = {
  strcat,
  strcat_delim: strcatDelimited,
  strlen: (values) => scalar("long", sql`length(${text(values, 0)})`, false),
  string_size: (values) => scalar("long", sql`strlen(${text(values, 0)})`, false),
  tolower: (values) => string(sql`lower(${text(values, 0)})`),
  toupper: (values) => string(sql`upper(${text(values, 0)})`),
  reverse: (values) => string(sql`reverse(${text(values, 0)})`),
  substring,
  split,
  trim: trim(true, true),
  trim_start: trim(true, false),
  trim_end: trim(false, true),
  replace_string: (values) => {
    const [source, wanted, other] = [text(values, 0), text(values, 1), text(values, 2)];
    return string(sql`CASE WHEN ${wanted} = '' THEN ${source} ELSE replace(${source}, ${wanted}, ${other}) END`);
  },
  strcmp: comparison,
  indexof: indexOf,
  strrep: repeated,
  isascii: (values) => scalar("bool", sql`(strlen(${text(values, 0)}) = length(${text(values, 0)}))`, false),
  translate: (values) => native("string", "translate", text(values, 0), text(values, 1), text(values, 2)),
  hash_md5: digest("md5"),
  hash_sha1: digest("sha1"),
  hash_sha256: digest("sha256"),
  base64_encode_tostring: ofText("base64_encode"),
  base64_encodestring: ofText("base64_encode"),
  base64_decode_tostring: ofText("base64_decode"),
  base64_decodestring: ofText("base64_decode"),
  url_encode: ofText("url_encode"),
  url_encode_component: ofText("url_encode"),
  url_decode: ofText("url_decode"),
  parse_url: ofText("parse_url", "dynamic"),
  parseurl: ofText("parse_url", "dynamic"),
  parse_urlquery: ofText("parse_urlquery", "dynamic"),
  parse_path: ofText("parse_path", "dynamic"),
  parse_version: (values) => scalar("decimal", sql`kql_version_order(${text(values, 0)})::DECIMAL(38, 0)`),
  strcat_array: (values) => native("string", "strcat_array", json(values, 0), text(values, 1)),
  tohex: (values) => {
    const digits = sql`lower(printf('%x', ${long(values, 0)}))`;
    return orEmpty(
      values[1] === undefined
        ? digits
        : sql`lpad(${digits}, greatest(length(${digits}), ${long(values, 1)})::INTEGER, '0')`,
    );
  },
};

// Regular expressions: both engines use RE2

/** The regex comes first, in KQL; the whole match is group 0. */
const extract: ScalarFunction = (values, call) => {
  const group = constantInteger(values, 1, call);
  const found = orEmpty(sql`regexp_extract(${text(values, 2)}, ${patternSql(argument(values, 0))}, ${group})`);
  return convert(found, call.type) ?? call.fail(`extract() cannot yield ${call.type}`);
};

/** With one group an array of texts, with several an array of arrays; without a match null. */
const extractAll: ScalarFunction = (values, call) => {
  const pattern = constantText(values, 0, call);
  const count = groupsIn(pattern);
  if (count === 0) call.fail("extract_all() needs a pattern with a group in parentheses");
  const source = text(values, values.length - 1);
  const groups =
    values.length > 2
      ? chosenGroups(argument(values, 1), call)
      : Array.from({ length: count }, (_, index) => index + 1);
  if (groups.some((group) => group > count)) call.fail("extract_all() asks for a group that the pattern does not have");
  const found = groups.map((group) => sql`regexp_extract_all(${source}, ${quote(unicodePattern(pattern))}, ${group})`);
  const [first] = found;
  if (first === undefined) return call.fail("extract_all() needs a group");
  const all =
    found.length === 1
      ? sql`list_transform(${first}, lambda x: coalesce(x, ''))`
      : sql`list_transform(range(1, len(${first}) + 1), lambda i: [${join(
          found.map((list) => sql`coalesce(${list}[i], '')`),
          ", ",
        )}])`;
  return dynamic(sql`CASE WHEN len(${first}) > 0 THEN to_json(${all})::VARCHAR END`);
};

function chosenGroups(value: Scalar, call: Call): number[] {
  const groups: unknown = typeof value.constant === "string" ? JSON.parse(value.constant) : undefined;
  if (!Array.isArray(groups) || !groups.every((group) => Number.isInteger(group))) {
    return call.fail("extract_all() needs its groups as a constant array of numbers");
  }
  return groups as number[];
}

const countOf: ScalarFunction = (values, call) => {
  const kind = values[2] === undefined ? "normal" : constantText(values, 2, call);
  if (kind === "normal") return native("long", "countof", text(values, 0), text(values, 1));
  return scalar("long", sql`len(regexp_extract_all(${text(values, 0)}, ${patternSql(argument(values, 1))}))`, false);
};

const replaceRegex: ScalarFunction = (values) =>
  string(sql`regexp_replace(${text(values, 0)}, ${patternSql(argument(values, 1))}, ${text(values, 2)}, 'g')`);

export const patterns: Readonly<Record<string, ScalarFunction>> = {
  extract,
  extract_all: extractAll,
  extractall: extractAll,
  countof: countOf,
  replace_regex: replaceRegex,
  // The older name takes the text last
  replace: (values, call) => replaceRegex([argument(values, 2), argument(values, 0), argument(values, 1)], call),
  regex_quote: (values) => string(sql`regexp_escape(${text(values, 0)})`),
};
