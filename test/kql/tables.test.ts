import { beforeAll, describe, expect, test } from "vitest";
import { answer, compile, fromJsonSql, outputColumns, storedType, toJson, usedNames } from "../../local/kql/engine.ts";
import { type KqlColumn, KqlError, type KqlSchema } from "../../local/kql/schema.ts";
import { preparedConnection } from "./prepared-connection.ts";

const now = new Date("2026-03-04T12:00:00Z");

/** Two tables; the columns of the first differ only by case, as those of real feeds do. */
const schema: KqlSchema = {
  tables: [
    {
      name: "Devices_CL",
      relation: '"devices"',
      ingestionTime: '"ingested"',
      columns: [
        { name: "TimeGenerated", type: "datetime", sql: '"time"' },
        { name: "uuid", type: "string", sql: '"uuid_1"' },
        { name: "Uuid", type: "string", sql: '"uuid_2"' },
        { name: "Details", type: "dynamic", sql: '"details"' },
        { name: "Version", type: "long", sql: '"version"' },
      ],
    },
    {
      name: "Owners_CL",
      relation: '"owners"',
      columns: [
        { name: "Uuid", type: "string", sql: '"uuid"' },
        { name: "Owner", type: "string", sql: '"owner"' },
      ],
    },
  ],
  functions: [
    {
      name: "DevicesLatest",
      parameters: "",
      body: "Devices_CL | extend Ingested = ingestion_time() | summarize arg_max(Version, *) by Uuid",
    },
    {
      name: "Devices",
      parameters: "disabled: bool = false, startsWith: string = ''",
      body: "let all = (off: bool) { Devices_CL | where not(off) };\nall(disabled) | where Uuid startswith startsWith",
    },
    {
      name: "AnySource",
      parameters: "",
      body: "union isfuzzy=true Devices_CL, (Retired_CL | extend Uuid = Id_g), MissingFunction(1)\n| extend Site = column_ifexists('Site_s', 'none'), Release = column_ifexists('Version', 0)",
    },
    { name: "Broken", parameters: "", body: "Devices_CL | reduce by Uuid" },
  ],
};

const connection = preparedConnection();
beforeAll(async () => {
  await connection().run(`CREATE TABLE devices ("time" ${storedType("datetime")}, uuid_1 ${storedType("string")}, uuid_2 ${storedType("string")},
    details ${storedType("dynamic")}, version ${storedType("long")}, ingested ${storedType("datetime")})`);
  await connection().run("CREATE TABLE owners (uuid VARCHAR, owner VARCHAR)");
  const time = (text: string) => fromJsonSql("datetime", `'${JSON.stringify(text)}'`);
  await connection().run(`INSERT INTO devices VALUES
    (${time("2026-03-04T11:00:00Z")}, 'low-a', 'A-1', '{"os":"linux","tags":["x","y"]}', 1, ${time("2026-03-04T11:01:00Z")}),
    (${time("2026-03-04T10:00:00Z")}, 'low-a', 'A-1', '{"os":"linux"}', 2, ${time("2026-03-04T11:02:00Z")}),
    (${time("2026-03-01T10:00:00Z")}, 'low-b', 'B-2', NULL, 1, ${time("2026-03-04T11:03:00Z")})`);
  await connection().run("INSERT INTO owners VALUES ('A-1', 'kim'), ('C-3', 'lee')");
});

async function ask(query: string): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await answer(connection(), query, schema, { now });
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }: KqlColumn, index) => [name, toJson(type, row[index] ?? null)])),
  );
}

describe("stored tables", () => {
  test("names that differ only by case are two columns", async () => {
    expect(await ask("Devices_CL | where Version == 2 | project Uuid, uuid")).toEqual([{ Uuid: "A-1", uuid: "low-a" }]);
  });

  test("ago() counts from the instant of the query", async () => {
    expect(await ask("Devices_CL | where TimeGenerated > ago(1d) | count")).toEqual([{ Count: 2 }]);
  });

  test("ingestion_time() survives filters and new columns", async () => {
    expect(await ask("Devices_CL | where Uuid == 'B-2' | extend x = 1 | project t = ingestion_time()")).toEqual([
      { t: "2026-03-04T11:03:00Z" },
    ]);
  });

  test("only the columns that the query uses are read", () => {
    const { sql } = compile(
      "Devices_CL | extend os = tostring(Details.os), t = Details.tags | where Version > 1 | summarize count() by Uuid",
      schema,
    );
    expect(sql).toContain("uuid_2");
    expect(sql).not.toMatch(/details|uuid_1|"time"/);
  });

  test("a table joins another by column", async () => {
    expect(await ask("DevicesLatest | lookup Owners_CL on Uuid | project Uuid, Owner | order by Uuid asc")).toEqual([
      { Uuid: "A-1", Owner: "kim" },
      { Uuid: "B-2", Owner: "" },
    ]);
  });

  test("the columns of bag_unpack come from the data", async () => {
    expect(
      await ask(
        "Devices_CL | where isnotnull(Details) | project Details | evaluate bag_unpack(Details) | extend n = array_length(tags) | order by n",
      ),
    ).toEqual([
      { os: "linux", tags: '["x","y"]', n: 2 },
      { os: "linux", tags: null, n: null },
    ]);
  });
});

