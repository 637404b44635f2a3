import { isDeepStrictEqual } from "node:util";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { compile, execute, prepareConnection } from "../../local/kql/engine.ts";
import type { KqlSchema } from "../../local/kql/schema.ts";
import { type Question, questions } from "./kql-questions.ts";
import { createRows } from "./kql-rows.ts";

/** Milliseconds: the median, and between which bounds the rounds lay. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One question, asked in KQL and by hand in SQL. */
export interface Comparison {
  readonly title: string;
  /** Running the translated query. */
  readonly kql: Spread;
  readonly sql: Spread;
  /** Binding and translating a query that the engine has not seen yet, over functions and tables that it has. */
  readonly translation: Spread;
  /** By how much the translated query takes longer. */
  readonly ratio: number;
}

/** Asks every question in both languages, in turn, over so many rows. Throws if the answers differ. */
export async function compareWithSql(rows: number, rounds: number): Promise<readonly Comparison[]> {
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  try {
    await prepareConnection(connection);
    const schema = await createRows(connection, rows);
    const comparisons: Comparison[] = [];
    for (const question of questions) comparisons.push(await compare(connection, schema, question, rounds));
    return comparisons;
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

async function compare(
  connection: DuckDBConnection,
  schema: KqlSchema,
  { title, kql, sql }: Question,
  rounds: number,
): Promise<Comparison> {
  const times = { kql: [] as number[], sql: [] as number[], translation: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const begun = performance.now();
    // A comment makes it another text: the engine remembers what it has bound
    const compiled = compile(`${kql} // ${round}`, schema);
    const translated = performance.now();
    const { rows: answered } = await execute(connection, compiled);
    const answeredAt = performance.now();
    const byHand = (await connection.runAndReadAll(sql)).getRows();
    const end = performance.now();
    // The first round warms up both, and is the one whose answers are compared
    if (round === 0) compareAnswers(title, answered, byHand);
    else {
      times.translation.push(translated - begun);
      times.kql.push(answeredAt - translated);
      times.sql.push(end - answeredAt);
    }
  }
  const [ours, theirs] = [spreadOf(times.kql), spreadOf(times.sql)];
  return {
    title,
    kql: ours,
    sql: theirs,
    translation: spreadOf(times.translation),
    ratio: ours.median / theirs.median,
  };
}

function compareAnswers(
  title: string,
  answered: readonly (readonly unknown[])[],
  byHand: readonly (readonly unknown[])[],
): void {
  const sorted = (rows: readonly (readonly unknown[])[]) =>
    rows.map((row) => row.map(cellText).sort().join("\t")).sort();
  if (answered.length === 0 || !isDeepStrictEqual(sorted(answered), sorted(byHand))) {
    throw new Error(`"${title}" has another answer in KQL than by hand: ${answered.length} and ${byHand.length} rows.`);
  }
}

/** Both languages may give columns in another order, and a number another width. */
function cellText(value: unknown): string {
  return typeof value === "number" ? value.toPrecision(12) : String(value);
}

function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), least: Math.min(...values), most: Math.max(...values) };
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
