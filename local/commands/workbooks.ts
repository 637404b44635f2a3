import { resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { renderNotebook } from "../azure/portal/notebook.ts";
import { createResourceState } from "../azure/resource-manager/state.ts";
import { openWorkspace } from "./ask-workspace.ts";
import { formatAnswer, type OutputFormat, outputFormats } from "./output-format.ts";
import { runCommand, UserError } from "./user-error.ts";

/** A deployed workbook. */
interface Deployed {
  readonly displayName: string;
  readonly serializedData: string;
}

/** `npm run workbooks`: the deployed workbooks, opened over the local workspace, with the number of rows that each tile shows. */
async function workbooks(title: string | undefined, options: { data: string; format: OutputFormat }): Promise<number> {
  const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), options.data);
  await using workspace = await openWorkspace(folder);
  const rows: unknown[][] = [];
  for (const { displayName, serializedData } of deployedIn(folder, title)) {
    const tiles = await renderNotebook(serializedData, workspace.ask).catch((error: Error) => {
      throw new UserError(`Workbook ${displayName}: ${error.message}`);
    });
    rows.push(...tiles.map((tile) => [displayName, tile.section, tile.title, tile.visualization, tile.rows.length]));
  }
  console.log(formatAnswer({ columns, rows }, options.format));
  return 0;
}

const columns = [
  ...["Workbook", "Section", "Tile", "Shows"].map((name) => ({ name, type: "string" })),
  { name: "Rows", type: "long" },
];

function deployedIn(folder: string, title: string | undefined): readonly Deployed[] {
  const all = createResourceState(folder)
    .list("azure-native:applicationinsights:Workbook")
    .map(({ inputs }) => inputs as unknown as Deployed)
    .sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
  const chosen = all.filter(({ displayName }) => title === undefined || displayName === title);
  if (chosen.length > 0) return chosen;
  const there = all.map(({ displayName }) => displayName).join(", ");
  throw new UserError(
    `There is no workbook ${title === undefined ? "" : `"${title}" `}in ${folder}. There are: ${there}.`,
  );
}

const command = new Command("npm run workbooks --")
  .description("Opens the deployed workbooks over the local workspace, and tells how many rows each tile shows.")
  .addArgument(new Argument("[title]", "only this one, e.g. 'Valence: overview'"))
  .option("--data <dir>", "where the local Azure keeps its state", ".local")
  .addOption(new Option("--format <format>", "form of the answer").choices(outputFormats).default("table"))
  .showHelpAfterError()
  .parse();

await runCommand(() => workbooks(command.args[0], command.opts()));
process.exit();
