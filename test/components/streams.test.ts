import { expect, test } from "vitest";
import { streamColumnType, tableColumnType } from "../../components/column-types.ts";
import { groupByRule } from "../../components/streams.ts";
import { columnTypes, readCatalog, type Stream } from "../../kql/catalog.ts";

/** Microsoft's published schemas of the two APIs. */
const tableTypes = ["string", "int", "long", "real", "boolean", "dateTime", "guid", "dynamic"];
const streamTypes = ["string", "int", "long", "real", "boolean", "datetime", "dynamic"];

test.each(columnTypes)("type %s is spelt as each API wants it", (type) => {
  expect(tableTypes).toContain(tableColumnType(type));
  expect(streamTypes).toContain(streamColumnType(type));
});

const [sample] = readCatalog();
if (!sample) throw new Error("The catalog is empty.");
const stream = (name: string, rule = "events"): Stream => ({
  ...sample,
  vendor: "sentinelone",
  name,
  id: `sentinelone-${name}`,
  rule,
});
const plan = (streams: readonly Stream[]) =>
  Object.fromEntries([...groupByRule(streams)].map(([key, members]) => [key, members.map(({ name }) => name)]));

test("the catalog's streams fit into their rules", () => {
  for (const members of groupByRule(readCatalog()).values()) expect(members.length).toBeLessThanOrEqual(8);
});

test("a new stream moves no other, wherever its name sorts", () => {
  const streams = ["b", "d", "f"].map((name) => stream(name));
  for (const name of ["a", "c", "g"]) {
    const grown = plan([...streams, stream(name)]);
    expect(grown["sentinelone-events"]?.filter((member) => member !== name)).toEqual(["b", "d", "f"]);
  }
  expect(plan([...streams, stream("c", "inventory")])).toEqual({
    "sentinelone-events": ["b", "d", "f"],
    "sentinelone-inventory": ["c"],
  });
});

test("rules of the same name belong to one vendor each", () => {
  expect(Object.keys(plan([stream("a"), { ...stream("b"), vendor: "valence" }]))).toEqual([
    "sentinelone-events",
    "valence-events",
  ]);
});

test("a ninth stream in a rule is refused, with the way out", () => {
  const nine = Array.from({ length: 9 }, (_, index) => stream(`s${index}`));
  expect(() => groupByRule(nine)).toThrow(/"sentinelone-events" carries 9 streams.*8 is the most.*stream\.json/);
});
