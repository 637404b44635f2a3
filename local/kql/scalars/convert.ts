import { ask } from "../part.ts";
import { dynamic, longConstant, missing, orEmpty, partOf, type Scalar, scalar, stringConstant } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { quote, type Sql, sql } from "../sql.ts";
import { isNumber } from "../types.ts";

/** The value as KQL's conversion functions yield it: `tostring`, `tolong`, … Undefined if there is no such conversion. */
export function convert(value: Scalar, type: KqlType): Scalar | undefined {
  if (value.type === type) return value;
  if (value.constant === null && type !== "string") return missing(type);
  switch (type) {
    case "string":
      return toText(value);
    case "dynamic":
      return value.type === "string" ? parseJson(value) : dynamic(jsonText(value), value.nullable);
    case "long":
    case "int":
      return toInteger(value, type);
    case "real":
      return toReal(value);
    case "bool":
      return toBool(value);
    case "datetime":
    case "timespan":
      return toTicks(value, type);
    case "guid":
      return toGuid(value);
    case "decimal":
      return toDecimal(value);
  }
}

function toText(value: Scalar): Scalar {
  switch (value.type) {
    case "dynamic":
      return value.part === undefined || value.part.path === "$"
        ? orEmpty(sql`json_extract_string(${value.sql}, '$')`)
        : orEmpty(ask("json_extract_string", value.part));
    case "bool":
      return scalar("string", sql`CASE WHEN ${value.sql} THEN 'True' WHEN NOT ${value.sql} THEN 'False' ELSE '' END`);
    case "real":
      return orEmpty(sql`kql_real_text(${value.sql})`);
    case "datetime":
      return orEmpty(sql`kql_datetime_text(${value.sql})`);
    case "timespan":
      return orEmpty(sql`kql_timespan_text(${value.sql})`);
    case "guid":
      return orEmpty(value.sql);
    case "decimal":
      return orEmpty(sql`regexp_replace(${value.sql}::VARCHAR, '\\.?0+$', '')`);
    case "string":
    case "int":
    case "long":
      return typeof value.constant === "bigint"
        ? stringConstant(String(value.constant))
        : orEmpty(sql`${value.sql}::VARCHAR`);
  }
}

/** Text as a dynamic value: what is not JSON becomes a JSON string, an empty text null. */
export function parseJson(value: Scalar): Scalar {
  const text = value.sql;
  return {
    ...dynamic(
      sql`CASE WHEN ${text} = '' THEN NULL WHEN json_valid(${text}) THEN nullif(json(${text})::VARCHAR, 'null') ELSE to_json(${text})::VARCHAR END`,
    ),
    part: { document: text, path: "$", raw: true },
  };
}

/** The value as JSON text, as it stands in a dynamic value. Null for null. */
export function jsonText(value: Scalar): Sql {
  switch (value.type) {
    case "dynamic":
      return value.sql;
    case "string":
      return typeof value.constant === "string"
        ? sql`${quote(JSON.stringify(value.constant))}`
        : sql`to_json(${value.sql})::VARCHAR`;
    case "real":
      return sql`CASE WHEN isfinite(${value.sql}) THEN to_json(${value.sql})::VARCHAR ELSE '"' || kql_real_text(${value.sql}) || '"' END`;
    case "datetime":
      return sql`'"' || kql_datetime_text(${value.sql}) || '"'`;
    case "timespan":
      return sql`'"' || kql_timespan_text(${value.sql}) || '"'`;
    case "guid":
      return sql`'"' || ${value.sql} || '"'`;
    case "decimal":
      return sql`'"' || ${toText(value).sql} || '"'`;
    case "bool":
    case "int":
    case "long":
      return sql`${value.sql}::VARCHAR`;
  }
}

function toInteger(value: Scalar, type: "long" | "int"): Scalar | undefined {
  const width = type === "long" ? "BIGINT" : "INTEGER";
  switch (value.type) {
    case "string":
      return scalar(type, sql`kql_text_to_${type}(${value.sql})`);
    case "dynamic":
      return scalar(type, jsonToInteger(value, type));
    case "bool":
      return scalar(type, sql`${value.sql}::${width}`, value.nullable);
    case "int":
      return typeof value.constant === "bigint"
        ? longConstant(value.constant)
        : scalar("long", sql`${value.sql}::BIGINT`, value.nullable);
    case "long":
      return typeof value.constant === "bigint"
        ? longConstant(BigInt.asIntN(32, value.constant), "int")
        : scalar("int", wrapTo32Bits(value.sql), value.nullable);
    case "datetime":
    case "timespan":
      return type === "long"
        ? scalar("long", value.sql, value.nullable)
        : scalar("int", wrapTo32Bits(value.sql), value.nullable);
    case "real":
      return scalar(type, saturate(value.sql, type));
    case "decimal":
      return scalar(type, sql`TRY_CAST(trunc(${value.sql}) AS ${width})`);
    case "guid":
      return undefined;
  }
}

/** What a JSON value is, and its text: where it is a part of a document, the part need not be written out first. */
function jsonParts({ sql: text, part }: Scalar): { kind: Sql; content: Sql } {
  if (part === undefined || part.path === "$") {
    return { kind: sql`json_type(${text}, '$')`, content: sql`json_extract_string(${text}, '$')` };
  }
  return { kind: ask("json_type", part), content: ask("json_extract_string", part) };
}

