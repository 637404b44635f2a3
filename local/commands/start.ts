import { DataFolder } from "./data-folder.ts";
import { interruption } from "./interruption.ts";
import { parseStartOptions } from "./start/options.ts";
import { runCommand } from "./user-error.ts";

/** `npm start`. What it takes is loaded when the folder is held: nobody waits for it who mistyped an option, or started it already. */
async function start(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2), process.env);
  const interrupted = interruption(
    "Stopping: running collections are brought to a safe point. Once more to stop at once.",
  );
  using folder = DataFolder.hold(options.data);
  const { deployAndCollect } = await import("./start/deploy-and-collect.ts");
  return await deployAndCollect(options, folder, interrupted);
}

await runCommand(start);
process.exit();
