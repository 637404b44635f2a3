import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { runCommand } from "../../local/commands/user-error.ts";
import { benchConsoles, type ConsolesOptions } from "./consoles.ts";
import type { FleetOptions } from "./fleet.ts";
import type { KqlBenchOptions } from "./kql.ts";
import { benchLocal, type LocalOptions } from "./local.ts";
import { benchMemory, type MemoryOptions } from "./memory.ts";
import type { PreviewOptions } from "./preview.ts";
import type { RulesBenchOptions } from "./rules.ts";
import { benchStart, type StartOptions } from "./start.ts";
import { benchWorker, type OneWorkerOptions, runOneWorker, type WorkerBenchOptions } from "./worker.ts";

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Give a whole number above 0.");
  return value;
}

function time(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError("Give a time in ISO 8601, e.g. 2026-11-20T12:00:00Z.");
  return value;
}

const command = new Command("npm run bench --").description("Measures the connector; one question a sub-command.");

command
  .command("worker")
  .description("processor time and speed of the deployed bundle beside the limit; with --console, of one collection")
  .option("--rows <n>", "activities to collect", count, 100_000)
  .option("--times <n>", "how often, the sides in turn", count, 3)
  .option("--console <url>", "collect from this console only, with the token in SENTINELONE_API_TOKEN; figures as JSON")
  .option("--sink <url>", "with --console: deliver there, to a server with a certificate of the authority in DIR/ca")
  .option("--data <dir>", "with --sink: the data folder of the local Azure", (dir) => resolve(dir), resolve(".local"))
  .option("--stream <name>", "with --console: the SentinelOne stream", "activities")
  .option("--since <duration>", "with --console: how far back, e.g. 24h", "24h")
  .option("--from <time>", "with --console and --to: only from then on", time)
  .option("--to <time>", "with --console and --from: only up to then", time)
  .option("--cpu-prof <dir>", "with --console: leave the worker's profile there", (dir) => resolve(dir))
  .option("--json", "the findings as JSON")
  .action((options: WorkerBenchOptions & Partial<OneWorkerOptions>) =>
    runCommand(() =>
      options.console === undefined ? benchWorker(options) : runOneWorker(options as OneWorkerOptions),
    ),
  );

command
  .command("memory")
  .description("peak memory of the worker for many rows, and for a tenth of them")
  .option("--rows <n>", "activities to collect", count, 1_000_000)
  .option("--json", "the findings as JSON")
  .action((options: MemoryOptions) => runCommand(() => benchMemory(options)));

command
  .command("start")
  .description("size of the bundle, and how long it takes to load and to register its triggers")
  .option("--times <n>", "how often, the sides in turn", count, 15)
  .option("--json", "the findings as JSON")
  .action((options: StartOptions) => runCommand(() => benchStart(options)));

command
  .command("consoles")
  .description(
    "how far many consoles lag behind, one of them dead, and whether they are asked too often, on a simulated clock",
  )
  .option("--consoles <n>", "of fifteen streams each", count, 50)
  .option("--minutes <n>", "of simulated time", count, 120)
  .option("--instances <n>", "that the platform may start, as the setting maximumInstances", count, 40)
  .option("--json", "the findings as JSON")
  .action((options: ConsolesOptions) => runCommand(() => benchConsoles(options)));

command
  .command("fleet")
  .description("bytes that a day of a fleet takes, beside the codeless connector's, and whether a state is lost")
  .option("--agents <n>", "machines", count, 500)
  .option("--updates <n>", "times a day that a machine's updatedAt moves", count, 40)
  .option("--json", "the findings as JSON")
  .action((options: FleetOptions) =>
    runCommand(async () => {
      const { benchFleet } = await import("./fleet.ts");
      return await benchFleet(options);
    }),
  );

command
  .command("local")
  .description("seconds of `npm start -- --once` in a new folder, to the first row in a table and to its end")
  .option("--json", "the findings as JSON")
  .action((options: LocalOptions) => runCommand(() => benchLocal(options)));

command
  .command("preview")
  .description("a preview of the whole connector beside that of one resource group, by the Pulumi CLI or its double")
  .option("--times <n>", "how often, the sides in turn", count, 3)
  .option("--json", "the findings as JSON")
  .action((options: PreviewOptions) =>
    runCommand(async () => {
      const { benchPreview } = await import("./preview.ts");
      return await benchPreview(options);
    }),
  );

command
  .command("kql")
  .description("queries in KQL beside the same questions in SQL by hand")
  .option("--rows <n>", "rows of a table", count, 1_000_000)
  .option("--rounds <n>", "how often, the sides in turn", count, 5)
  .option("--json", "the figures as JSON")
  .action((options: KqlBenchOptions) =>
    runCommand(async () => {
      const { kql } = await import("./kql.ts");
      return await kql(options);
    }),
  );

command
  .command("rules")
  .description("run time of every detection")
  .option("--rows <n>", "activities; a tenth of that in each other table", count, 1_000_000)
  .option("--json", "the figures as JSON")
  .action((options: RulesBenchOptions) =>
    runCommand(async () => {
      const { benchRules } = await import("./rules.ts");
      return await benchRules(options);
    }),
  );

await command.parseAsync();
