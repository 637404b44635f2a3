import type { DuckDBConnection } from "@duckdb/node-api";
import { fromJsonSql } from "../../kql/engine.ts";
import type { KqlTable, KqlType } from "../../kql/schema.ts";
import { sqlType } from "../../kql/types.ts";
import type { DeployedRule } from "../cloud.ts";
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
    this.#create = `CREATE TEMP TABLE IF NOT EXISTS ${name} (${[...fields, "undeclared VARCHAR[]", "mistyped INTEGER", "cut INTEGER"].join(", ")})`;
    this.#fill = fillSql(name, columns);
  }

  /** Replaces what the temporary table holds by the rows of a JSON array of objects. */
  async fill(connection: DuckDBConnection, json: string): Promise<IntakeReport> {
    await connection.run(this.#create);
    await connection.run(`DELETE FROM ${this.source.relation}`);
    await connection.run(this.#fill, [json]);
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
  // DuckDB lists count from 1.
  const given = columns.map((_, index) => `v[${index + 1}]`);
  const typed = columns.map(({ type, sql }, index) => `${fromJsonSql(type, given[index] ?? "")} AS ${sql}`);
  const mistyped = columns.map(
    ({ sql }, index) => `(${sql} IS NULL AND coalesce(json_type(${given[index]}), 'NULL') <> 'NULL')::INTEGER`,
  );
  const cut = columns.map(({ type, sql }) => `${tooLongSql(type, sql)}::INTEGER`);
  return `INSERT INTO ${name}
    SELECT ${columns.map(({ type, sql }) => cutSql(type, sql)).join(", ")}, undeclared, ${mistyped.join(" + ")}, ${cut.join(" + ")}
    FROM (
      SELECT ${typed.join(", ")}, v, list_filter(json_keys(r), lambda name: name NOT IN (${names})) AS undeclared
      FROM (SELECT r, json_extract(r, [${paths}]) AS v FROM (SELECT unnest(from_json($1, '["JSON"]')) AS r))
    )`;
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
