import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../duration.ts";
import { operatorAccess } from "./azure.ts";
import { type Deployment, localDeployment, stackDeployment } from "./deployment.ts";
import { doctor, type PathStanding } from "./doctor.ts";
import { findDrift } from "./drift.ts";
import { follow, lookAt } from "./follow.ts";
import { messageFor } from "./operator-error.ts";
import { type FeedProbe, probe } from "./probe.ts";
import {
  renderAnswer,
  renderDrift,
  renderPath,
  renderProbe,
  renderSmoke,
  renderStandings,
  renderWindow,
} from "./render.ts";
import { type SelfTestAnswer, selfTest } from "./selftest.ts";
import { hasPassed, smoke } from "./smoke.ts";
import { exportedResources, localResources, type StackResource } from "./stack-resources.ts";
import { isWell, readStandings } from "./status.ts";
import type { TokenStanding } from "./token.ts";
import { requestWindow, type WindowRequest } from "./windows.ts";

interface Options {
  readonly stack?: string;
  readonly data: string;
  readonly json?: true;
}

type WindowOptions = Options & WindowRequest & { readonly detach?: boolean };

/** Set in the child that runs inside the environment of a local Azure: the stack's outputs, and the data folder. */
const insideVariable = "CONNECTOR_DEPLOYMENT";
const folderVariable = "CONNECTOR_DATA";

/** Finds the deployment; undefined where a child of this process has done the work, with its exit code taken over. */
async function findDeployment({ stack, data }: Options): Promise<Deployment | undefined> {
  const inside = process.env[insideVariable];
  if (inside) return JSON.parse(inside) as Deployment;
  if (stack) return stackDeployment(stack);
  const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), data);
  const { deployment, environment } = localDeployment(folder);
  // The redirect to the local Azure has to be there before anything else is loaded: so the work is done in a child.
  const child = fork(import.meta.filename, process.argv.slice(2), {
    env: { ...environment, [insideVariable]: JSON.stringify(deployment), [folderVariable]: folder },
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
  const tokens: TokenStanding[] = [];
  const feeds: FeedProbe[] = [];
  for await (const result of probe(deployment, operatorAccess(deployment))) {
    if (result.kind === "token") tokens.push(result.token);
    else feeds.push(result.feed);
    if (!options.json) console.log(renderProbe(result));
  }
  if (options.json) console.log(JSON.stringify({ tokens, feeds }, null, 2));
  process.exitCode = feeds.every(({ status }) => status === "ok" || status === "empty") ? 0 : 1;
}

async function smokeCheck({ wait, ...options }: Options & { readonly wait: number }): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const results = await smoke(deployment, operatorAccess(deployment), wait, (now) =>
    console.error(`${now.filter(hasPassed).length} of ${now.length} streams have passed`),
  );
  console.log(options.json ? JSON.stringify(results, null, 2) : renderSmoke(results));
  process.exitCode = results.every(hasPassed) ? 0 : 1;
}

/** Milliseconds. */
function waitTime(text: string): number {
  const hours = parseDuration(text);
  if (hours === undefined) throw new InvalidArgumentError("Give a duration: 90m, 1h.");
  return hours * 3600_000;
}

async function compareWithStack(options: Options): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const { arm, credential } = operatorAccess(deployment);
  // With it comes the compiler, which no other command needs.
  const { readCode } = await import("../../components/publish-code.ts");
  const found = await findDrift(await findResources(options), {
    arm,
    readCode: (id, code) => readCode(id, code, { credential, now: Date.now, sleep }),
  });
  console.log(options.json ? JSON.stringify(found, null, 2) : renderDrift(found));
  process.exitCode = found.length === 0 ? 0 : 1;
}

/** What the stack deployed: as the CLI keeps it, or the data folder of a local Azure. */
function findResources({ stack }: Options): Promise<readonly StackResource[]> | readonly StackResource[] {
  return stack ? exportedResources(stack) : localResources(process.env[folderVariable] ?? "");
}

