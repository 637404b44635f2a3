import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RowBuffer } from "../../function-code/rows.ts";
import { maxBatchBytes } from "../../function-code/upload.ts";

const parse = (rows: RowBuffer) => JSON.parse(rows.json.toString("utf8")) as unknown;

test("no rows are an empty array", () => expect(parse(new RowBuffer())).toEqual([]));

test("bytes become the string that they are in UTF-8, everything else what JSON makes of it", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const row = fc.record({ Text: fc.string({ unit: "binary" }), 'na"me\n': value, More: value });
  fc.assert(
    fc.property(fc.array(row), (given) => {
      const rows = new RowBuffer();
      for (const { Text, ...others } of given) rows.add({ ...others, Text: Buffer.from(Text), Last: 1 });
      // Lone surrogates have no UTF-8.
      const expected = given.map(({ Text, ...others }) => ({ ...others, Text: Buffer.from(Text).toString(), Last: 1 }));
      expect(parse(rows)).toEqual(JSON.parse(Buffer.from(JSON.stringify(expected)).toString()));
      expect(rows.count).toBe(given.length);
      rows.release();
    }),
  );
});

test("a row that does not fit changes nothing", () => {
  const rows = new RowBuffer();
  const row = { Text: Buffer.alloc(maxBatchBytes / 2 - 10, "x") };
  expect([rows.add(row), rows.add(row)]).toEqual([true, false]);
  expect(rows.count).toBe(1);
  expect(rows.json.length).toBeLessThan(maxBatchBytes);
  expect(rows.add({ Text: "small" })).toBe(true);
  expect(parse(rows)).toEqual([{ Text: row.Text.toString() }, { Text: "small" }]);
});

test("a single row is taken however large it is", () => {
  const rows = new RowBuffer();
  expect(rows.add({ Text: Buffer.alloc(3 * maxBatchBytes, '"') })).toBe(true);
  expect(parse(rows)).toEqual([{ Text: '"'.repeat(3 * maxBatchBytes) }]);
});
