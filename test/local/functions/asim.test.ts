import Table from "cli-table3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCatalog } from "../../../kql/catalog.ts";
import { filterParameters } from "../../../kql/catalog-asim.ts";
import { readFunctions, type WorkspaceFunction } from "../../../kql/catalog-functions.ts";
import { aliases, columnTypes } from "./asim-columns.ts";
import { activities, alerts, threats, unifiedAlerts } from "./asim-records.ts";
import { everySchema, schemas } from "./asim-schemas.ts";
import { type Row, TestWorkspace } from "./test-workspace.ts";

/** No record holds it. */
const fictitious = "nowhere-9e1c";

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await TestWorkspace.create(["SentinelOneAlertsV2_CL"]);
  await workspace.ingest("sentinelone-alerts", alerts);
  await workspace.ingest("sentinelone-activities", activities);
  await workspace.ingest("sentinelone-threats", threats);
  await workspace.addTable("SentinelOneAlertsV2_CL", unifiedAlerts);
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
});

/** Of each parser: schema, alias, rows, columns, columns that hold a value, mandatory columns, filters. */
const checked: (readonly (string | number)[])[] = [];

const parsers = readFunctions(readCatalog()).filter((parser) => parser.asim !== undefined);

test("there is a parser for every schema that SentinelOne's data can fill", () => {
  expect(new Set(parsers.map(({ asim }) => asim))).toEqual(new Set(Object.keys(schemas)));
});

describe.each(parsers.map((parser) => [parser.alias, parser] as const))("%s", (alias, { asim, query }) => {
  const schema = asim as NonNullable<WorkspaceFunction["asim"]>;
  const { mandatory, filters, values } = schemas[schema];
  const defaults = [...filterParameters(schema).matchAll(/(\w+):\w+=(.+?)(?:, |$)/g)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  );
  let rows: readonly Row[];
  beforeAll(async () => {
    rows = await workspace.kql(call({}));
    const columns = workspace.columns(call({}));
    const held = columns.filter(({ name }) => rows.some((row) => textOf(row[name]) !== ""));
    checked.push([
      schema,
      alias,
      rows.length,
      columns.length,
      held.length,
      everySchema.mandatory.length + mandatory.length,
      Object.keys(filters).length + 3,
    ]);
  });
  /** Every call names every parameter: the binder then analyses the function once. */
  const call = (given: Readonly<Record<string, string>>) =>
    `${alias}(${defaults.map(([name, value]) => `${name}=${given[name] ?? value}`).join(", ")})`;
  /** Ids of the rows that pass each set of filters, all asked in one query. */
  const ask = async (questions: readonly Readonly<Record<string, string>>[]) => {
    const legs = questions.map((given, index) => `(${call(given)} | project question=${index}, EventUid)`);
    const found = await workspace.kql(`union ${legs.join(", ")}`);
    return questions.map((_, index) => idsOf(found.filter(({ question }) => Number(question) === index)));
  };

  test("has the schema's columns, by name and type", () => {
    const columns = new Map(workspace.columns(call({})).map(({ name, type }) => [name, type]));
    expect([...everySchema.mandatory, ...mandatory].filter((name) => !columns.has(name))).toEqual([]);
    expect([...columns].filter(([name, type]) => type !== (columnTypes[name] ?? "string"))).toEqual([]);
  });

  test("has every mandatory value, and none that its list does not allow", () => {
    const allowed = { ...everySchema.values, ...values, EventSchema: [schema] };
    const isOutside = (row: Row) => (entry: readonly [string, readonly string[]]) =>
      textOf(row[entry[0]]) !== "" && !entry[1].includes(textOf(row[entry[0]]));
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      expect([...everySchema.mandatory, ...mandatory].filter((name) => textOf(row[name]) === "")).toEqual([]);
      expect(
        Object.entries(allowed)
          .filter(isOutside(row))
          .map(([name]) => `${name}: ${textOf(row[name])}`),
      ).toEqual([]);
      expect(textOf(row["DvcHostname"])).toMatch(/^[a-zA-Z0-9-]{0,61}$/);
      expect(textOf(row["SrcIpAddr"])).toMatch(/^[0-9a-f.:]*$/);
    }
  });

  test("its aliases repeat what they stand for", () => {
    for (const row of rows) {
      const own = Object.entries(aliases[schema] ?? {}).filter(([name]) => name in row);
      const repeated = own.map(([name, sources]) => [name, sources.map((source) => row[source]).find(Boolean) ?? ""]);
      expect(own.map(([name]) => [name, row[name]])).toEqual(repeated);
    }
  });

  test("takes each filter: a value gives the rows that have it, a fictitious one none", async () => {
    const cases = Object.entries(filters).flatMap(([parameter, column]) => {
      const literal = literalOf(schema, parameter);
      const nothing = { parameter, value: fictitious, filter: literal(fictitious), expected: [] as string[] };
      const value = rows.map((row) => wordOf(parameter, row[column])).find((text) => text !== "");
      if (value === undefined) return [nothing];
      const isWanted = (text: string) =>
        parameter === "dstportnumber" ? text === value : text.includes(value.toLowerCase());
      const expected = idsOf(rows.filter((row) => isWanted(textOf(row[column]).toLowerCase())));
      return [nothing, { parameter, value, filter: literal(value), expected }];
    });
    const answers = await ask(cases.map(({ parameter, filter }) => ({ [parameter]: filter })));
    expect(cases.map(({ parameter, value }, index) => ({ parameter, value, found: answers[index] }))).toEqual(
      cases.map(({ parameter, value, expected }) => ({ parameter, value, found: expected })),
    );
  });

  test("filters by time, and gives nothing when it is switched off", async () => {
    const times = rows.map((row) => textOf(row["TimeGenerated"])).sort();
    const middle = times[Math.floor(times.length / 2)] as string;
    const before = idsOf(rows.filter((row) => textOf(row["TimeGenerated"]) <= middle));
    const after = idsOf(rows.filter((row) => textOf(row["TimeGenerated"]) >= middle));
    expect(after.length).toBeLessThan(rows.length);
    const answers = await ask([
      { endtime: `datetime(${middle})` },
      { starttime: `datetime(${middle})` },
      { disabled: "true" },
    ]);
    expect(answers).toEqual([before, after, []]);
  });

  test("its twin without filters yields the same, and packs what has no column when asked", async () => {
    const twin = await workspace.kql(`${alias.replace(/^vim/, "ASim")}(disabled=false, pack=true)`);
    expect(twin.map((row) => ({ ...row, AdditionalFields: "{}" }))).toEqual(rows);
    expect(twin.map((row) => row["AdditionalFields"])).not.toContain("{}");
  });

  test("is one pipeline over one table", () => {
    expect(query).not.toMatch(/\b(union|join|mv-expand|mv-apply|summarize|distinct|externaldata|project-away)\b/);
    expect(query.match(/\bSentinelOne\w+_CL\b/g)).toHaveLength(1);
  });
});

