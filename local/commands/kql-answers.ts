import { readFileSync } from "node:fs";
import { Command } from "commander";
import { checkAnswers, type RecordedAnswer } from "../kql/answers.ts";

/** `npm run kql:answers -- FILE [--json]`: runs queries whose answers by a real Kusto engine are recorded, and compares. */
const command = new Command("kql:answers")
  .description("Compare the local KQL engine with recorded answers of a real one.")
  .argument("<file>", "JSON lines, each { kql, columns, rows }")
  .option("--json", "print the result as one JSON document")
  .parse();

const [file = ""] = command.args;
const { json } = command.opts<{ json?: true }>();
const answers = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => JSON.parse(line) as RecordedAnswer);

const result = await checkAnswers(answers);
if (json) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  for (const { kql, expected, got } of result.differences) {
    process.stdout.write(`${kql}\n  expected  ${expected}\n  got       ${got}\n\n`);
  }
  for (const [reason, count] of Object.entries(result.refusals)) process.stdout.write(`refused ${count}: ${reason}\n`);
  const { total, equal, refused, different } = result;
  process.stdout.write(`${total} queries: ${equal} equal, ${refused} refused, ${different} different\n`);
}
process.exitCode = result.different === 0 ? 0 : 1;
