import { describe, expect, test } from "vitest";
import { compile, outputColumns } from "../../local/kql/engine.ts";
import type { KqlFunction, KqlSchema, KqlType } from "../../local/kql/schema.ts";

/** A schema whose tables have these columns, `name:type`. */
function schemaOf(tables: Record<string, string>, functions: Record<string, string>): KqlSchema {
  return {
    tables: Object.entries(tables).map(([name, columns]) => ({
      name,
      relation: name,
      columns: columns.split(" ").map((column) => {
        const [own = "", type = "string"] = column.split(":");
        return { name: own, type: type as KqlType, sql: own };
      }),
    })),
    functions: Object.entries(functions).map(([name, body]): KqlFunction => ({ name, parameters: "", body })),
  };
}

const columnsOf = (query: string, schema: KqlSchema) =>
  outputColumns(query, schema).columns.map(({ name, type }) => `${name}:${type}`);

describe("what was found out in one schema is not believed in another", () => {
  const doors = "Id:long Open:bool";
  test.each<[string, string, Record<string, string>, Record<string, string>]>([
    ["a table that is called", "Open", {}, { Open: "Doors | where Open" }],
    ["a table behind two calls", "Shut", {}, { Shut: "All | where not(Open)", All: "Doors" }],
    ["a table of a union of all", "All", {}, { All: "union Door*" }],
    ["a table that is named by a text", "Named", {}, { Named: "table('Doors')" }],
    ["a part of a fuzzy union", "Both", {}, { Both: "union isfuzzy=true Doors, (Gates | extend Gate = true)" }],
  ])("%s", (_, query, tables, functions) => {
    expect(columnsOf(query, schemaOf({ Doors: doors, ...tables }, functions))).toEqual(["Id:long", "Open:bool"]);
    const other = schemaOf({ Doors: `${doors} Colour:string`, ...tables }, functions);
    expect(columnsOf(query, other)).toEqual(["Id:long", "Open:bool", "Colour:string"]);
  });

  test("a part of a fuzzy union that is there at last", () => {
    const functions = { Both: "union isfuzzy=true Doors, (Gates | extend Gate = true)" };
    expect(columnsOf("Both", schemaOf({ Doors: doors }, functions))).toEqual(["Id:long", "Open:bool"]);
    const both = schemaOf({ Doors: doors, Gates: doors }, functions);
    expect(columnsOf("Both", both)).toEqual(["Id:long", "Open:bool", "Gate:bool"]);
  });

  test("functions that call each other, and themselves", () => {
    const functions = (last: string) => ({ One: "Two", Two: `Three | where Open`, Three: last });
    expect(columnsOf("One", schemaOf({ Doors: doors }, functions("Doors")))).toEqual(["Id:long", "Open:bool"]);
    expect(columnsOf("One", schemaOf({ Doors: doors }, functions("One")))).toEqual([]);
    expect(columnsOf("One", schemaOf({ Doors: doors }, functions("Doors")))).toEqual(["Id:long", "Open:bool"]);
  });
});

describe("a function is called with other values", () => {
  const schema = {
    ...schemaOf({ Doors: "Id:long", Gates: "Name:string" }, {}),
    functions: [
      { name: "Named", parameters: "which: string", body: "table(which) | where true" },
      { name: "Rows", parameters: "rows: (*)", body: "rows | where true" },
      { name: "Above", parameters: "least: long", body: "Doors | where Id > least" },
    ],
  };

  test.each([
    ["that say what it reads", 'union Named("Doors"), Named("Gates"), (Named("Doors") | extend Third = Id)'],
    ["that are its rows", "union Rows(Doors), Rows(Gates), (Rows(Doors) | extend Third = Id)"],
  ])("%s", (_, query) => {
    expect(compile(query, schema).columns.map(({ name }) => name)).toEqual(["Id", "Name", "Third"]);
  });

  test("that say which rows it yields", () => {
    const { sql } = compile("union Above(17), Above(23), (Above(least=42) | extend n = 1)", schema);
    expect(sql.match(/\b(?:17|23|42)\b/g)).toEqual(["17", "23", "42"]);
  });
});