test("ASIM's own parsers find ours through the custom functions, with and without filters", async () => {
  const found = async (query: string) =>
    (await workspace.kql(`${query} | distinct Type`)).map((row) => textOf(row["Type"])).sort();
  const tables = ["SentinelOneAlertsV2_CL", "SentinelOneAlerts_CL", "SentinelOneThreats_CL"];
  expect(await found("Im_AlertEventCustom(pack=true)")).toEqual(tables);
  expect(await found("ASim_AlertEventCustom")).toEqual(tables);
  expect(await found("Im_AlertEventCustom(starttime=datetime(2030-01-01))")).toEqual([]);
});

test("what was checked is written down, parser by parser", async () => {
  const table = new Table({
    head: ["schema", "parser", "rows", "columns", "with a value", "mandatory", "filters"],
    style: { head: [], border: [], compact: true },
  });
  const inOrder = checked.toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
  table.push(...inOrder.map((row) => [...row]));
  await expect(`${table.toString()}\n`).toMatchFileSnapshot("asim-checked.txt");
});

const textOf = (value: unknown) =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);

const idsOf = (rows: readonly Row[]) => rows.map((row) => textOf(row["EventUid"])).sort();

/** How a value is written for a parameter, by its declared type. */
function literalOf(schema: NonNullable<WorkspaceFunction["asim"]>, parameter: string): (value: string) => string {
  const [, type] = new RegExp(`\\b${parameter}:(\\w+)=`).exec(filterParameters(schema)) ?? [];
  if (type === "int") return (value) => (value === fictitious ? "int(-967799)" : value);
  if (type === "dynamic") return (value) => `dynamic([${JSON.stringify(value)}])`;
  return (value) => JSON.stringify(value);
}

/** What to filter by to find a column's value: an address in it, or the whole of it. */
function wordOf(parameter: string, value: unknown): string {
  const text = textOf(value);
  if (/ip|prefix/.test(parameter) && parameter !== "ipaddr") return /\d+\.\d+\.\d+\.\d+/.exec(text)?.[0] ?? "";
  return text;
}
