import { resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { formatAnswer, type OutputFormat, outputFormats } from "./output-format.ts";
import { runCommand } from "./user-error.ts";
import { workbookReport } from "./workbook-report.ts";

/** `npm run workbooks`: the deployed workbooks, opened over the local workspace, with the number of rows that each tile shows. */
async function workbooks(title: string | undefined, options: { data: string; format: OutputFormat }): Promise<number> {
  const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), options.data);
  console.log(formatAnswer(await workbookReport(folder, title), options.format));
  return 0;
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
