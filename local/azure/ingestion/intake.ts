import type { DuckDBConnection } from "@duckdb/node-api";
import { fromJsonSql } from "../../kql/engine.ts";
import type { KqlTable, KqlType } from "../../kql/schema.ts";
import { sqlType } from "../../kql/types.ts";
import type { DeployedRule } from "../cloud.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { cutSql, tooLongSql } from "./value-limit.ts";

type Declaration = DeployedRule["streams"][string];

/** What became of the values of one request on their way into the declared stream. */
export interface IntakeReport {
  readonly rows: number;
  /** Properties that the stream does not declare, by name, with how many values were dropped. */
  readonly undeclared: ReadonlyMap<string, number>;
  /** Values that are not of the declared type and became null. */
  readonly mistyped: number;
  /** Values that were cut. */
  readonly cut: number;
}

/** Text of the error that the statement raises for an element that is no object. */
const notAnObject = "an element is not an object";

const declaredTypes: Readonly<Record<string, KqlType>> = {
  string: "string",
  int: "int",
  long: "long",
  real: "real",
  boolean: "bool",
  datetime: "datetime",
  dynamic: "dynamic",
};

/** One stream of a rule: takes the JSON of a request into a temporary table with the declared columns, which transforms call `source`. */
export class Intake {
  readonly source: KqlTable;
  readonly #create: string;
  readonly #fill: string;

  /** `name` is the temporary table's, unique among the streams of the store's writer. */
  constructor(name: string, declaration: Declaration) {
    const columns = declaration.map((column, index) => ({
      name: column.name,
      type: kqlType(column.type),
      sql: `c${index}`,
    }));
    this.source = { name: "source", relation: name, columns };
    const fields = columns.map(({ sql, type }) => `${sql} ${sqlType(type)}`);
    this.#create = `CREATE OR REPLACE TEMP TABLE ${name} (${[...fields, "undeclared VARCHAR[]", "mistyped INTEGER", "cut INTEGER"].join(", ")})`;
    this.#fill = fillSql(name, columns);
  }

  /**
   * Replaces what the temporary table holds by the rows of a JSON array of objects. Throws `AzureError` 400 if the text is
   * none (Azure Monitor docs, "Logs Ingestion API: Body").
   */
  async fill(connection: DuckDBConnection, json: string): Promise<IntakeReport> {
    if (!json.trimStart().startsWith("[")) throw invalidBody("it is not an array");
    await connection.run(this.#create);
    try {
      await connection.run(this.#fill, [json]);
    } catch (error) {
      const { message } = error as Error;
      if (message.includes(notAnObject)) throw invalidBody("not every element is an object");
      if (message.includes("Malformed JSON")) throw invalidBody("it is not valid JSON");
      throw error;
    }
    return report(connection, this.source.relation);
  }
}

function kqlType(declared: string): KqlType {
  const type = declaredTypes[declared];
  if (!type)
    throw new Error(
      `A stream column cannot have type ${declared}; allowed are ${Object.keys(declaredTypes).join(", ")}.`,
    );
  return type;
}

function fillSql(name: string, columns: KqlTable["columns"]): string {
  const paths = columns.map((column) => `'$."${column.name}"'`).join(", ");
  const names = columns.map((column) => `'${column.name}'`).join(", ");
  // DuckDB's lists count from 1.
  const typed = columns.map(({ type, sql }, index) => `${fromJsonSql(type, `v[${index + 1}]`)} AS ${sql}`);
  const mistyped = columns.map(({ type, sql }, index) => mistypedSql(type, sql, `v[${index + 1}]`));
  const cut = columns.map(({ type, sql }) => tooLongSql(type, sql));
  return `INSERT INTO ${name}
    SELECT ${columns.map(({ type, sql }) => cutSql(type, sql)).join(", ")}, undeclared, ${sumSql(mistyped)}, ${sumSql(cut)}
    FROM (
      SELECT ${typed.join(", ")}, v, list_filter(json_keys(r), lambda name: name NOT IN (${names})) AS undeclared
      FROM (
        SELECT CASE WHEN starts_with(r, '{') THEN r ELSE error('${notAnObject}') END AS r, json_extract(r, [${paths}]) AS v
        FROM (SELECT unnest(from_json($1, '["JSON"]')) AS r)
      )
    )`;
}

/** SQL that is true where a value was given and is not of the type. Everything is a string, and everything is dynamic. */
function mistypedSql(type: KqlType, column: string, given: string): string {
  if (type === "string" || type === "dynamic") return "false";
  return `(${column} IS NULL AND coalesce(${given}::VARCHAR, 'null') <> 'null')`;
}

function sumSql(conditions: readonly string[]): string {
  const varying = conditions.filter((condition) => condition !== "false").map((condition) => `${condition}::INTEGER`);
  return varying.length === 0 ? "0" : varying.join(" + ");
}

function invalidBody(problem: string): AzureError {
  return new AzureError(400, "InvalidContent", `The body must be a JSON array of objects: ${problem}.`);
}

async function report(connection: DuckDBConnection, name: string): Promise<IntakeReport> {
  const totals = await connection.runAndReadAll(
    `SELECT count(*)::INTEGER, coalesce(sum(mistyped), 0)::INTEGER, coalesce(sum(cut), 0)::INTEGER FROM ${name}`,
  );
  const [[rows, mistyped, cut] = [0, 0, 0]] = totals.getRows() as [number, number, number][];
  const dropped = await connection.runAndReadAll(
    `SELECT property, count(*)::INTEGER FROM (SELECT unnest(undeclared) AS property FROM ${name}) GROUP BY property ORDER BY property`,
  );
  return { rows, mistyped, cut, undeclared: new Map(dropped.getRows() as [string, number][]) };
}
