import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "./attempts.ts";
import { type Cloud, cloudFacts } from "./cloud.ts";
import { deployerCredential } from "./deployer-credential.ts";
import { askHost, type HostAnswer } from "./publishing-host.ts";

/** What the engine keeps of a wait for a workspace's tables. */
export interface KnownTablesInputs {
  readonly cloud: Cloud;
  /** GUID that queries are addressed to. */
  readonly workspaceId: string;
  /** Queries that yield nothing, and bind only once the workspace knows what they name. */
  readonly questions: readonly string[];
}

/** How long Azure may take to know a table that it has taken. */
const patience = 10 * 60_000;
const firstPause = 1000;
const longestPause = 30_000;
/** Log Analytics answers five queries of one user at a time. */
const atOnce = 5;

const deployer = (cloud: Cloud): Caller => ({
  credential: deployerCredential(process.env, cloud),
  now: Date.now,
  sleep,
});

/**
 * Asks until each question binds. Whoever may not ask, or cannot reach the query API, goes on without knowing: Sentinel looks for itself.
 * Rejects when a question still does not bind after ten minutes.
 */
export async function awaitAnswers(
  inputs: KnownTablesInputs,
  caller = deployer(inputs.cloud),
): Promise<{ id: string; outs: KnownTablesInputs }> {
  const { cloud, workspaceId, questions } = inputs;
  const done = { id: workspaceId, outs: { cloud, workspaceId, questions } };
  const { logs } = cloudFacts[cloud];
  const token = await caller.credential.getToken(`${logs}/.default`).catch(() => undefined);
  if (!token) return done;
  const deadline = caller.now() + patience;
  let open = questions;
  for (let pause = firstPause; open.length > 0; pause = Math.min(pause * 2, longestPause)) {
    const answers = await askAll({ ...inputs, questions: open }, token.token, caller);
    if (answers.includes("cannot tell")) return done;
    open = open.filter((_, index) => answers[index] === "not yet");
    if (open.length === 0) break;
    if (caller.now() + pause > deadline) {
      throw new Error(
        `After ${patience / 60_000} minutes the workspace does not yet know what this names: ${open[0]}. ` +
          "Rules that need it would be refused. Run `pulumi up` again; if it stays so, look at the table in the portal.",
      );
    }
    await caller.sleep(pause);
  }
  return done;
}

type Finding = "known" | "not yet" | "cannot tell";

async function askAll(
  { cloud, workspaceId, questions }: KnownTablesInputs,
  token: string,
  caller: Caller,
): Promise<readonly Finding[]> {
  const url = new URL(`${cloudFacts[cloud].logs}/v1/workspaces/${workspaceId}/query`);
  const findings: Finding[] = [];
  for (let from = 0; from < questions.length; from += atOnce) {
    const some = questions.slice(from, from + atOnce);
    findings.push(...(await Promise.all(some.map((question) => ask(url, question, token, caller)))));
  }
  return findings;
}

async function ask({ host, pathname }: URL, question: string, token: string, { agent }: Caller): Promise<Finding> {
  const answer = await askHost(
    host,
    token,
    {
      method: "POST",
      path: pathname,
      contentType: "application/json",
      body: Buffer.from(JSON.stringify({ query: question })),
    },
    agent,
  ).catch((): undefined => undefined);
  return findingOf(answer);
}

/** 404: the workspace itself is too young; 429 and 5xx pass. */
function findingOf(answer: HostAnswer | undefined): Finding {
  if (answer === undefined) return "cannot tell";
  if (answer.status === 200) return "known";
  return [400, 404, 429].includes(answer.status) || answer.status >= 500 ? "not yet" : "cannot tell";
}