/**
 * The usual kinds of JSON value are converted by DuckDB itself, which is faster, and the others by the exact rules. These
 * are asked on their own, and only where something is there: together with the rest they would cost time for every row.
 */
function ofKind(value: Scalar, usual: (kind: Sql, content: Sql) => Sql, exact: string): Sql {
  const { kind, content } = jsonParts(value);
  const { text, uses } = value.sql;
  return sql`CASE ${usual(kind, content)} WHEN coalesce(${kind}, 'NULL') = 'NULL' THEN NULL ELSE ${exact}(${{ text, uses }}) END`;
}

function jsonToInteger(value: Scalar, type: "long" | "int"): Sql {
  return ofKind(
    value,
    (kind, content) => {
      const number = sql`TRY_CAST(${content} AS BIGINT)`;
      return sql`WHEN ${kind} IN ('UBIGINT', 'BIGINT') THEN ${type === "long" ? number : wrapTo32Bits(number)}`;
    },
    `kql_json_to_${type}`,
  );
}

function jsonToReal(value: Scalar): Sql {
  return ofKind(
    value,
    (kind, content) => sql`WHEN ${kind} IN ('DOUBLE', 'UBIGINT', 'BIGINT') THEN ${content}::DOUBLE`,
    "kql_json_to_real",
  );
}

function jsonToBool(value: Scalar): Sql {
  return ofKind(value, (kind, content) => sql`WHEN ${kind} = 'BOOLEAN' THEN ${content} = 'true'`, "kql_json_to_bool");
}

function jsonToDatetime(value: Scalar): Sql {
  return ofKind(
    value,
    (kind, content) => sql`WHEN ${kind} = 'VARCHAR' AND kql_is_plain_time(${content}) THEN kql_plain_time(${content})`,
    "kql_json_to_datetime",
  );
}

function wrapTo32Bits(value: Sql): Sql {
  return sql`(xor(${value} & 4294967295, 2147483648) - 2147483648)::INTEGER`;
}

/** A real without its fraction, held at the ends of the integer's range; null if it is no number. */
function saturate(value: Sql, type: "long" | "int"): Sql {
  const [low, high, width] =
    type === "long"
      ? ["-9223372036854775808", "9223372036854775807", "BIGINT"]
      : ["-2147483648", "2147483647", "INTEGER"];
  return sql`CASE WHEN NOT isfinite(${value}) THEN NULL WHEN ${value} >= ${high}::DOUBLE THEN ${high}::${width} WHEN ${value} <= ${low}::DOUBLE THEN ('${low}')::${width} ELSE trunc(${value})::${width} END`;
}

function toReal(value: Scalar): Scalar | undefined {
  if (value.type === "string") return scalar("real", sql`kql_text_to_real(${value.sql})`);
  if (value.type === "dynamic") return scalar("real", jsonToReal(value));
  if (value.type === "guid") return undefined;
  return scalar("real", sql`${value.sql}::DOUBLE`, value.nullable);
}

function toBool(value: Scalar): Scalar | undefined {
  if (value.type === "string") return scalar("bool", sql`kql_text_to_bool(${value.sql})`);
  if (value.type === "dynamic") return scalar("bool", jsonToBool(value));
  if (isNumber(value.type)) return scalar("bool", sql`(${value.sql} <> 0)`, value.nullable);
  return undefined;
}

function toTicks(value: Scalar, type: "datetime" | "timespan"): Scalar | undefined {
  if (value.type === "string") {
    const exact = sql`kql_text_to_${type}(${value.sql})`;
    if (type === "timespan" || value.constant !== undefined) return scalar(type, exact);
    return scalar(
      type,
      sql`CASE WHEN kql_is_plain_time(${value.sql}) THEN kql_plain_time(${value.sql}) ELSE ${exact} END`,
    );
  }
  if (value.type === "dynamic") {
    return scalar(type, type === "datetime" ? jsonToDatetime(value) : sql`kql_json_to_timespan(${value.sql})`);
  }
  if (value.type === "int" || value.type === "long") return scalar(type, sql`${value.sql}::BIGINT`, value.nullable);
  if (value.type === "real") return scalar(type, saturate(value.sql, "long"));
  return undefined;
}

function toGuid(value: Scalar): Scalar | undefined {
  if (value.type === "string") return scalar("guid", sql`kql_text_to_guid(${value.sql})`);
  if (value.type === "dynamic") return scalar("guid", sql`kql_text_to_guid(json_extract_string(${value.sql}, '$'))`);
  return undefined;
}

function toDecimal(value: Scalar): Scalar | undefined {
  if (value.type === "string") return scalar("decimal", sql`TRY_CAST(trim(${value.sql}) AS DECIMAL(38, 17))`);
  if (value.type === "dynamic") {
    return scalar("decimal", sql`TRY_CAST(json_extract_string(${value.sql}, '$') AS DECIMAL(38, 17))`);
  }
  return isNumber(value.type) ? scalar("decimal", sql`TRY_CAST(${value.sql} AS DECIMAL(38, 17))`) : undefined;
}

/** The part of a dynamic value behind a property's name or an index. */
export function partBy(value: Scalar, step: string): Scalar {
  const { part } = value;
  return partOf(
    part === undefined ? { document: value.sql, path: `$${step}` } : { ...part, path: `${part.path}${step}` },
  );
}