describe("workspace functions", () => {
  test("are called with and without parentheses", async () => {
    expect(await ask("DevicesLatest | where Uuid == 'A-1' | project Version, Ingested")).toEqual([
      { Version: 2, Ingested: "2026-03-04T11:02:00Z" },
    ]);
    expect(await ask("DevicesLatest() | count")).toEqual([{ Count: 2 }]);
  });

  test("take parameters by place, by name, or their defaults", async () => {
    expect(await ask("Devices | count")).toEqual([{ Count: 3 }]);
    expect(await ask("Devices(true) | count")).toEqual([{ Count: 0 }]);
    expect(await ask("Devices(startsWith = 'b') | project Uuid")).toEqual([{ Uuid: "B-2" }]);
  });

  test("lose the parts of a fuzzy union that are not there", async () => {
    expect(await ask("AnySource | where Version == 2 | project Uuid, Site, Release")).toEqual([
      { Uuid: "A-1", Site: "none", Release: 2 },
    ]);
  });

  test("that hold something unsupported are refused where they are called", () => {
    expect(() => compile("print x = 1\n| join Broken on x", schema)).toThrow(KqlError);
    expect(() => compile("Devices_CL\n| union Broken", schema)).toThrow(
      "line 2, column 9: in Broken(): the operator 'reduce' is not supported yet",
    );
  });
});

describe("several tables", () => {
  test("a name with stars stands for all tables of such a name", async () => {
    expect(await ask("union withsource=From *_CL | summarize n = count() by From | order by From asc")).toEqual([
      { From: "Devices_CL", n: 3 },
      { From: "Owners_CL", n: 2 },
    ]);
    expect(await ask("union isfuzzy=true Own*, Gone_CL | project Owner | order by Owner asc")).toEqual([
      { Owner: "kim" },
      { Owner: "lee" },
    ]);
  });

  test("search looks into every column of every table, and says where it found a row", async () => {
    expect(await ask("search 'kim' or 'low' | project $table, Owner, uuid | order by $table asc, uuid asc")).toEqual([
      { $table: "Devices_CL", Owner: "", uuid: "low-a" },
      { $table: "Devices_CL", Owner: "", uuid: "low-a" },
      { $table: "Devices_CL", Owner: "", uuid: "low-b" },
      { $table: "Owners_CL", Owner: "kim", uuid: "" },
    ]);
  });

  test("search in some tables; a column that a table lacks is missing there", async () => {
    expect(
      await ask("search in (Owners_CL, Devices_*) Uuid == 'A-1' and isempty(uuid) | project $table, Owner"),
    ).toEqual([{ $table: "Owners_CL", Owner: "kim" }]);
  });

  test("table() takes the name as a text", async () => {
    expect(await ask("table('Owners_CL') | where Owner == 'lee' | project Uuid")).toEqual([{ Uuid: "C-3" }]);
  });
});

describe("what is wrong", () => {
  test.each([
    ["Devices_CL | where Nope == 1", "line 1, column 20: The name 'Nope' does not refer to any known column"],
    ["Devices_CL\n| where Version = 1", "line 2, column 9"],
    ["NoTable_CL | count", "line 1, column 1: The name 'NoTable_CL' does not refer to any known table"],
    [
      "Devices_CL | extend s = series_stats(dynamic([1]))",
      "column 25: the function series_stats() is not supported yet",
    ],
    ["union isfuzzy=true NoTable_CL, NoOther_CL", "column 20: the table 'NoTable_CL' does not exist"],
  ])("%s", (query, message) => {
    expect(() => compile(query, schema, { now })).toThrow(message);
  });

  test.each([
    ["Devices_CL | where", "syntax"],
    ["Devices_CL | where Uuid ==", "syntax"],
    ["Devices_CL | where Nope == 1", "semantic"],
    ["Devices_CL | project Uuid + 1", "semantic"],
    ["Devices_CL | reduce by Uuid", "unsupported"],
  ])("%s is an error of kind %s, its place and reason apart", (query, kind) => {
    const error = thrownBy(() => compile(query, schema, { now }));
    expect(error).toMatchObject({ kind, line: 1, column: expect.any(Number) });
    expect(error.message).toBe(`line 1, column ${error.column}: ${error.reason}`);
  });

  test("a message never holds SQL", () => {
    for (const query of [
      "Devices_CL | evaluate pivot(Uuid)",
      "Devices_CL | extend x = geo_point_to_s2cell(1.0, 2.0)",
    ]) {
      expect(() => compile(query, schema)).toThrow(/^(?!.*SELECT).*$/s);
    }
  });
});

test("a pattern that no engine takes is an error of the query", async () => {
  await expect(ask("Devices_CL | where Uuid matches regex '('")).rejects.toThrow(
    /^line 1, column 1: the query failed: .*\)/,
  );
});

test("outputColumns says what a query yields without running it", () => {
  const { columns, diagnostics } = outputColumns(
    "Devices_CL | summarize Last = max(TimeGenerated) by Uuid | extend q = zz",
    schema,
  );
  expect(columns.slice(0, 2)).toEqual([
    { name: "Uuid", type: "string" },
    { name: "Last", type: "datetime" },
  ]);
  expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("'zz'")]);
});

test("usedNames lists operators and functions", () => {
  const { operators, functions } = usedNames(
    "source | where isnotempty(a) | project-away b | extend r = parse_json(c)",
  );
  expect([...operators].sort()).toEqual(["extend", "project-away", "where"]);
  expect([...functions].sort()).toEqual(["isnotempty", "parse_json"]);
});

function thrownBy(work: () => unknown): KqlError {
  try {
    work();
  } catch (error) {
    if (error instanceof KqlError) return error;
  }
  throw new Error("No KqlError was thrown.");
}
