import { setTimeout as sleep } from "node:timers/promises";
import { operatorAccess } from "./azure.ts";
import { doctor, type PathStanding } from "./doctor.ts";
import { findDrift } from "./drift.ts";
import { follow, lookAt } from "./follow.ts";
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
import { isWell, readStandings } from "./status.ts";
import type { Target } from "./target.ts";
import type { TokenStanding } from "./token.ts";
import { cancelWindows, requestWindow, type WindowRequest } from "./windows.ts";

/** How a command answers: for people, or as JSON on stdout. Its exit code says whether all is well. */
interface Answering {
  readonly json?: true;
}

/** `status`: where every stream stands; exit code 1 where one needs attention. */
export async function status({ deployment }: Target, { json }: Answering): Promise<void> {
  const standings = await readStandings(deployment, operatorAccess(deployment));
  answer(json, standings, renderStandings);
  process.exitCode = standings.every(isWell) ? 0 : 1;
}

/** `probe`: asks every feed once; exit code 1 where one cannot be read. */
export async function probeFeeds({ deployment }: Target, { json }: Answering): Promise<void> {
  const tokens: TokenStanding[] = [];
  const feeds: FeedProbe[] = [];
  for await (const result of probe(deployment, operatorAccess(deployment))) {
    if (result.kind === "token") tokens.push(result.token);
    else feeds.push(result.feed);
    if (!json) console.log(renderProbe(result));
  }
  if (json) printJson({ tokens, feeds });
  process.exitCode = feeds.every((feed) => feed.status === "ok" || feed.status === "empty") ? 0 : 1;
}

/** `smoke`: asks the workspace for up to `wait` milliseconds; exit code 1 where a stream has not passed by then. */
export async function smokeCheck(
  { deployment }: Target,
  { json, wait }: Answering & { readonly wait: number },
): Promise<void> {
  const results = await smoke(deployment, operatorAccess(deployment), wait, (now) =>
    console.error(`${now.filter(hasPassed).length} of ${now.length} streams have passed`),
  );
  answer(json, results, renderSmoke);
  process.exitCode = results.every(hasPassed) ? 0 : 1;
}

/** `doctor`: tries each path from here; exit code 1 where one is not open. */
export async function examinePaths({ deployment }: Target, { json }: Answering): Promise<void> {
  const paths: PathStanding[] = [];
  for await (const path of doctor(deployment, operatorAccess(deployment))) {
    paths.push(path);
    if (!json) console.log(renderPath(path));
  }
  if (json) printJson(paths);
  process.exitCode = paths.every((path) => path.status === "open") ? 0 : 1;
}

/** `selftest`: asks Azure what no document settles; exit code 1 where an answer is bad, or none came. */
export async function testAzure({ deployment, resources }: Target, { json }: Answering): Promise<void> {
  const answers: SelfTestAnswer[] = [];
  const access = operatorAccess(deployment);
  const onWait = (seconds: number) =>
    console.error(`Waiting for the rows for ${seconds} s; a new table takes up to 20 minutes.`);
  for await (const found of selfTest(deployment.workspaceResourceId, await resources(), access, onWait)) {
    answers.push(found);
    if (!json) console.log(renderAnswer(found));
  }
  if (json) printJson(answers);
  process.exitCode = answers.every(({ good }) => good === true) ? 0 : 1;
}

/** `drift`: what runs beside what was deployed; exit code 1 where they differ. */
export async function compareWithStack({ deployment, resources }: Target, { json }: Answering): Promise<void> {
  const { arm, credential } = operatorAccess(deployment);
  // With it comes the compiler, which no other command needs.
  const { readCode } = await import("../../components/publish-code.ts");
  const found = await findDrift(await resources(), {
    arm,
    readCode: (id, code) => readCode(id, code, { credential, now: Date.now, sleep }),
  });
  answer(json, found, renderDrift);
  process.exitCode = found.length === 0 ? 0 : 1;
}

type WindowOptions = Answering & Omit<WindowRequest, "kind"> & { readonly detach?: boolean };

export const backfill = (target: Target, options: WindowOptions): Promise<void> => askFor("backfill", target, options);
export const replay = (target: Target, options: WindowOptions): Promise<void> => askFor("replay", target, options);

async function askFor(
  kind: WindowRequest["kind"],
  { deployment }: Target,
  { json, detach = false, ...request }: WindowOptions,
): Promise<void> {
  const access = operatorAccess(deployment);
  const tell = json ? () => {} : (line: string) => console.log(line);
  const window = await requestWindow(deployment, access, { ...request, kind }, (share, keys) =>
    tell(`${Math.floor(share * 100)} % of what is stored is known, ${keys.toLocaleString("en-US")} rows`),
  );
  const standing = await (detach ? lookAt(window, access) : follow(window, access, (now) => tell(renderWindow(now))));
  if (json) printJson(standing);
  else if (detach)
    tell(`${renderWindow(standing)}\nThe worker reads it from its next run on; status shows how far it is.`);
}

export async function cancel(
  { deployment }: Target,
  { json, ...stream }: Answering & Pick<WindowRequest, "connection" | "stream">,
): Promise<void> {
  const gone = await cancelWindows(deployment, operatorAccess(deployment), stream);
  answer(json, gone, (windows) => windows.map(renderWindow).join("\n") || "There was none to take back.");
}

function answer<T>(json: true | undefined, value: T, render: (value: T) => string): void {
  if (json) printJson(value);
  else console.log(render(value));
}

const printJson = (value: unknown) => console.log(JSON.stringify(value, null, 2));
