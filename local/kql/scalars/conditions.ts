import { argument, type Call, constantText, type ScalarFunction } from "../context.ts";
import { asFilter, boolConstant, condition, missing, type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, join, quote, type Sql, sql } from "../sql.ts";
import { convert } from "./convert.ts";

/** The value in the type that the binder found for the whole, e.g. a long among reals. */
function inType(value: Scalar, type: KqlType, call: Call): Scalar {
  if (value.constant === null) return missing(type);
  return convert(value, type) ?? call.fail(`${call.name}() cannot take ${value.type} as ${type}`);
}

/** The null condition takes the else branch. */
function iff(values: readonly Scalar[], call: Call): Scalar {
  const [then, otherwise] = [
    inType(argument(values, 1), call.type, call),
    inType(argument(values, 2), call.type, call),
  ];
  const text = sql`CASE WHEN ${asFilter(argument(values, 0))} THEN ${then.sql} ELSE ${otherwise.sql} END`;
  return scalar(call.type, text, then.nullable || otherwise.nullable);
}

function caseOf(values: readonly Scalar[], call: Call): Scalar {
  const otherwise = inType(argument(values, values.length - 1), call.type, call);
  const branches: Sql[] = [];
  let nullable = otherwise.nullable;
  for (let index = 0; index + 1 < values.length; index += 2) {
    const then = inType(argument(values, index + 1), call.type, call);
    nullable ||= then.nullable;
    branches.push(sql`WHEN ${asFilter(argument(values, index))} THEN ${then.sql}`);
  }
  return scalar(call.type, sql`CASE ${join(branches, " ")} ELSE ${otherwise.sql} END`, nullable);
}

/** The first value that is there: an empty string counts as not there. */
function coalesce(values: readonly Scalar[], call: Call): Scalar {
  const typed = values.map((value) => inType(value, call.type, call));
  if (call.type === "string") {
    return scalar(
      "string",
      sql`coalesce(${join(
        typed.map((value) => sql`nullif(${value.sql}, '')`),
        ", ",
      )}, '')`,
    );
  }
  return scalar(
    call.type,
    sql`coalesce(${join(
      typed.map((value) => value.sql),
      ", ",
    )})`,
    typed.every((value) => value.nullable),
  );
}

/** What `isempty` calls empty: an empty string, a null of any other type. */
function empty(value: Scalar): Scalar {
  if (value.type === "string") return condition(sql`(${value.sql} = '')`, false);
  if (value.type === "dynamic") return condition(sql`(coalesce(${value.sql}, '""') = '""')`, false);
  return absent(value);
}

function absent(value: Scalar): Scalar {
  return value.nullable ? condition(sql`(${value.sql} IS NULL)`, false) : boolConstant(false);
}

function opposite(value: Scalar): Scalar {
  return condition(sql`(NOT ${value.sql})`, false);
}

/** The column of that name if the rows have one, else the default. */
const columnIfExists: ScalarFunction = (values, call) => {
  const name = constantText(values, 0, call);
  const column = call.scope.row?.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return scalar(column.type, columnSql(column.id), column.nullable);
  return argument(values, 1);
};

function extreme(name: "greatest" | "least"): ScalarFunction {
  return (values, call) => {
    const typed = values.map((value) => inType(value, call.type, call));
    return scalar(
      call.type,
      sql`${name}(${join(
        typed.map((value) => value.sql),
        ", ",
      )})`,
      typed.some((value) => value.nullable),
    );
  };
}

export const conditions: Readonly<Record<string, ScalarFunction>> = {
  iff,
  iif: iff,
  case: caseOf,
  coalesce,
  column_ifexists: columnIfExists,
  columnifexists: columnIfExists,
  not: ([value]) => scalar("bool", sql`(NOT ${(value as Scalar).sql})`, value?.nullable),
  isempty: (values) => empty(argument(values, 0)),
  isnotempty: (values) => opposite(empty(argument(values, 0))),
  notempty: (values) => opposite(empty(argument(values, 0))),
  isnull: (values) => absent(argument(values, 0)),
  isnotnull: (values) => opposite(absent(argument(values, 0))),
  notnull: (values) => opposite(absent(argument(values, 0))),
  max_of: extreme("greatest"),
  min_of: extreme("least"),
  gettype: (values) => typeName(argument(values, 0)),
};

function typeName(value: Scalar): Scalar {
  if (value.type !== "dynamic") return scalar("string", sql`${quote(value.type)}`);
  return scalar(
    "string",
    sql`CASE json_type(${value.sql}) WHEN 'OBJECT' THEN 'dictionary' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'bool' WHEN 'DOUBLE' THEN 'real' WHEN 'UBIGINT' THEN 'long' WHEN 'BIGINT' THEN 'long' ELSE 'null' END`,
  );
}
