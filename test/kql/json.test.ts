import { expect, test } from "vitest";
import { fromJsonSql, toJson } from "../../local/kql/engine.ts";
import type { KqlType } from "../../local/kql/schema.ts";
import { preparedConnection } from "./prepared-connection.ts";

const connection = preparedConnection();

/** [type, uploaded JSON, what the API answers afterwards] */
const values: readonly (readonly [KqlType, string, unknown])[] = [
  ["string", '"text"', "text"],
  ["string", "5", "5"],
  ["string", '{"a": [1]}', '{"a":[1]}'],
  ["string", "null", ""],
  ["long", "9007199254740993", "9007199254740993"],
  ["long", '"42"', 42],
  ["long", '"4.2"', null],
  ["int", "7", 7],
  ["real", "1.50", 1.5],
  ["real", '"NaN"', "NaN"],
  ["bool", "true", true],
  ["bool", '"False"', false],
  ["datetime", '"2026-01-01T02:00:00+02:00"', "2026-01-01T00:00:00Z"],
  ["datetime", '"2026-01-01T00:00:00.1234567Z"', "2026-01-01T00:00:00.1234567Z"],
  ["datetime", '"yesterday"', null],
  ["dynamic", '{"id": 12345678901234567890, "x": null}', '{"id":12345678901234567890,"x":null}'],
  ["dynamic", "null", null],
  ["dynamic", '"text"', '"text"'],
  ["guid", '"6F9619FF-8B86-D011-B42D-00C04FC964FF"', "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
];

test.each(values)("%s from %s", async (type, json, expected) => {
  const uploaded = `SELECT json_extract(row, '$.v') AS v FROM (SELECT '${JSON.stringify({ v: 0 }).replace("0", json)}'::JSON AS row)`;
  const reader = await connection().runAndReadAll(`SELECT ${fromJsonSql(type, "v")} FROM (${uploaded})`);
  expect(toJson(type, reader.getRows()[0]?.[0] ?? null)).toEqual(expected);
});

test("a value that was not uploaded is the type's missing value", async () => {
  const reader = await connection().runAndReadAll(
    `SELECT ${fromJsonSql("string", "v")}, ${fromJsonSql("long", "v")} FROM (SELECT json_extract('{}', '$.v') AS v)`,
  );
  expect(reader.getRows()).toEqual([["", null]]);
});
