import { describe, expect, test } from "vitest";
import { healthRow } from "../../function-code/health.ts";
import { latestFunction, readCatalog, type Stream } from "../../kql/catalog.ts";
import { outputColumns } from "../../local/kql/engine.ts";
import { publishedTables } from "./published-tables.ts";
import { sourceSchema, tableSchema } from "./source-schema.ts";
import { notForTransforms } from "./transform-language.ts";

const streams = readCatalog().map((stream) => [stream.id, stream] as const);
const stored = (stream: Stream) => stream.columns.map(({ name, type }) => ({ name, type }));

describe.each(streams)("%s", (_, stream) => {
  test("the transform yields the table's columns, by name, type and order", () => {
    const { columns, diagnostics } = outputColumns(stream.transform, sourceSchema(stream));
    expect(diagnostics).toEqual([]);
    expect(columns).toEqual(stored(stream));
  });

  test("the transform uses nothing that Azure does not run in transforms", () => {
    expect(notForTransforms(stream.transform)).toEqual([]);
  });

  test("the Latest function binds and yields the table's columns", () => {
    const { columns, diagnostics } = outputColumns(latestFunction(stream).query, tableSchema(stream));
    expect(diagnostics).toEqual([]);
    expect(columns).toEqual(stored(stream));
  });
});

test("the worker's health row has exactly the fields that its stream declares", () => {
  const checkpoint = { partitionKey: "emea", rowKey: "sentinelone-threats", caughtUp: true };
  const nothing = { fetched: 0, duplicates: 0, uploaded: 0, bytes: 0, requests: 0, retries: 0, durationMs: 0 };
  const run = { runId: "1", status: "ok" as const, ...nothing };
  const row = healthRow({ ...checkpoint, ...nothing }, "sentinelone", "threats", run, 0, "0.1.0");
  const declared = readCatalog()
    .find(({ id }) => id === "health-runs")
    ?.input.map(({ name }) => name);
  expect(Object.keys(row)).toEqual(declared);
});

test.each(Object.entries(publishedTables))("%s keeps every published column and its type", (table, byType) => {
  const ours = readCatalog().find((stream) => stream.table === table);
  const missing = Object.entries(byType).flatMap(([type, names]) =>
    names
      .filter((name) => !ours?.columns.some((column) => column.name === name && column.type === type))
      .map((name) => `${name}: ${type}`),
  );
  expect(missing).toEqual([]);
});

test("a name has one type in all tables of a vendor, so that a union of them keeps the column in one piece", () => {
  const byName = Map.groupBy(
    readCatalog().flatMap(({ vendor, columns }) =>
      columns.map(({ name, type }) => ({ column: `${vendor} ${name}`, type })),
    ),
    ({ column }) => column,
  );
  const split = [...byName]
    .filter(([, uses]) => new Set(uses.map(({ type }) => type)).size > 1)
    .map(([column]) => column);
  // Published so: text in the table of alerts, dynamic in that of threats
  expect(split).toEqual(["sentinelone AgentDetectionInfo"]);
});

test.each([
  ["source | summarize count() by Id", ["summarize", "count"]],
  ["source | extend a = coalesce(b, c)", ["coalesce"]],
  ['source | where a in~ ("x") and b between (1 .. 2)', ["InCs", "Between"]],
  ["source | extend a = dynamic([1])", ["Dynamic", "JsonArray"]],
  ["source | mv-expand a", ["mv-expand", "MvExpand"]],
  ['source | where a =~ "x" or b has "y" | extend c = iif(isnull(d), now(), d)', []],
])("what Azure does not run in transforms is found: %s", (kql, found) => {
  expect(notForTransforms(kql)).toEqual(found);
});
