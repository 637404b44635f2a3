import { afterEach, beforeEach, expect, test } from "vitest";
import { Things } from "./things.ts";

let things: Things;
beforeEach(async () => {
  things = await Things.open();
});
afterEach(() => things[Symbol.asyncDispose]());

// Azure Monitor docs, "Troubleshoot DCR data collection": properties that are not declared are dropped; the schema never changes.
test("undeclared properties are dropped and counted", async () => {
  await things.uploadRows({ Text: "a", text: "b", Other: 1 }, { Text: "c", Other: null });
  expect(await things.query("Things_CL | project Text | order by Text asc")).toEqual([{ Text: "a" }, { Text: "c" }]);
  expect(things.counters.columnsDropped).toEqual(
    new Map([
      ["Other", 2],
      ["text", 1],
    ]),
  );
});

test("values that are not of the declared type become null, and are counted", async () => {
  await things.uploadRows({
    Text: "a",
    Count: "many",
    Big: {},
    Share: "x",
    Flag: "perhaps",
    TimeGenerated: "soon",
    Data: "text",
  });
  expect(await things.query("Things_CL | project Text, Count, Big, Share, Flag, Data = tostring(Data)")).toEqual([
    { Text: "a", Count: null, Big: null, Share: null, Flag: null, Data: "text" },
  ]);
  expect(things.counters.valuesNulled).toBe(5);
});

test("a string column takes numbers and objects as their text", async () => {
  await things.uploadRows({ Text: { a: [1, "é"] } }, { Text: 12 }, { Text: null });
  expect((await things.query("Things_CL | project Text | order by Text asc")).map(({ Text }) => Text)).toEqual([
    "",
    "12",
    '{"a":[1,"é"]}',
  ]);
});

test("64-bit numbers survive", async () => {
  await things.upload({ body: '[{"Big":9223372036854775807,"Data":{"n":9007199254740993}}]' });
  expect(await things.query("Things_CL | project Big = tostring(Big), N = tostring(Data.n)")).toEqual([
    { Big: "9223372036854775807", N: "9007199254740993" },
  ]);
});

// Azure Monitor docs, "Service limits: Logs Ingestion API": maximum size of a field's value 64 KB, longer ones are cut.
test("values above 64 KB are cut at a character, and cut JSON is no JSON any more", async () => {
  await things.uploadRows(
    { Text: `a${"é".repeat(40_000)}`, Data: { k: "x".repeat(70_000) } },
    { Text: "x".repeat(65_536) },
  );
  const [cut, whole] = await things.query(
    "Things_CL | project Bytes = strlen(Text), Kind = gettype(Data), Missing = isnull(Data.k) | order by Bytes asc",
  );
  expect(cut).toEqual({ Bytes: 32_768, Kind: "string", Missing: true });
  expect(whole).toMatchObject({ Bytes: 65_536 });
  expect(things.counters.valuesCut).toBe(2);
});

// Azure Monitor docs, "Standard columns: TimeGenerated".
test.each([
  ["missing", undefined, "2026-11-20T12:00:00Z"],
  ["null", null, "2026-11-20T12:00:00Z"],
  ["two days old", "2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z"],
  ["older than two days", "2026-11-18T11:59:59.9999999Z", "2026-11-20T12:00:00Z"],
  ["a day ahead", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"],
  ["more than a day ahead", "2026-11-21T12:00:00.0000001Z", "2026-11-20T12:00:00Z"],
])("TimeGenerated that is %s", async (_, given, stored) => {
  await things.uploadRows({ TimeGenerated: given });
  expect(await things.query("Things_CL | project TimeGenerated")).toEqual([{ TimeGenerated: stored }]);
});
