import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, execute, toJson } from "../../local/kql/engine.ts";
import type { KqlColumn } from "../../local/kql/schema.ts";
import { preparedConnection } from "./prepared-connection.ts";

/** A query without tables, what it must answer or how it must be refused, and the page that says so. */
interface Case {
  readonly kql: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly error?: string;
  readonly doc: string;
}

const folder = join(import.meta.dirname, "cases");
const schema = { tables: [], functions: [] };
const now = new Date("2026-03-04T05:06:07.000Z");

const connection = preparedConnection();

describe.each(readdirSync(folder).map((file) => file.replace(".jsonl", "")))("%s", (family) => {
  const cases = readFileSync(join(folder, `${family}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);

  const refused = cases.filter(({ error }) => error !== undefined);
  test.each(refused)("$kql is refused", ({ kql, error = "" }) => {
    expect(() => compile(kql, schema, { now })).toThrow(error);
  });

  const answered = cases.filter(({ error }) => error === undefined);
  test.each(answered)("$kql", async ({ kql, columns, rows }) => {
    const compiled = compile(kql, schema, { now });
    const answer = await execute(connection(), compiled);
    expect(answer.columns.map(({ name, type }) => `${name}:${type}`)).toEqual(columns);
    const got = answer.rows.map((row) =>
      row.map((value, index) => toJson((answer.columns[index] as KqlColumn).type, value)),
    );
    expect(compiled.sorted ? got : inAnyOrder(got)).toEqual(compiled.sorted ? rows : inAnyOrder(rows ?? []));
  });
});

function inAnyOrder(rows: readonly (readonly unknown[])[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
