import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { streamColumnType } from "../../components/column-types.ts";
import { latestFunction, readCatalog, type Stream } from "../../kql/catalog.ts";
import { Intake } from "../../local/azure/ingestion/intake.ts";
import { compile, execute, fromJsonSql, prepareConnection, storedType, toJson } from "../../local/kql/engine.ts";
import type { KqlSchema } from "../../local/kql/schema.ts";
import { arrival, expectedRows, uploadedRows } from "../kql-content/samples.ts";
import { tableSchema } from "../kql-content/source-schema.ts";

let database: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  database = await DuckDBInstance.create(":memory:");
  connection = await database.connect();
  await prepareConnection(connection);
});
afterAll(() => {
  connection.closeSync();
  database.closeSync();
});

type Row = Readonly<Record<string, unknown>>;

/** Answers a query as Log Analytics does, one object per row. */
async function answer(kql: string, schema: KqlSchema): Promise<Row[]> {
  const { columns, rows } = await execute(connection, compile(kql, schema, { now: arrival }));
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, toJson(type, row[index] ?? null)])),
  );
}

describe.each(readCatalog().map((stream) => [stream.id, stream] as const))("%s", (id, stream) => {
  test("raw records become the expected rows", async () => {
    const declaration = stream.input.map(({ name, type }) => ({ name, type: streamColumnType(type) }));
    const intake = new Intake(`intake_${id.replaceAll("-", "_")}`, declaration);
    const uploaded = uploadedRows(stream);
    const report = await intake.fill(connection, `[${uploaded.join(",")}]`);

    expect(report).toEqual({ rows: uploaded.length, undeclared: new Map(), mistyped: 0, cut: 0 });
    const rows = await answer(stream.transform, { tables: [intake.source], functions: [] });
    expect(rows).toEqual(expectedRows(stream));
    expect(rows.map((row) => row["TimeGenerated"])).not.toContain(null);
  });

  test("the Latest function shows every object once, though all were stored twice", async () => {
    const rows = expectedRows(stream);
    await store(stream, [...rows.map((row) => [1, row] as const), ...rows.map((row) => [2, row] as const)]);
    const latest = await answer(latestFunction(stream).query, tableSchema(stream));
    expect(latest.map((row) => JSON.stringify(row)).sort()).toEqual(rows.map((row) => JSON.stringify(row)).sort());
  });
});

describe("the Latest function", () => {
  const threats = readCatalog().find(({ id }) => id === "sentinelone-threats") as Stream;
  const version = (ingested: number, UpdatedAt: string | null, Classification: string, more: Row = {}) =>
    [ingested, { Connection: "emea", Id: "2300000000000000777", UpdatedAt, Classification, ...more }] as const;
  const shown = async () =>
    (await answer(`${latestFunction(threats).query} | order by Classification asc`, tableSchema(threats))).map(
      (row) => row["Classification"],
    );

  test("takes the newest version, though an older one was fetched again after it", async () => {
    await store(threats, [
      version(1, "2026-03-01T00:00:00Z", "first"),
      version(2, "2026-03-02T00:00:00Z", "second"),
      version(3, "2026-03-01T00:00:00Z", "first, once more"),
    ]);
    expect(await shown()).toEqual(["second"]);
  });

  test("takes the copy of a version that was stored last", async () => {
    await store(threats, [
      version(1, "2026-03-02T00:00:00Z", "seen live"),
      version(2, "2026-03-02T00:00:00Z", "seen in the snapshot"),
    ]);
    expect(await shown()).toEqual(["seen in the snapshot"]);
  });

  test("shows an object that has no time, and prefers a version that has one", async () => {
    await store(threats, [
      version(2, null, "timeless", { Id: "1" }),
      version(3, null, "timeless again", { Id: "1" }),
      version(1, "2026-03-02T00:00:00Z", "timed", { Id: "2" }),
      version(4, null, "timeless", { Id: "2" }),
    ]);
    expect(await shown()).toEqual(["timed", "timeless again"]);
  });

  test("keeps apart what two consoles call by the same id", async () => {
    await store(threats, [
      version(1, "2026-03-02T00:00:00Z", "ours"),
      version(2, "2026-03-03T00:00:00Z", "theirs", { Connection: "apac" }),
    ]);
    expect(await shown()).toEqual(["ours", "theirs"]);
  });
});

/** Replaces a stream's table by these rows, each with when it was ingested, in ticks. Columns that a row lacks are empty. */
async function store(stream: Stream, rows: readonly (readonly [ingested: number, row: Row])[]) {
  const columns = stream.columns.map(({ name, type }) => `"${name}" ${storedType(type)}`);
  await connection.run(`CREATE OR REPLACE TABLE "${stream.table}" (${columns.join(", ")}, _ingestion_time BIGINT)`);
  const values = stream.columns.map(({ name, type }) => fromJsonSql(type, `json_extract(r, '$."${name}"')`));
  const json = rows.map(([ingested, row]) => `[${ingested},${toRowJson(stream, row)}]`);
  await connection.run(
    `INSERT INTO "${stream.table}" SELECT ${values.join(", ")}, ingested
     FROM (SELECT pair[1]::BIGINT AS ingested, pair[2] AS r FROM (SELECT unnest(from_json($1, '[["JSON"]]')) AS pair))`,
    [`[${json.join(",")}]`],
  );
}

/** The row as JSON. Its dynamic values are JSON text already, and go in as they are: a number beyond 2^53 stays what it is. */
function toRowJson(stream: Stream, row: Row): string {
  const dynamics = new Set(stream.columns.filter(({ type }) => type === "dynamic").map(({ name }) => name));
  const members = Object.entries(row).map(([name, value]) => {
    const json = dynamics.has(name) && typeof value === "string" ? value : JSON.stringify(value);
    return `${JSON.stringify(name)}:${json}`;
  });
  return `{${members.join(",")}}`;
}
