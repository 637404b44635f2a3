import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notebook } from "../../components/notebook.ts";
import { readWorkbooks } from "../../kql/catalog-workbooks.ts";
import { type RenderedTile, renderNotebook } from "../../local/azure/portal/notebook.ts";
import { simulatedWorkspace } from "../fixtures/simulated-workspace.ts";
import type { TestWorkspace } from "./functions/test-workspace.ts";

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await simulatedWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** What a visualization can draw, by the types of its columns. */
const drawable: Readonly<Record<string, RegExp>> = {
  tiles: /^Measure:string Value:(long|int|real)$/,
  table: /./,
  piechart: /^\w+:string \w+:(long|int|real)$/,
  categoricalbar: /^\w+:string \w+:(long|int|real)$/,
  barchart: /^\w+:datetime \w+:string \w+:(long|int|real)$/,
  timechart: /^\w+:datetime( \w+:string \w+:(long|int|real)|( \w+:(long|int|real))+)$/,
};

describe.each(readWorkbooks().map((workbook) => [workbook.id, workbook] as const))("workbook %s", (_, workbook) => {
  let tiles: readonly RenderedTile[];
  beforeAll(async () => {
    tiles = await renderNotebook(notebook(workbook, "1.0.0"), (query) => workspace.answer(query));
  });

  test("shows rows in every tile", () => {
    expect(tiles.filter(({ rows }) => rows.length === 0).map(({ name }) => name)).toEqual([]);
  });

  test("draws each tile from the columns that its visualization needs", () => {
    const drawn = tiles.map(({ name, visualization, columns }) => ({
      name,
      visualization,
      columns: columns.map((column) => `${column.name}:${column.type}`).join(" "),
    }));
    const wrong = drawn.filter(({ visualization, columns }) => !drawable[visualization]?.test(columns));
    expect(wrong).toEqual([]);
  });

  test("colours, and takes selections from, columns that are there", () => {
    const columns = new Map(tiles.map((tile) => [tile.name, tile.columns.map(({ name }) => name)]));
    const spoken = workbook.sections
      .flatMap((section) => section.tiles)
      .flatMap(({ tile, colours = {}, selects }) =>
        [...Object.keys(colours), ...(selects ? [selects.column] : [])].map((column) => ({ tile, column })),
      );
    expect(spoken.filter(({ tile, column }) => !columns.get(tile)?.includes(column))).toEqual([]);
  });

  test("offers something to choose in every filter", async () => {
    const { items } = JSON.parse(notebook(workbook, "1.0.0")) as {
      items: { content: { parameters?: { name: string; query?: string }[] } }[];
    };
    const choices = items.flatMap(({ content }) => content.parameters ?? []).filter(({ query }) => query !== undefined);
    for (const { name, query = "" } of choices) {
      const { rows } = await workspace.answer(query);
      expect({ name, choices: rows.length }).not.toEqual({ name, choices: 0 });
    }
  });
});
