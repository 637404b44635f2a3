import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { notebook } from "../../components/notebook.ts";
import { readConnectorPage } from "../../kql/catalog-pages.ts";
import { readWorkbooks } from "../../kql/catalog-workbooks.ts";
import { type RenderedTile, renderNotebook } from "../../local/azure/portal/notebook.ts";
import { simulatedWorkspace } from "../fixtures/simulated-workspace.ts";
import { publishedColumns } from "./functions/published-columns.ts";
import { now, TestWorkspace } from "./functions/test-workspace.ts";

let workspace: TestWorkspace;
let empty: TestWorkspace;
beforeAll(async () => {
  workspace = await simulatedWorkspace();
  empty = await TestWorkspace.create();
});
afterEach(() => empty.empty());
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await empty[Symbol.asyncDispose]();
});

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

describe.each(["sentinelone", "valence"] as const)("the connector page of %s", (vendor) => {
  const page = readConnectorPage(vendor);

  test("says that the connector is connected for a day after something was collected", async () => {
    expect(await workspace.kql(page.connected)).toEqual([{ IsConnected: true }]);
    expect(await empty.kql(page.connected)).toEqual([{ IsConnected: false }]);
    await empty.upload("health-runs", [{ TimeGenerated: ago(25), Connection: "c", Vendor: vendor, Status: "ok" }]);
    expect(await empty.kql(page.connected)).toEqual([{ IsConnected: false }]);
  });

  test("asks questions that have answers", async () => {
    const answers = await Promise.all(
      page.questions.map(async ({ question, query }) => ({ question, rows: (await workspace.kql(query)).length })),
    );
    expect(answers.filter(({ rows }) => rows === 0)).toEqual([]);
  });
});

test("pushed rows connect Valence, though nobody reports their health", async () => {
  const { connected } = readConnectorPage("valence");
  await empty.upload("valence-alerts", [{ vuid: "v-1", creationTimestamp: 1 }], new Date(ago(24)));
  expect(await empty.kql(connected)).toEqual([{ IsConnected: true }]);
});

const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();

test("fills every column of the published parser SentinelOne but the one that is a secret", async () => {
  const names = Object.keys(publishedColumns);
  const filled = names.map((name) => `${name} = countif(tostring(${name}) !in ("", "[]", "{}"))`);
  const [counts = {}] = await workspace.kql(`SentinelOne | summarize ${filled.join(", ")}`);
  expect(names.filter((name) => counts[name] === 0)).toEqual(["RegistrationToken"]);
});