async function examine(options: Options): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const paths: PathStanding[] = [];
  for await (const path of doctor(deployment, operatorAccess(deployment))) {
    paths.push(path);
    if (!options.json) console.log(renderPath(path));
  }
  if (options.json) console.log(JSON.stringify(paths, null, 2));
  process.exitCode = paths.every(({ status }) => status === "open") ? 0 : 1;
}

async function testAzure(options: Options): Promise<void> {
  const deployment = await findDeployment(options);
  if (!deployment) return;
  const answers: SelfTestAnswer[] = [];
  const access = operatorAccess(deployment);
  const onWait = (seconds: number) =>
    console.error(`Waiting for the rows for ${seconds} s; a new table takes up to 20 minutes.`);
  for await (const answer of selfTest(deployment.workspaceResourceId, await findResources(options), access, onWait)) {
    answers.push(answer);
    if (!options.json) console.log(renderAnswer(answer));
  }
  if (options.json) console.log(JSON.stringify(answers, null, 2));
  process.exitCode = answers.every(({ good }) => good === true) ? 0 : 1;
}

const askFor =
  (kind: WindowRequest["kind"]) =>
  async ({ detach = false, ...options }: WindowOptions): Promise<void> => {
    const deployment = await findDeployment(options);
    if (!deployment) return;
    const access = operatorAccess(deployment);
    const tell = options.json ? () => {} : (line: string) => console.log(line);
    const window = await requestWindow(deployment, access, { ...options, kind }, (share, keys) =>
      tell(`${Math.floor(share * 100)} % of what is stored is known, ${keys.toLocaleString("en-US")} rows`),
    );
    const standing = await (detach ? lookAt(window, access) : follow(window, access, (now) => tell(renderWindow(now))));
    if (options.json) console.log(JSON.stringify(standing, null, 2));
    else if (detach)
      tell(`${renderWindow(standing)}\nThe worker reads it from its next run on; status shows how far it is.`);
  };

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

function windowCommand(kind: WindowRequest["kind"], description: string): void {
  command(kind, description)
    .requiredOption("--connection <name>", "whose stream")
    .requiredOption("--stream <stream>", "<vendor>/<stream>, e.g. sentinelone/activities")
    .requiredOption("--from <time>", "UTC, inclusive: 2026-03-18, or 2026-03-18T14:00:00Z")
    .requiredOption("--to <time>", "UTC, exclusive")
    .option("--allow-duplicates", "also where it cannot be seen in the table what is stored already", false)
    .option("--taken-over", "rows without a Connection, of Microsoft's codeless connector, count as delivered", false)
    .option("--detach", "only ask, and do not wait for the end")
    .action(askFor(kind));
}

command("status", "where every stream stands; exit code 1 if one needs attention").action(status);
command(
  "probe",
  "asks every feed once with its own token: whose is it and how far does it reach, may it read the feed, what does a record look like",
).action(probeAll);
command(
  "smoke",
  "asks the workspace whether the deployed code has collected every stream, and whether its rows can be queried; exit code 1 if not",
)
  .option("--wait <duration>", "ask again until then: Azure needs up to half an hour for new roles", waitTime, 0)
  .action(smokeCheck);
command(
  "doctor",
  "tries each path that you and the worker's data take, from where you are; exit code 1 if one is not open",
).action(examine);
command(
  "selftest",
  "asks Azure itself what no document settles: values on their way through a transform, functions that are renewed, Node on the plan",
).action(testAzure);
command(
  "drift",
  "compares what runs with what the stack deployed where `pulumi refresh` sees nothing: app settings, code, roles, rules, columns; exit code 1 if they differ",
).action(compareWithStack);
windowCommand("backfill", "reads a stretch of a stream's past that was never delivered, beside live collection");
windowCommand("replay", "reads a stretch again and sends what Azure acknowledged and did not store");

try {
  await program.parseAsync();
} catch (error) {
  const message = messageFor(error);
  if (message === undefined) throw error;
  console.error(message);
  process.exitCode = 1;
}
