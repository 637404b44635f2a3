import { expect, test } from "vitest";
import { notebook } from "../../components/notebook.ts";
import type { Tile, Workbook } from "../../kql/catalog-workbooks.ts";

const tile = (changes: Partial<Tile>): Tile => ({
  tile: "owls",
  title: "Owls",
  shows: "table",
  width: 50,
  query: "OwlSightings_CL",
  ...changes,
});
const workbook = (...tiles: readonly Tile[]): Workbook => ({
  vendor: "valence",
  name: "owls",
  id: "valence-owls",
  displayName: "Owls",
  description: "Owls seen at night.",
  days: 7,
  filters: [{ name: "Wood", column: "Wood", from: "OwlSightings_CL" }],
  sections: [{ title: "Tonight", tiles }],
});
interface Item {
  readonly type: number;
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- Azure's own shape, read by name
  readonly content: any;
}
const itemsOf = (text: string): readonly Item[] => (JSON.parse(text) as { items: Item[] }).items;

test("the same workbook is the same text, and shows the version of its content", () => {
  const text = notebook(workbook(tile({})), "1.2.3");
  expect(notebook(workbook(tile({})), "1.2.3")).toBe(text);
  expect(itemsOf(text)[0]?.content.json).toContain("version 1.2.3");
  expect(itemsOf(text).map(({ type, name }) => `${type} ${name}`)).toEqual([
    "1 about",
    "9 parameters",
    "1 section Tonight",
    "3 owls",
  ]);
});

test("a filter lets choose among values, and all of them is a star", () => {
  const [, parameters] = itemsOf(notebook(workbook(tile({})), "1"));
  expect(parameters?.content.parameters).toMatchObject([
    { name: "TimeRange", type: 4, value: { durationMs: 7 * 86_400_000 } },
    {
      name: "Wood",
      type: 2,
      multiSelect: true,
      quote: "'",
      value: ["value::all"],
      typeSettings: { selectAllValue: "*" },
      query: "OwlSightings_CL\n| where isnotempty(Wood)\n| distinct Wood\n| order by Wood asc",
    },
  ]);
});

test("a colour is a threshold: a value, or a number above or below", () => {
  const text = notebook(workbook(tile({ colours: { Hoots: { "> 9": "red", none: "gray", default: "green" } } })), "1");
  expect(itemsOf(text)[3]?.content.gridSettings.formatters).toEqual([
    {
      columnMatch: "Hoots",
      formatter: 18,
      formatOptions: {
        thresholdsOptions: "colors",
        thresholdsGrid: [
          { operator: ">", thresholdValue: "9", representation: "red", text: "{0}{1}" },
          { operator: "==", thresholdValue: "none", representation: "gray", text: "{0}{1}" },
          { operator: "Default", representation: "green", text: "{0}{1}" },
        ],
      },
    },
  ]);
});

test("a click on a row sets a parameter, and shows the tiles that wait for it", () => {
  const text = notebook(
    workbook(
      tile({ selects: { parameter: "Owl", column: "OwlId" } }),
      tile({ tile: "owl", query: "OwlSightings_CL | where OwlId == '{Owl}'", shownFor: "Owl" }),
    ),
    "1",
  );
  expect(itemsOf(text).slice(3)).toMatchObject([
    { content: { exportedParameters: [{ fieldName: "OwlId", parameterName: "Owl", parameterType: 1 }] } },
    { name: "owl", conditionalVisibility: { parameterName: "Owl", comparison: "isNotEqualTo" } },
  ]);
});
