import { resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { KqlError } from "../kql/schema.ts";
import { openWorkspace } from "./ask-workspace.ts";
import { formatAnswer, type OutputFormat, outputFormats } from "./output-format.ts";
import { runCommand, UserError } from "./user-error.ts";

/** `npm run kql`: one query over the local workspace, through the running local Azure or else from its files. */
async function kql(query: string, { data, format }: { data: string; format: OutputFormat }): Promise<number> {
  const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), data);
  await using workspace = await openWorkspace(folder);
  try {
    console.log(formatAnswer(await workspace.ask(query), format));
    return 0;
  } catch (error) {
    if (error instanceof KqlError) throw new UserError(`${error.message}\n${marked(query, error)}`);
    throw error;
  }
}

/** The line of the query that is meant, with a caret below the place. */
function marked(query: string, { line, column }: KqlError): string {
  return `  ${query.split("\n")[line - 1] ?? ""}\n  ${" ".repeat(Math.max(0, column - 1))}^`;
}

const command = new Command("npm run kql --")
  .description("Queries the local workspace in KQL.")
  .addArgument(new Argument("<query>", "e.g. 'SentinelOneThreatsLatest | take 5'"))
  .option("--data <dir>", "where the local Azure keeps its state", ".local")
  .addOption(new Option("--format <format>", "form of the answer").choices(outputFormats).default("table"))
  .showHelpAfterError()
  .parse();

await runCommand(() => kql(command.args[0] ?? "", command.opts()));
process.exit();
