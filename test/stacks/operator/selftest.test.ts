import { expect, test } from "vitest";
import { canaryRows, judgeCanaries, type StoredCanary } from "../../../stacks/operator/canaries.ts";
import { renderAnswer } from "../../../stacks/operator/render.ts";
import { tryRuntime } from "../../../stacks/operator/runtime-check.ts";
import { trySavedSearch } from "../../../stacks/operator/saved-search-check.ts";

const row = (Id: string, values: Partial<StoredCanary> = {}): StoredCanary => ({
  Id,
  Name: "",
  Assets: "",
  FileName: "",
  Length: 0,
  Time: "2026-11-20T12:00:00Z",
  ...values,
});
const good = [
  row("values", { Name: "2026-03-18T10:00:00Z", Assets: '[{"id":1234567890123456789}]', FileName: "three-levels" }),
  row("large", { Length: 60_000 }),
  row(""),
  row("timeless"),
];
const goods = (rows: readonly StoredCanary[]) => judgeCanaries(rows).map((answer) => answer.good);

test("the rows have what they ask about, and stay below what one call may carry", () => {
  const rows = canaryRows("selftest-1", 0) as { Connection: string; Record: string; TimeGenerated: string | null }[];
  const sizes = rows.map(({ Record }) => Math.floor(Record.length / 10_000));
  expect(sizes).toEqual([0, 6, 7, 0]);
  expect(rows[0]?.Record).toContain('"id":1234567890123456789');
  expect(rows[3]?.TimeGenerated).toBeNull();
  expect(rows.every(({ Connection }) => Connection === "selftest-1")).toBe(true);
  for (const { Record } of rows) expect(() => JSON.parse(Record) as unknown).not.toThrow();
});

test("good answers say nothing to do", () => {
  const answers = judgeCanaries(good);
  expect(answers.map(({ good: isGood, advice }) => [isGood, advice])).toEqual(answers.map(() => [true, null]));
});

test.each([
  [
    "a rounded number",
    [row("values", { ...good[0], Assets: '[{"id":1234567890123456800}]' })],
    0,
    /Join on the id columns/,
  ],
  ["a text made a time", [row("values", { ...good[0], Name: "2026-03-18T10:00:00.0000000Z" })], 1, /todatetime/],
  ["no third level", [row("values", { ...good[0], FileName: "" })], 2, /stay empty/],
  ["a cut record", [row("large", { Length: 32_768 })], 3, /Switch off/],
  ["a row without a time", [row("timeless", { Time: "" })], 5, /without a time/],
])("%s is a bad answer, with what to do", (_, rows, index, advice) => {
  const answer = judgeCanaries(rows)[index];
  expect(answer).toMatchObject({ good: false, advice: expect.stringMatching(advice) as string });
  expect(answer && renderAnswer(answer)).toMatch(/^BAD {6}/);
});

test("what did not arrive is no answer", () => {
  expect(goods([])).toEqual([null, null, null, null, null, null]);
  expect(goods([...good.slice(0, 2), row("oversized", { Length: 70_000 }), row("timeless")])).not.toContain(null);
});

test.each([
  [409, true, "409"],
  [200, true, "in place"],
  [500, false, "500"],
])("a saved search whose change is answered %i: good is %s", async (status, isGood, seen) => {
  const asked: string[] = [];
  const arm = {
    put: () => Promise.resolve(asked.push("put") === 2 ? 201 : status),
    delete: () => Promise.resolve(asked.push("delete")),
  };
  expect(await trySavedSearch("/workspace", arm)).toMatchObject({
    good: isGood,
    seen: expect.stringContaining(seen) as string,
  });
  expect(asked).toEqual(["delete", "put", "put", "delete"]);
});

test("who may not write saved searches is told the role", async () => {
  const arm = { put: () => Promise.resolve(403), delete: () => Promise.resolve(403) };
  expect(await trySavedSearch("/workspace", arm)).toMatchObject({
    good: null,
    advice: expect.stringContaining("Log Analytics Contributor") as string,
  });
});

const node = { name: "node", version: "24" };
const functions = ["func/schedule", "func/collect"];
test.each([
  [{ state: "Running", functionAppConfig: { runtime: node } }, functions, true],
  [{ state: "Running", functionAppConfig: { runtime: { ...node, version: "22" } } }, functions, false],
  [{ state: "Stopped", functionAppConfig: { runtime: node } }, functions, false],
  [{ state: "Running", functionAppConfig: { runtime: node } }, ["func/schedule"], false],
])("an app that is %j with %j: good is %s", async (properties, names, isGood) => {
  const get = (id: string) => Promise.resolve({ id, name: "app", properties });
  const list = (id: string) => Promise.resolve(names.map((name) => ({ id: `${id}/${name}`, name })));
  expect(await tryRuntime("/app", { get, list })).toMatchObject({ good: isGood });
});
