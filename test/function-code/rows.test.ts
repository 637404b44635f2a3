import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RowBuffer, TextRow } from "../../function-code/rows.ts";
import { maxBatchBytes } from "../../function-code/upload.ts";

const parse = (rows: RowBuffer) => JSON.parse(rows.json.toString("utf8")) as unknown;
const textRow = (text: string) => new TextRow(Buffer.from('{"First":1,"Text":'), Buffer.from(text));

test("no rows are an empty array", () => expect(parse(new RowBuffer())).toEqual([]));

test("text becomes the string that it is, everything else what JSON makes of it", () => {
  // Longer than the step in which text is written.
  const text = fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)), maxLength: 40 });
  const row = fc.oneof(text, fc.dictionary(text, fc.oneof(text, fc.double(), fc.constant(null)), { maxKeys: 3 }));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (given) => {
      const rows = new RowBuffer();
      for (const row of given) rows.add(typeof row === "string" ? textRow(row) : row);
      // Lone surrogates have no UTF-8.
      const expected = given.map((row) =>
        typeof row === "string" ? { First: 1, Text: Buffer.from(row).toString() } : row,
      );
      expect(parse(rows)).toEqual(JSON.parse(Buffer.from(JSON.stringify(expected)).toString()));
      expect(rows.count).toBe(given.length);
      rows.release();
    }),
  );
});

test("text is written as JSON.stringify writes it, wherever its quotes, backslashes and control characters stand", () => {
  const piece = fc.constantFrom(
    '"',
    "\\",
    "\n",
    "\b\t\f\r",
    "\u0001",
    "\u001f",
    "\u007f",
    "é",
    "\u2028",
    "a",
    "abcdefgh",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const rows = new RowBuffer();
      rows.add(textRow(text));
      expect(rows.json.toString()).toBe(`[{"First":1,"Text":${JSON.stringify(text)}}]`);
      rows.release();
    }),
  );
});

test("a row that does not fit changes nothing", () => {
  const rows = new RowBuffer();
  const large = "x".repeat(maxBatchBytes / 2 - 10);
  expect([rows.add(textRow(large)), rows.add(textRow(large))]).toEqual([true, false]);
  expect(rows.count).toBe(1);
  expect(rows.json.length).toBeLessThan(maxBatchBytes);
  expect(rows.add({ Text: "small" })).toBe(true);
  expect(parse(rows)).toEqual([{ First: 1, Text: large }, { Text: "small" }]);
});

test("a single row is taken however large it is", () => {
  const rows = new RowBuffer();
  const text = '"'.repeat(3 * maxBatchBytes);
  expect(rows.add(textRow(text))).toBe(true);
  expect(parse(rows)).toEqual([{ First: 1, Text: text }]);
});
