import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { Command } from "commander";
import { operatorAccess } from "./azure.ts";
import { type Deployment, localDeployment, stackDeployment } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";
import { type ProbeResult, probe } from "./probe.ts";
import { renderProbe, renderStandings } from "./render.ts";
import { isWell, readStandings } from "./status.ts";

interface Options {
  readonly stack?: string;
  readonly data: string;
  readonly json?: true;
}

/** Set in the child that runs inside the environment of a local Azure. */
const insideVariable = "CONNECTOR_DEPLOYMENT";

/** Finds the deployment; undefined where a child of this process has done the work, with its exit code taken over. */
async function findDeployment({ stack, data }: Options): Promise<Deployment | undefined> {
  const inside = process.env[insideVariable];
  if (inside) return JSON.parse(inside) as Deployment;
  if (stack) return stackDeployment(stack);
  const { deployment, environment } = localDeployment(resolve(process.env["INIT_CWD"] ?? process.cwd(), data));
  // The redirect to the local Azure has to be there before anything else is loaded: so the work is done in a child.
  const child = fork(import.meta.filename, process.argv.slice(2), {
    env: { ...environment, [insideVariable]: JSON.stringify(deployment) },
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
  return undefined;
}

async function status(options: Options): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const standings = await readStandings(deployment, operatorAccess(deployment));
  console.log(options.json ? JSON.stringify(standings, null, 2) : renderStandings(standings));
  process.exitCode = standings.every(isWell) ? 0 : 1;
}

async function probeAll(options: Options): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const results: ProbeResult[] = [];
  for await (const result of probe(deployment, operatorAccess(deployment))) {
    results.push(result);
    if (!options.json) console.log(renderProbe(result));
  }
  if (options.json) console.log(JSON.stringify(results, null, 2));
  process.exitCode = results.every(({ status }) => status === "ok" || status === "empty") ? 0 : 1;
}

const program = new Command("npm run connector --").description(
  "Looks after a deployed connector, with your own identity.",
);
const commands = [
  ["status", "watermark, lag, last run and last error of every stream; exit code 1 if one needs attention", status],
  [
    "probe",
    "asks every feed once with its own token: may it be read, what does a record look like, when does the token end",
    probeAll,
  ],
] as const;
for (const [name, description, action] of commands) {
  program
    .command(name)
    .description(description)
    .option("--stack <name>", "a stack that was deployed with the Pulumi CLI")
    .option("--data <dir>", "a running local Azure, by its data folder", ".local")
    .option("--json", "as JSON")
    .action(action);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
