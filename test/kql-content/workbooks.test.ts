import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";
import { readFunctions } from "../../kql/catalog-functions.ts";
import { readWorkbooks, tilesOf } from "../../kql/catalog-workbooks.ts";

const tile = { tile: "owls", title: "Owls", shows: "table" };
const valid = {
  displayName: "Owls",
  description: "Owls seen at night.",
  days: 7,
  filters: [{ name: "Wood", column: "Wood", from: "OwlSightings_CL" }],
  sections: [{ title: "Tonight", tiles: [tile] }],
};
const query = "OwlSightings_CL | where TimeGenerated {TimeRange} and ('*' in ({Wood}) or Wood in ({Wood}))";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workbooks-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(workbook: object, queries: Readonly<Record<string, string>> = { owls: query }, name = "owls") {
  const folder = join(root, "valence", "workbooks", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "workbook.json"), JSON.stringify(workbook));
  for (const [tile, kql] of Object.entries(queries)) writeFileSync(join(folder, `${tile}.kql`), kql);
}
const withTile = (changes: object) => ({
  ...valid,
  sections: [{ title: "Tonight", tiles: [{ ...tile, ...changes }] }],
});

test("a workbook is what its folder says", () => {
  write(valid, { owls: `// by night\n${query}\n` });
  expect(readWorkbooks(root)).toEqual([
    {
      ...valid,
      vendor: "valence",
      name: "owls",
      id: "valence-owls",
      sections: [{ title: "Tonight", tiles: [{ ...tile, width: 100, query }] }],
    },
  ]);
});

test.each<readonly [string, object, Readonly<Record<string, string>>, string]>([
  ["a tile without query", valid, {}, "owls.kql"],
  ["a query without tile", valid, { owls: query, bats: query }, "no tile shows bats.kql"],
  ["an unknown visualization", withTile({ shows: "hologram" }), { owls: query }, "sections[0].tiles[0].shows"],
  ["a parameter that nobody sets", valid, { owls: `${query} {Moon}` }, "owls speaks of {Moon}"],
  ["a detail of a selection that nobody makes", withTile({ shownFor: "Owl" }), { owls: query }, "owls speaks of {Owl}"],
  [
    "a filter that no tile heeds",
    valid,
    { owls: "OwlSightings_CL | where TimeGenerated {TimeRange}" },
    "parameter Wood",
  ],
  ["a time that no tile heeds", valid, { owls: "OwlSightings_CL | where Wood in ({Wood})" }, "parameter TimeRange"],
  ["a colour that Azure lacks", withTile({ colours: { Wood: { "< 3": "puce" } } }), { owls: query }, "colours.Wood"],
])("%s is refused", (_, workbook, queries, problem) => {
  write(workbook, queries);
  expect(() => readWorkbooks(root)).toThrow(problem);
});

test("two workbooks of one name are refused: Azure takes only one", () => {
  write(valid);
  write(valid, { owls: query }, "more-owls");
  expect(() => readWorkbooks(root)).toThrow('"Owls" is there twice');
});

describe("our workbooks", () => {
  const tiles = readWorkbooks().flatMap((workbook) =>
    tilesOf(workbook).map((tile) => ({ place: `${workbook.id}/${tile.tile}`, ...tile })),
  );

  test("are the eight that people look at", () => {
    expect(readWorkbooks().map(({ id }) => id)).toEqual([
      "sentinelone-fleet",
      "sentinelone-overview",
      "sentinelone-policies",
      "sentinelone-threats",
      "valence-alerts",
      "valence-audit",
      "valence-overview",
      "health-connector",
    ]);
  });

  test("call nothing that somebody else's content may define too, or that a stack may leave out", () => {
    const optional = readFunctions(readCatalog())
      .filter(({ alias, deployed, asim }) => alias === "SentinelOne" || deployed !== "always" || asim !== undefined)
      .map(({ alias }) => alias);
    const calls = new RegExp(
      String.raw`(^|[(|\s])(${["ASim\\w+", "_?[Ii]m_\\w+", ...optional].join("|")})\b(?!\.)`,
      "m",
    );
    expect(tiles.filter(({ query }) => calls.test(query)).map(({ place }) => place)).toEqual([]);
  });

  test("look at one console where one is chosen, in every tile but the history of a threat", () => {
    expect(tiles.filter(({ query }) => !query.includes("{Connection}")).map(({ place }) => place)).toEqual([
      "sentinelone-threats/history",
    ]);
  });
});
