import { Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../duration.ts";
import { messageFor } from "./operator-error.ts";
import { findTarget, type TargetOptions } from "./target.ts";

type Commands = typeof import("./commands.ts");

/** Finds what is meant, then does it. What it takes is loaded then: a process that only starts another one needs nothing of it. */
const act =
  (name: keyof Commands) =>
  async (options: TargetOptions & Parameters<Commands[typeof name]>[1]): Promise<void> => {
    const target = await findTarget(options);
    if (!target) return;
    const commands = await import("./commands.ts");
    await commands[name](target, options as never);
  };

/** Milliseconds. */
function waitTime(text: string): number {
  const hours = parseDuration(text);
  if (hours === undefined) throw new InvalidArgumentError("Give a duration: 90m, 1h.");
  return hours * 3600_000;
}

const program = new Command("npm run connector --").description(
  "Looks after a deployed connector, with your own identity.",
);

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--stack <name>", "a stack that was deployed with the Pulumi CLI")
    .option("--data <dir>", "a running local Azure, by its data folder", ".local")
    .option("--json", "as JSON");
}

function windowCommand(kind: "backfill" | "replay", description: string): void {
  command(kind, description)
    .requiredOption("--connection <name>", "whose stream")
    .requiredOption("--stream <stream>", "<vendor>/<stream>, e.g. sentinelone/activities")
    .requiredOption("--from <time>", "UTC, inclusive: 2026-03-18, or 2026-03-18T14:00:00Z")
    .requiredOption("--to <time>", "UTC, exclusive")
    .option("--allow-duplicates", "also where it cannot be seen in the table what is stored already", false)
    .option("--taken-over", "rows without a Connection, of Microsoft's codeless connector, count as delivered", false)
    .option("--detach", "only ask, and do not wait for the end")
    .action(act(kind));
}

command("status", "where every stream stands; exit code 1 if one needs attention").action(act("status"));
command(
  "probe",
  "asks every feed once with its own token: whose is it and how far does it reach, may it read the feed, what does a record look like",
).action(act("probeFeeds"));
command(
  "smoke",
  "asks the workspace whether the deployed code has collected every stream, and whether its rows can be queried; exit code 1 if not",
)
  .option("--wait <duration>", "ask again until then: Azure needs up to half an hour for new roles", waitTime, 0)
  .action(act("smokeCheck"));
command(
  "doctor",
  "tries each path that you and the worker's data take, from where you are; exit code 1 if one is not open",
).action(act("examinePaths"));
command(
  "selftest",
  "asks Azure itself what no document settles: values on their way through a transform, functions that are renewed, Node on the plan",
).action(act("testAzure"));
command(
  "drift",
  "compares what runs with what the stack deployed where `pulumi refresh` sees nothing: app settings, code, roles, rules, columns; exit code 1 if they differ",
).action(act("compareWithStack"));
windowCommand("backfill", "reads a stretch of a stream's past that was never delivered, beside live collection");
windowCommand("replay", "reads a stretch again and sends what Azure acknowledged and did not store");

command("cancel", "takes back the windows of a stream that are not read to their ends; what was read of them stays")
  .requiredOption("--connection <name>", "whose stream")
  .requiredOption("--stream <stream>", "<vendor>/<stream>")
  .action(act("cancel"));

try {
  await program.parseAsync();
} catch (error) {
  const message = messageFor(error);
  if (message === undefined) throw error;
  console.error(message);
  process.exitCode = 1;
}
