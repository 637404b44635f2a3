import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { servePlugins } from "../azure/engine/plugins.ts";
import { type AzureEnvironment, azureEnvironments } from "../azure/environments.ts";
import { OtherCloud, startLocalAzure } from "../azure/local-azure.ts";
import { DataFolder } from "./data-folder.ts";
import { aborted, interruption } from "./interruption.ts";
import { deployedOutputs } from "./local-azure/deployed-outputs.ts";
import { environmentBlock } from "./local-azure/environment-block.ts";
import { startStackSimulators } from "./local-azure/stack-simulators.ts";
import { refuseOtherEngine } from "./other-engine.ts";
import { runCommand, UserError } from "./user-error.ts";

interface Options {
  /** Folder that keeps its state, absolute. */
  readonly data: string;
  readonly environment?: AzureEnvironment["name"];
}

/** `npm run local:azure`: a local Azure for the real `pulumi`, until it is stopped. Resolves with the exit code. */
async function serveLocalAzure({ data, environment }: Options, interrupted: AbortSignal): Promise<number> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(DataFolder.hold(data));
  const simulators = await startStackSimulators(started);
  const azure = started.use(
    await startLocalAzure({
      dataDir: data,
      ...(environment && { environment }),
      onError: (message, error) => console.error(`${message}:`, error instanceof Error ? error.message : error),
    }).catch((error: unknown) => {
      throw error instanceof OtherCloud ? new UserError(error.message) : error;
    }),
  );
  refuseOtherEngine(azure.cloud.state, data, "pulumi");
  const plugins = started.use(await servePlugins(azure.cloud));
  azure.functions.release();

  const publish = () => {
    const outputs = deployedOutputs(azure.cloud, azure.functions);
    folder.publish({ environment: azure.operatorEnvironment, ...(outputs && { outputs }) });
  };
  started.defer(azure.cloud.state.onChange(publish));
  started.defer(azure.functions.onRun(publish));
  publish();

  const backend = join(data, "pulumi");
  mkdirSync(backend, { recursive: true });
  const block = environmentBlock({
    environment: azure.operatorEnvironment,
    debugProviders: plugins.debugProviders,
    backend,
  });
  const file = join(data, "pulumi.sh");
  // It holds the key to the operator's identity.
  writeFileSync(file, `${block}\n`, { mode: 0o600 });
  started.defer(() => rmSync(file, { force: true }));
  console.log(block);
  console.error(
    [
      "",
      `The local Azure runs, with ${simulators.map(({ name, url }) => `${name} at ${url}`).join(" and ")}. Ctrl-C ends it.`,
      "In another terminal: source the block above, which is also in a file, and deploy:",
      `  source ${file}`,
      "  pulumi stack select --create local && pulumi up",
    ].join("\n"),
  );
  await aborted(interrupted);
  return 0;
}

const { data, environment } = new Command("npm run local:azure --")
  .description("Runs a local Azure that the Pulumi CLI deploys into, and prints what a shell needs for that.")
  .option("--data <dir>", "where the local Azure keeps its state", ".local")
  .addOption(
    new Option(
      "--environment <name>",
      "the cloud it stands in for, as in azure-native:environment; a new folder's is public",
    ).choices(Object.keys(azureEnvironments)),
  )
  .allowExcessArguments(false)
  .showHelpAfterError()
  .parse()
  .opts<Options>();
const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), data);

await runCommand(() =>
  serveLocalAzure(
    { data: folder, ...(environment && { environment }) },
    interruption("Stopping. Once more to stop at once."),
  ),
);
process.exit();
