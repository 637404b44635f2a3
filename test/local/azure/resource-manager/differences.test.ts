import { expect, test } from "vitest";
import { changesBetween, differences, isBelow } from "../../../../local/azure/resource-manager/differences.ts";

test.each([
  ["the same", { a: { b: [1, { c: "x" }] } }, { a: { b: [1, { c: "x" }] } }, []],
  ["undefined and absent", { a: undefined }, {}, []],
  ["a changed leaf", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ["a.c"]],
  ["a new property", {}, { a: { b: 1 } }, ["a"]],
  ["a longer list", { a: [1] }, { a: [1, { b: 2 }] }, ["a[1]"]],
  ["a shorter list", { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }] }, ["a[1]"]],
  ["an object in a list", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, ["a[0].b"]],
  [
    "a key that is no word",
    { tags: { "cost.centre": "1" } },
    { tags: { "cost.centre": "2" } },
    ['tags["cost.centre"]'],
  ],
  ["another kind of value", { a: [1] }, { a: { 0: 1 } }, ["a"]],
])("%s", (_, before, after, expected) => expect(differences(before, after)).toEqual(expected));

test("what came, went and changed is told apart", () => {
  expect(changesBetween({ a: 1, b: 1, c: [1] }, { a: 2, c: [1, 2] })).toEqual([
    { path: "a", kind: "update" },
    { path: "b", kind: "delete" },
    { path: "c[1]", kind: "add" },
  ]);
});

test.each([
  ["location", ["location"], true],
  ["properties.sku.name", ["properties.sku"], true],
  ["dataFlows[0].streams", ["dataFlows"], true],
  ["locations", ["location"], false],
  ["anything", ["*"], true],
  ["anything", [], false],
])("whether %s is below %j: %s", (path, parents, expected) => expect(isBelow(path, parents)).toBe(expected));
