import { expect, test } from "vitest";
import { type Answer, formatAnswer } from "../../../local/commands/output-format.ts";

const answer: Answer = {
  columns: [
    { name: "Name", type: "string" },
    { name: "Data", type: "dynamic" },
    { name: "Count", type: "long" },
  ],
  rows: [
    ['says "hi", twice', '{"a":1}', 3],
    ["", null, 0],
  ],
};

test("json is an array of objects keyed by column", () => {
  expect(JSON.parse(formatAnswer(answer, "json"))).toEqual([
    { Name: 'says "hi", twice', Data: '{"a":1}', Count: 3 },
    { Name: "", Data: null, Count: 0 },
  ]);
});

test("csv quotes what RFC 4180 wants quoted", () => {
  expect(formatAnswer(answer, "csv").split("\r\n")).toEqual([
    "Name,Data,Count",
    '"says ""hi"", twice","{""a"":1}",3',
    ",,0",
  ]);
});

test("a table shows every column, cuts long cells and counts the rows", () => {
  const text = formatAnswer({ columns: [{ name: "Long", type: "string" }], rows: [["x".repeat(200)]] }, "table");
  expect(text).toContain("Long");
  expect(text).toContain(`${"x".repeat(59)}…`);
  expect(text).not.toContain("x".repeat(60));
  expect(text).toMatch(/1 row$/);
});
