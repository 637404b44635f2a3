import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { Command } from "commander";
import { digestOf, renderChanges } from "./promotion/approval.ts";
import { readKnownDrift, unknownDrift } from "./promotion/known-drift.ts";
import { DigestError, readChanges } from "./promotion/preview-digest.ts";

interface ChangesOptions {
  readonly expect?: string;
  readonly markdown?: true;
  readonly outputs?: string;
}

/** Shows what a preview would do; with `--expect`, exit code 1 if that is not what was approved. */
function changes(file: string, { expect, markdown, outputs }: ChangesOptions): void {
  const found = readChanges(file);
  const digest = digestOf(found);
  const text = renderChanges(found, digest);
  if (outputs !== undefined)
    writeOutputs(outputs, { digest, markdown: text, "is-expected": String(expect === digest) });
  if (markdown) process.stdout.write(text);
  if (expect === undefined || expect === digest) return;
  console.error(
    `What would run now (${digest.slice(0, 12)}) is not what was approved (${expect.slice(0, 12)}), so nothing was changed.\n` +
      "The stack, its settings or the code changed in between. Preview again, and have that approved.\n",
  );
  console.error(text);
  process.exitCode = 1;
}

/** Shows what a refresh found; exit code 1 if there is more than known noise. */
function drift(file: string, { known }: { readonly known: string }): void {
  const found = unknownDrift(readChanges(file), readKnownDrift(known));
  process.stdout.write(found.length === 0 ? "No drift.\n" : renderChanges(found, digestOf(found)));
  process.exitCode = found.length === 0 ? 0 : 1;
}

/** The form in which GitHub Actions takes outputs of several lines. */
function writeOutputs(file: string, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const end = `end-${randomUUID()}`;
    appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
  }
}

const program = new Command("npm run promotion --").description("Reads what the Pulumi CLI would do, for CI.");
program
  .command("changes <preview.json>")
  .description("what `pulumi preview --json` would change, and its digest")
  .option("--expect <digest>", "the digest that was approved; exit code 1 if it is another")
  .option("--markdown", "a table on stdout")
  .option("--outputs <file>", "append digest, markdown and is-expected as outputs of a GitHub Actions step")
  .action(changes);
program
  .command("drift <refresh.json>")
  .description("what `pulumi refresh --preview-only --json` found; exit code 1 if there is anything that is not known")
  .requiredOption("--known <file>", "JSON list of { type, property, because }")
  .action(drift);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof DigestError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
