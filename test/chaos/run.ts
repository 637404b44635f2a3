import type { CollectMessage } from "../../function-code/state/entities.ts";
import { Random } from "../../local/vendors/random.ts";
import type { Deployment } from "./deployment.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { Mischief } from "./mischief.ts";
import { Observer } from "./observer.ts";
import { Platform } from "./platform.ts";
import { Timeline } from "./timeline.ts";
import { judge, judgeMachines } from "./verdict.ts";
import { type Machine, type SourceStream, smallWorld, World, wideWorld } from "./world.ts";

/** When every run begins, by its own clock. */
const start = Date.parse("2026-11-20T09:20:00Z");
const minute = 60_000;

/** What came of one seed. */
export interface Outcome {
  readonly seed: number;
  /** By kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly rows: number;
  /** Rows that the source shows and the tables lack. */
  readonly lost: readonly string[];
  /** Rows that are in the tables twice although no batch of theirs was in flight when something broke. */
  readonly twiceOutside: readonly string[];
  readonly twiceInFlight: number;
  /** Whatever else must not be: rows that the source never had, streams that do not recover, errors that are defects. */
  readonly wrong: readonly string[];
  /** Digest of everything that happened, in order. */
  readonly trace: string;
  readonly logged: readonly string[];
  /** What must not be anywhere. */
  readonly secrets: readonly string[];
}

export const isGood = ({ lost, twiceOutside, wrong }: Outcome): boolean =>
  lost.length + twiceOutside.length + wrong.length === 0;

export interface RunOptions {
  readonly elsewhere: Elsewhere;
  /** All streams, and a third of all calls goes wrong. */
  readonly harsh?: boolean;
}

/** Runs of this process: a seed that is played again finds nothing of the time before. */
let runs = 0;

/** Plays one seed: fresh connections, chaos, then peace and two more passes; compares what the sources show with what the tables hold. */
export async function playSeed(
  deployment: Deployment,
  seed: number,
  { elsewhere, harsh = false }: RunOptions,
): Promise<Outcome> {
  const timeline = new Timeline(start, new Random(seed, "timeline"));
  await using world = await World.start({
    seed,
    // Always as long: it is in every row, and so decides how many fit into a batch.
    run: `${seed}-${String(++runs).padStart(6, "0")}`,
    timeline,
    secretId: deployment.secretId,
    size: harsh ? wideWorld : smallWorld,
  });
  await deployment.setSecret(world.tokens.first);
  const mischief = new Mischief(seed, harsh);
  const observer = new Observer();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const platform = new Platform(seed, {
    deployment,
    world,
    timeline,
    mischief,
    observer,
    log,
    elsewhere: elsewhere.url,
  });
  const { streams } = world;
  const wrong: string[] = [];
  try {
    await timeline.run(platform.misbehave());
    await timeline.run(platform.recover());
    const pass = async () => {
      const messages = streams.map(messageOf);
      const isDone = await timeline.run(platform.pass(messages, (message) => hasCaughtUp(deployment, message)));
      if (!isDone) wrong.push(...(await whyNot(deployment, messages)));
    };
    const before = streams.map((stream) => world.keys(stream));
    await pass();
    // Until every hour that rows were late in is over, and due for its audit.
    await timeline.run(platform.actor.sleep(130 * minute));
    const machines = await world.machines();
    await pass();
    wrong.push(
      ...platform.defects.map((error) => `defect: ${error instanceof Error ? (error.stack ?? "") : String(error)}`),
    );
    wrong.push(...elsewhere.asked.map((request) => `another host was asked: ${request}`));
    const found = [];
    for (const [i, stream] of streams.entries()) {
      const stored = await rowsOf(deployment, stream.table, stream);
      const latest = await rowsOf(deployment, stream.latest, stream);
      const { mayBeTwice } = observer;
      const verdict = judge({
        stream,
        before: before[i] ?? new Set(),
        after: world.keys(stream),
        stored,
        latest,
        mayBeTwice,
      });
      found.push(verdict);
      wrong.push(...verdict.wrong);
      if (stream.id === "sentinelone-agents")
        wrong.push(...judgeMachines(lasting(machines, await world.machines()), latest));
    }
    return {
      seed,
      faults: Object.fromEntries(mischief.counts),
      rows: found.reduce((sum, { rows }) => sum + rows, 0),
      lost: found.flatMap(({ lost }) => lost),
      twiceOutside: found.flatMap(({ twiceOutside }) => twiceOutside),
      twiceInFlight: found.reduce((sum, { twiceInFlight }) => sum + twiceInFlight, 0),
      wrong,
      trace: timeline.trace,
      logged,
      secrets: await world.secrets(),
    };
  } finally {
    platform.close();
    await deployment.forget(world.connections.map(({ name }) => name));
  }
}

/** Machines that did not change in between. */
function lasting(before: readonly Machine[], after: readonly Machine[]): readonly Machine[] {
  const later = new Map(after.map((machine) => [machine.id, machine]));
  return before.filter(({ id, updatedAt, isSilent }) => {
    const machine = later.get(id);
    return machine?.updatedAt === updatedAt && machine.isSilent === isSilent;
  });
}

const messageOf = ({ connection, id }: SourceStream): CollectMessage => ({ connection, stream: id });

async function hasCaughtUp(deployment: Deployment, { connection, stream }: CollectMessage): Promise<boolean> {
  const { caughtUp, status } = await deployment.checkpoint(connection, stream);
  return caughtUp === true && (status === "ok" || status === "empty");
}

async function whyNot(deployment: Deployment, messages: readonly CollectMessage[]): Promise<string[]> {
  const reasons: string[] = [];
  for (const message of messages) {
    if (await hasCaughtUp(deployment, message)) continue;
    const { status, lastError } = await deployment.checkpoint(message.connection, message.stream);
    reasons.push(`${message.connection}/${message.stream} does not recover: ${status} ${lastError ?? ""}`);
  }
  return reasons;
}

/** Rows of a table, or of the function over it, that came from this run. */
const rowsOf = (deployment: Deployment, source: string, { connection }: SourceStream) =>
  deployment.query(`${source} | where Connection == "${connection}"`);
