import * as fc from "fast-check";
import { expect, test } from "vitest";
import { JsonError, load, members } from "../../function-code/json.ts";
import { pageScanner } from "../../function-code/scan.ts";

const scan = pageScanner({
  records: "data",
  envelope: ["pagination.nextCursor", "pagination.totalItems"],
  fields: ["id", "threatInfo.updatedAt", "threatInfo.createdAt"],
});

const spacing = fc.constantFrom("", " ", "  ", "\t");
const record = fc.record(
  { id: fc.string(), threatInfo: fc.record({ updatedAt: fc.string(), other: fc.jsonValue() }), any: fc.jsonValue() },
  { requiredKeys: [] },
);
const page = fc.record(
  { before: fc.jsonValue(), data: fc.array(record), pagination: fc.record({ nextCursor: fc.option(fc.string()) }) },
  { requiredKeys: ["data"] },
);

test("a page is read as JSON.parse reads it, whatever is in it and however it is laid out", () => {
  fc.assert(
    fc.property(page, spacing, (value, indent) => {
      const scanned = scan(Buffer.from(JSON.stringify(value, undefined, indent)));
      expect(scanned.records?.map(({ json }) => JSON.parse(json.toString()) as unknown)).toEqual(
        JSON.parse(JSON.stringify(value.data)),
      );
      const parsed = (text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as unknown));
      expect(scanned.records?.map(({ fields }) => fields.map(parsed))).toEqual(
        value.data.map(({ id, threatInfo }) => [id, threatInfo?.updatedAt, undefined]),
      );
      expect(parsed(scanned.envelope[0])).toEqual(value.pagination?.nextCursor);
    }),
  );
});

const pieces = fc.constantFrom(
  '{"a":',
  '"x\\u00e9\\n"',
  "[1,-2.5e+3",
  "]",
  "}",
  ",",
  "true",
  "nul",
  "null",
  "01",
  "1.",
  '"',
  "\\",
  " ",
  "é",
  '"\u0001"',
  ":",
);

/** Longer than the sixteen bytes that are looked at in one step, with something special anywhere. */
const longString = fc
  .tuple(
    fc.nat(40),
    fc.constantFrom('"', "\\", "\\u00g9", "\\u000g", "\\u00E9", "\\x", "\\/", "\u0000", "\n", "é", "\u007f"),
    fc.nat(40),
  )
  .map(([before, special, behind]) => `"${"a".repeat(before)}${special}${"b".repeat(behind)}"`);

const isJson = (text: string) => !throws(SyntaxError, () => JSON.parse(text));

function throws(type: new (message: string) => Error, action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if (error instanceof type) return true;
    throw error;
  }
}

test("what JSON.parse refuses is refused, what it takes is taken", () => {
  const damaged = fc.oneof(
    longString,
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.tuple(fc.json(), fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    fc.json(),
  );
  fc.assert(
    fc.property(damaged, (text) => {
      const json = Buffer.from(text.trim());
      let end = -1;
      const isRefused = throws(JsonError, () => (end = load(json).skipValue(0)));
      expect([json.toString(), !isRefused && end === json.length]).toEqual([json.toString(), isJson(json.toString())]);
    }),
    { numRuns: 1000 },
  );
});

test("a page with one byte changed is refused where JSON.parse refuses it", () => {
  const page =
    '{"data": [{"id":"1","threatInfo":{"updatedAt":-1.5e3,"other":[{},null]}},{}], "pagination":{"nextCursor":"x"}}';
  for (let at = 0; at < page.length; at++) {
    for (const sign of ["{", "}", "[", "]", ",", ":", '"', "\\", "1", " ", "n", ""]) {
      const text = page.slice(0, at) + sign + page.slice(at + 1);
      expect([text, !throws(JsonError, () => scan(Buffer.from(text)))]).toEqual([text, isJson(text)]);
    }
  }
});

test("a thousand levels are read, one more is not", () => {
  const nested = (levels: number) => Buffer.from("[".repeat(levels) + "]".repeat(levels));
  expect(load(nested(1000)).skipValue(0)).toBe(2000);
  expect(() => load(nested(1001)).skipValue(0)).toThrow("nested deeper than 1000 levels at byte 1000");
});

test("ids beyond 2^53 keep every digit", () => {
  const text = '{"data":[{"id":"1","data":{"alertId":1290568698312097725}}]}';
  expect(scan(Buffer.from(text)).records?.[0]?.json.toString()).toBe(
    '{"id":"1","data":{"alertId":1290568698312097725}}',
  );
});

test.each([
  ["a page that was cut", '{"data":[{"id":"1"},{"id"', "ends too early"],
  ["HTML", "<html><body>Sign in</body></html>", "unexpected character at byte 0"],
  ["nothing", "", "ends too early"],
  ["JSON with a page behind it", '{"data":[]}<html>', "more than one value"],
  ["nesting without end", `{"data":${"[".repeat(5000)}`, "nested deeper"],
])("%s is refused with a reason", (_, text, reason) => {
  expect(() => scan(Buffer.from(text))).toThrow(reason);
});

test("a page without the list has no records, which is not the same as none", () => {
  expect(scan(Buffer.from('{"errors":[{"code":1}],"data":null}')).records).toBeUndefined();
  expect(scan(Buffer.from('{"data":[]}')).records).toEqual([]);
});

test("a text leaves nothing behind for the next, and the longest does not keep its memory", () => {
  const long = Buffer.from(`{"data":[{"id":"${"x".repeat(20_000_000)}"},{"id":"3"}]}`);
  expect(scan(long).records).toHaveLength(2);
  expect(() => scan(Buffer.from('{"data":['))).toThrow("ends too early, after 9 bytes");
  expect(scan(Buffer.from('{"data":[{"id":"4"}]}')).records).toMatchObject([{ fields: ['"4"', undefined, undefined] }]);
});

test("members of objects and arrays are found with their place", () => {
  const json = Buffer.from('{"a": [1, {"b": 2}], "c\\u0064": "x"}');
  const text = (start: number, end: number) => json.toString("utf8", start, end);
  expect(members(json).map(({ key, start, end }) => [key, text(start, end)])).toEqual([
    ["a", '[1, {"b": 2}]'],
    ["cd", '"x"'],
  ]);
});
