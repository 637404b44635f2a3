import { expect, test } from "vitest";
import { byDependency } from "../../../../local/azure/evaluator/order.ts";

const items = (graph: Record<string, string[]>) =>
  Object.entries(graph).map(([urn, dependencies]) => ({ urn, dependencies }));

test.each([
  ["a chain in any order", { c: ["b"], b: ["a"], a: [] }, ["a", "b", "c"]],
  ["a diamond", { d: ["b", "c"], c: ["a"], b: ["a"], a: [] }, ["a", "b", "c", "d"]],
  ["dependencies on what is not among the items", { b: ["x", "a"], a: ["y"] }, ["a", "b"]],
])("%s", (_, graph, expected) => expect(byDependency(items(graph)).map(({ urn }) => urn)).toEqual(expected));
