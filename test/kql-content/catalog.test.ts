import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { latestFunction, limits, readCatalog, readStreams, vendors } from "../../kql/catalog.ts";

const valid = {
  table: "OwlSightings_CL",
  stream: "Custom-OwlSightings",
  rule: "events",
  enabledByDefault: true,
  description: "Owls seen at night.",
  key: ["Connection", "OwlId"],
  newest: "SeenAt",
  input: [
    { name: "Connection", type: "string" },
    { name: "Record", type: "string" },
  ],
  columns: [
    { name: "TimeGenerated", type: "datetime", description: "When." },
    { name: "Connection", type: "string", description: "Whose." },
    { name: "OwlId", type: "string", description: "Which." },
    { name: "SeenAt", type: "datetime", description: "When last." },
  ],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "catalog-"));
  for (const vendor of vendors) mkdirSync(join(root, vendor, "streams"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(stream: string, description: object | string, transform: string | null = "source") {
  const folder = join(root, stream.replace("/", "/streams/"));
  mkdirSync(folder);
  writeFileSync(
    join(folder, "stream.json"),
    typeof description === "string" ? description : JSON.stringify(description),
  );
  if (transform !== null) writeFileSync(join(folder, "transform.kql"), transform);
}

function problems(): string {
  try {
    readCatalog(root);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the catalog found nothing wrong");
}

describe("what is read", () => {
  test("a stream is named after its folders", () => {
    write("valence/owl-sightings", valid);
    expect(readCatalog(root)).toEqual([
      {
        ...valid,
        basicAllowed: false,
        vendor: "valence",
        name: "owl-sightings",
        id: "valence-owl-sightings",
        transform: "source",
      },
    ]);
  });

  test("comment lines of the transform are not deployed, what only looks like one is", () => {
    write("valence/owls", valid, 'source\r\n// why\n  // and why not\n| extend a = "//b" // c\n');
    expect(readCatalog(root)[0]?.transform).toBe('source\n| extend a = "//b" // c');
  });

  test("comments do not count towards the length of a transform", () => {
    write("valence/owls", valid, `source\n// ${"x".repeat(limits.transformCharacters)}`);
    expect(readCatalog(root)).toHaveLength(1);
  });
});

describe("what is refused", () => {
  test.each<[string, object, string]>([
    ["a table without suffix", { table: "Owls" }, 'table "Owls" must start with a letter and end in "_CL"'],
    ["a stream without prefix", { stream: "Owls" }, 'stream "Owls" must be "Custom-"'],
    ["a rule that is no part of a resource name", { rule: "My Rule" }, 'rule "My Rule" must be lower case words'],
    ["a key without Connection", { key: ["OwlId"] }, 'key lacks "Connection"'],
    ["a key that is no column", { key: ["Connection", "Wing"] }, 'key or newest "Wing" is not a column'],
    ["a newest that is no column", { newest: "Wing" }, 'key or newest "Wing" is not a column'],
    ["a newest that is part of the key", { newest: "OwlId" }, 'newest "OwlId" is part of the key'],
    ["no key", { key: [] }, "key: Too small"],
    ["a property that nobody knows", { retention: 3 }, "retention"],
    ["a description that says nothing", { description: "" }, "description: Too small"],
  ])("%s", (_, change, message) => {
    write("valence/owls", { ...valid, ...change });
    expect(problems()).toContain(message);
  });

  test.each([
    ["a name that Azure reserves", { name: "TenantId" }, 'column "TenantId" is a name that Azure reserves'],
    ["a name of one letter", { name: "X" }, 'column "X" must have 2 to 45'],
    ["a name of 46 letters", { name: "X".repeat(46) }, "must have 2 to 45"],
    ["a name with a dash", { name: "a-b" }, 'column "a-b" must have'],
    ["the name that the Latest function uses", { name: "IngestedAt" }, 'column "IngestedAt" is taken'],
    ["a name that is there already", { name: "OwlId" }, 'column "OwlId" is there twice'],
    ["a type that KQL lacks", { type: "dateTime" }, "columns.4.type: Invalid option"],
    ["no description", { description: "" }, "columns.4.description: Too small"],
  ])("a column with %s", (_, change, message) => {
    const column = { name: "Extra", type: "string", description: "More.", ...change };
    write("valence/owls", { ...valid, columns: [...valid.columns, column] });
    expect(problems()).toContain(message);
  });

  test("a column called Id is fine, an input called id is not", () => {
    const columns = [...valid.columns, { name: "Id", type: "string", description: "The vendor's." }];
    write("valence/owls", { ...valid, columns, input: [{ name: "id", type: "string" }] });
    expect(problems().split("\n").slice(1)).toEqual([
      '- valence/streams/owls: input "id" is a name that Azure reserves',
    ]);
  });

  test("a table without TimeGenerated, or with one that is text", () => {
    const [, ...others] = valid.columns;
    write("valence/owls", { ...valid, columns: others });
    write("valence/kites", {
      ...valid,
      table: "Kites_CL",
      stream: "Custom-Kites",
      columns: [{ name: "TimeGenerated", type: "string", description: "When." }, ...others],
    });
    expect(problems().match(/lack "TimeGenerated"/g)).toHaveLength(2);
  });

  test("more columns than a table takes", () => {
    const more = Array.from({ length: 500 }, (_, i) => ({ name: `Feather${i}`, type: "long", description: "One." }));
    write("valence/owls", { ...valid, columns: [...valid.columns, ...more] });
    expect(problems()).toContain("504 columns; a table takes 500");
  });

  test("a transform that is missing, empty or too long", () => {
    write("health/owls", valid, null);
    write("sentinelone/owls", { ...valid, table: "B_CL", stream: "Custom-B" }, "// later");
    write("valence/owls", { ...valid, table: "C_CL", stream: "Custom-C" }, "x".repeat(15_361));
    expect(problems()).toMatch(/health.*ENOENT/);
    expect(problems()).toMatch(/sentinelone.*transform.kql is empty/);
    expect(problems()).toMatch(/valence.*has 15361 characters.*takes 15360/);
  });

  test("two streams that fill one table or share a name, across vendors", () => {
    write("valence/owls", valid);
    write("sentinelone/owls", valid);
    expect(problems()).toContain('two streams fill the table "OwlSightings_CL"');
    expect(problems()).toContain('two streams are called "Custom-OwlSightings"');
  });

  test("a ninth stream on a rule, and not an eighth", () => {
    const add = (n: number) => write(`valence/owl-${n}`, { ...valid, table: `Owl${n}_CL`, stream: `Custom-Owl${n}` });
    for (let n = 1; n <= 8; n++) add(n);
    expect(readCatalog(root)).toHaveLength(8);
    add(9);
    expect(problems()).toContain('rule "valence-events" carries 9 streams; at most 8 share one');
  });

  test("everything at once, each problem with its file", () => {
    write("health/owls", "{ not JSON");
    write("sentinelone/owls", { ...valid, table: "Owls", stream: "Owls" });
    write("valence/owls", { ...valid, newest: "Wing" });
    const lines = problems().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^- health\/streams\/owls: .*JSON/);
    expect(lines[2]).toMatch(/^- sentinelone\/streams\/owls: table "Owls"/);
    expect(lines[3]).toMatch(/^- sentinelone\/streams\/owls: stream "Owls"/);
    expect(lines[4]).toMatch(/^- valence\/streams\/owls: .*"Wing"/);
  });
});

describe("the repository's own streams", () => {
  test("are valid", () => {
    expect(readCatalog().length).toBeGreaterThan(0);
    expect(vendors.flatMap((vendor) => readStreams(vendor))).toEqual(readCatalog());
  });

  test("are uploaded by SentinelOne's collection as the vendor's own text", () => {
    const asIs = [
      { name: "TimeGenerated", type: "datetime" },
      { name: "Connection", type: "string" },
      { name: "Record", type: "string" },
    ];
    const streams = readStreams("sentinelone").map(({ id, input }) => ({ id, input }));
    expect(streams).toEqual(streams.map(({ id }) => ({ id, input: asIs })));
  });
});

test("the Latest function takes the last copy of a version, then the newest version, in the table's columns", () => {
  write("valence/owls", valid);
  const [stream] = readCatalog(root);
  expect(stream && latestFunction(stream)).toEqual({
    name: "OwlSightingsLatest",
    query: `OwlSightings_CL
| extend IngestedAt = ingestion_time()
| summarize arg_max(IngestedAt, *) by Connection, OwlId, SeenAt
| summarize arg_max(SeenAt, *) by Connection, OwlId
| project TimeGenerated, Connection, OwlId, SeenAt`,
  });
});
