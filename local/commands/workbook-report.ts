import { renderNotebook } from "../azure/portal/notebook.ts";
import { createResourceState } from "../azure/resource-manager/state.ts";
import { openWorkspace } from "./ask-workspace.ts";
import type { Answer } from "./output-format.ts";
import { UserError } from "./user-error.ts";

/** A deployed workbook. */
interface Deployed {
  readonly displayName: string;
  readonly serializedData: string;
}

const columns = [
  ...["Workbook", "Section", "Tile", "Shows"].map((name) => ({ name, type: "string" })),
  { name: "Rows", type: "long" },
];

/** Opens the workbooks that are deployed in a data folder, or the one of this title: a row for each tile. */
export async function workbookReport(folder: string, title?: string): Promise<Answer> {
  await using workspace = await openWorkspace(folder);
  const rows: unknown[][] = [];
  for (const { displayName, serializedData } of deployedIn(folder, title)) {
    const tiles = await renderNotebook(serializedData, workspace.ask).catch((error: Error) => {
      throw new UserError(`Workbook ${displayName}: ${error.message}`);
    });
    rows.push(...tiles.map((tile) => [displayName, tile.section, tile.title, tile.visualization, tile.rows.length]));
  }
  return { columns, rows };
}

function deployedIn(folder: string, title: string | undefined): readonly Deployed[] {
  const all = createResourceState(folder)
    .list("azure-native:applicationinsights:Workbook")
    .map(({ inputs }) => inputs as unknown as Deployed)
    .sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
  const chosen = all.filter(({ displayName }) => title === undefined || displayName === title);
  if (chosen.length > 0) return chosen;
  const wanted = title === undefined ? "No workbook is deployed" : `No workbook "${title}" is deployed`;
  const there = all.map(({ displayName }) => `"${displayName}"`).join(", ") || "none";
  throw new UserError(`${wanted} in ${folder}. There are: ${there}.`);
}
