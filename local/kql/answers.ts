import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { answer, KqlError, prepareConnection, toJson } from "./engine.ts";
import { realText } from "./native/numbers.ts";
import { datetimeText } from "./native/times.ts";
import type { KqlColumn, KqlSchema, KqlType } from "./schema.ts";

/** A self-contained query and what a real engine answered: `columns` as `name:Type`, each row as `(value, value)`. */
export interface RecordedAnswer {
  readonly kql: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
}

export interface Comparison {
  readonly total: number;
  readonly equal: number;
  readonly refused: number;
  readonly different: number;
  readonly differences: readonly { readonly kql: string; readonly expected: string; readonly got: string }[];
  /** How many queries were refused for each reason. */
  readonly refusals: Readonly<Record<string, number>>;
}

const noTables: KqlSchema = { tables: [], functions: [] };

/** Runs each query and compares columns and rows; the order of rows counts only where the query sorts them. */
export async function checkAnswers(answers: readonly RecordedAnswer[]): Promise<Comparison> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await prepareConnection(connection);
  const differences: Comparison["differences"][number][] = [];
  const refusals: Record<string, number> = {};
  let equal = 0;
  let refused = 0;
  for (const recorded of answers) {
    const expected = written(recorded.columns, recorded.rows);
    const got = await answerOf(recorded.kql, connection);
    if ("refusal" in got) {
      refused += 1;
      refusals[got.refusal] = (refusals[got.refusal] ?? 0) + 1;
    } else if (sameAnswer(recorded, got)) {
      equal += 1;
    } else {
      differences.push({ kql: recorded.kql, expected, got: written(got.columns, got.rows) });
    }
  }
  connection.closeSync();
  instance.closeSync();
  return { total: answers.length, equal, refused, different: differences.length, differences, refusals };
}

interface WrittenAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly sorted: boolean;
}

async function answerOf(
  kql: string,
  connection: DuckDBConnection,
): Promise<WrittenAnswer | { readonly refusal: string }> {
  try {
    const { columns, rows, sorted } = await answer(connection, kql, noTables);
    return {
      columns: columns.map(({ name, type }) => `${name}:${foldedTypes[type]}`),
      rows: rows.map(
        (row) => `(${row.map((value, index) => cell((columns[index] as KqlColumn).type, value)).join(", ")})`,
      ),
      sorted,
    };
  } catch (error) {
    if (error instanceof KqlError) return { refusal: error.reason };
    return { columns: [], rows: [`error: ${(error as Error).message}`], sorted: false };
  }
}

/** The recordings do not tell the two integers apart, nor the two fractions. */
const foldedTypes: Readonly<Record<KqlType, string>> = {
  bool: "Bool",
  int: "Int",
  long: "Int",
  real: "Real",
  decimal: "Real",
  string: "String",
  datetime: "DateTime",
  timespan: "TimeSpan",
  dynamic: "Dynamic",
  guid: "Guid",
};

function cell(type: KqlType, value: DuckDBValue): string {
  if (value === null) return "null";
  switch (type) {
    case "string":
    case "guid":
      return `'${String(value)}'`;
    case "bool":
      return value === true ? "True" : "False";
    case "real":
    case "decimal":
      return realText(Number(value)).replace(/\.0$/, "");
    case "datetime":
      return datetimeText(BigInt(String(value)));
    case "timespan":
      return String(toJson(type, value));
    case "dynamic":
      return indented(String(value));
    case "int":
    case "long":
      return String(value);
  }
}

/** JSON text with each element on a line of its own, numbers as they are written. */
function indented(json: string): string {
  let depth = 0;
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  return tokens
    .map((token, index) => {
      const [before, after] = [tokens[index - 1], tokens[index + 1]];
      if (token === "{" || token === "[") {
        if (after === "}" || after === "]") return token;
        depth += 1;
        return `${token}\n${"  ".repeat(depth)}`;
      }
      if (token === "}" || token === "]") {
        if (before === "{" || before === "[") return token;
        depth -= 1;
        return `\n${"  ".repeat(depth)}${token}`;
      }
      if (token === ",") return `,\n${"  ".repeat(depth)}`;
      return token === ":" ? ": " : token;
    })
    .join("");
}

function sameAnswer(expected: RecordedAnswer, got: WrittenAnswer): boolean {
  const [a, b] = [expected.rows.map(rounded), got.rows.map(rounded)];
  if (!got.sorted) {
    a.sort();
    b.sort();
  }
  return JSON.stringify([expected.columns, a]) === JSON.stringify([got.columns, b]);
}

/** Fractions to thirteen digits: the last ones depend on the order of additions. */
function rounded(row: string): string {
  return row.replace(/-?\d+\.\d{10,}(E[+-]\d+)?/g, (number) => String(Number(Number(number).toPrecision(13))));
}

function written(columns: readonly string[], rows: readonly string[]): string {
  return `${columns.join(", ")} | ${rows.join(" ")}`;
}
