import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Azurite, startAzurite } from "./azurite.ts";
import type { AzuriteMessage } from "./azurite-process.ts";

/** The storage process of `npm start`: `azurite-child.ts <folder>`, forked by `azurite-process.ts`. */
const folder = process.argv[2] ?? "";
const claim = join(folder, "process");
/** Longest wait for an earlier process that is still saving, in milliseconds. */
const patience = 15_000;

// Ctrl-C reaches the whole process group; the parent decides when storage ends, and is gone by then at the latest.
process.on("SIGINT", () => {});
const told = new Promise<void>((resolve) => {
  process.once("disconnect", resolve);
  process.once("SIGTERM", resolve);
});

let azurite: Azurite | undefined;
let toldFault: string | undefined;
try {
  await claimFolder();
  azurite = await startAzurite(folder);
  tell({ ports: azurite.ports });
} catch (error) {
  tell({ error: (error as Error).message });
}
if (azurite) {
  const watch = setInterval(tellFault, 500, azurite);
  await told;
  clearInterval(watch);
  // What stands in the way of saving is known as the fault, with its reason.
  await azurite.close().catch(() => {});
  rmSync(claim, { force: true });
}
const fault = azurite?.fault();
if (fault !== undefined) console.error(`The storage service could not save its last changes to ${folder}: ${fault}`);
process.exit(fault === undefined ? 0 : 1);

function tell(message: AzuriteMessage): void {
  // A parent that is gone already has closed the channel: then there is nobody to tell.
  if (process.connected) process.send?.(message, () => {});
}

function tellFault(running: Azurite): void {
  const fault = running.fault();
  if (fault === toldFault) return;
  toldFault = fault;
  tell({ fault: fault ?? null });
}

/** Waits until the process that served this folder before has saved it, then takes the folder over. */
async function claimFolder(): Promise<void> {
  const deadline = Date.now() + patience;
  for (let holder = currentHolder(); holder !== undefined; holder = currentHolder()) {
    if (Date.now() > deadline)
      throw new Error(`process ${holder} still serves this folder. End it, or use another data folder.`);
    await sleep(50);
  }
  writeFileSync(claim, String(process.pid));
}

function currentHolder(): number | undefined {
  try {
    const pid = Number(readFileSync(claim, "utf8"));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
