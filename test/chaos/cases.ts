import type { CollectMessage } from "../../function-code/state/entities.ts";
import { readCatalog, readStreams } from "../../kql/catalog.ts";
import { Random } from "../../local/vendors/random.ts";
import { keyOfRow } from "../fixtures/source-keys.ts";
import type { Deployment } from "./deployment.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Faults } from "./mischief.ts";
import { Observer } from "./observer.ts";
import { Actor, Timeline } from "./timeline.ts";
import { objectOf, versionOfStored } from "./versions.ts";
import { ChaosWorker } from "./worker.ts";
import { type SourceStream, World, type WorldSize } from "./world.ts";

const minute = 60_000;
const start = Date.parse("2026-11-20T09:20:00Z");

/** What a table holds of a source. */
export interface Holding {
  readonly what: string;
  /** How often something went wrong. */
  readonly faults: number;
  /** Distinct keys that the source shows. */
  readonly source: number;
  /** Of these, in the table. */
  readonly stored: number;
  /** Rows that the table holds once more. */
  readonly twice: number;
}

interface Case {
  readonly what: string;
  /** What goes wrong, given how many calls of the kind there were before. */
  readonly vendor?: (call: number) => ReturnType<Faults["vendor"]>;
  readonly ingestion?: (call: number) => ReturnType<Faults["azure"]>;
  /** The first worker dies after so many events. */
  readonly deathAfter?: number;
  /** Then only what showed up meanwhile counts. */
  readonly lateBy?: number;
  /** How often it is collected, every five minutes, before it counts what is shown, and after that. */
  readonly passes: readonly [before: number, after: number];
}

/** What was tried on Microsoft's function too. */
const cases: readonly Case[] = [
  {
    what: "one request in twenty answered 429",
    vendor: (call) => (call % 20 === 19 ? "429" : undefined),
    passes: [0, 1],
  },
  { what: "one post refused", ingestion: (call) => (call === 3 ? "role not there yet" : undefined), passes: [0, 2] },
  { what: "worker killed while it fetches", deathAfter: 60, passes: [0, 2] },
  // What the overlap does not reach is found by the audit, once its hour is over.
  { what: "rows show up 15 minutes late", lateBy: 15 * minute, passes: [24, 30] },
];

/** Collects activities while each of the cases happens. Throws where one did not happen. */
export async function playCases(
  deployment: Deployment,
  elsewhere: Elsewhere,
  scale: number,
): Promise<readonly Holding[]> {
  const streams = readStreams("sentinelone").filter(({ name }) => name === "activities");
  const found: Holding[] = [];
  for (const chosen of cases) {
    const [holding] = await play(deployment, elsewhere, { scale, streams }, chosen);
    if (!holding || holding.faults === 0) throw new Error(`"${chosen.what}" did not happen.`);
    found.push({ ...holding, what: chosen.what });
  }
  return found;
}

/** Collects every stream that there is, while nothing goes wrong. */
export function playStreams(deployment: Deployment, elsewhere: Elsewhere, scale: number): Promise<readonly Holding[]> {
  const streams = readCatalog().filter(({ vendor }) => vendor !== "health");
  return play(deployment, elsewhere, { scale, streams }, { what: "nothing", passes: [0, 1] });
}

let runs = 0;

async function play(
  deployment: Deployment,
  elsewhere: Elsewhere,
  size: WorldSize,
  { vendor, ingestion, deathAfter, lateBy = 0, passes }: Case,
): Promise<readonly Holding[]> {
  const seed = 1;
  const timeline = new Timeline(start, new Random(seed, "timeline"));
  const { secretId } = deployment;
  const run = `case-${++runs}`;
  await using world = await World.start({ seed, run, timeline, secretId, size: () => size, lateBy });
  await deployment.setSecret(world.tokens.second);
  const calls = { vendor: 0, ingestion: 0 };
  let faults = 0;
  const mischief: Faults = {
    vendor: () => vendor?.(calls.vendor++),
    azure: (service) => (service === "ingestion" ? ingestion?.(calls.ingestion++) : undefined),
    count: () => void faults++,
  };
  const log = () => undefined;
  const parts = {
    deployment,
    world,
    timeline,
    mischief,
    observer: new Observer(),
    log,
    elsewhere: elsewhere.url,
  };
  const platform = new Actor("platform", timeline);
  const old = lateBy > 0 ? keysOf(world) : [];
  const workers = [new ChaosWorker("first", seed, parts)];
  try {
    if (deathAfter !== undefined) {
      const [worker] = workers;
      await timeline.run(
        new Promise<void>((resolve) => {
          worker?.actor.dieAfter(deathAfter, resolve);
          for (const stream of world.streams) void worker?.collect(messageOf(stream));
        }),
      );
      faults++;
      workers.push(new ChaosWorker("second", seed, parts));
    }
    const worker = workers.at(-1) as ChaosWorker;
    const collect = async (count: number) => {
      for (let pass = 0; pass < count; pass++) {
        await timeline.run(Promise.all(world.streams.map((stream) => worker.collect(messageOf(stream)))));
        await timeline.run(platform.sleep(5 * minute));
      }
    };
    await collect(passes[0]);
    const before = keysOf(world);
    await collect(passes[1]);
    const after = keysOf(world);
    return await Promise.all(
      world.streams.map((stream, i) => {
        // A record that changed in between has a new version, which took the old one's place.
        const shown = [...(before[i] ?? [])].filter((key) => after[i]?.has(key) && !old[i]?.has(key));
        // Each row that is late is a fault.
        return holdingOf(deployment, stream, shown, faults + (lateBy > 0 ? shown.length : 0));
      }),
    );
  } finally {
    for (const worker of workers) worker.close();
    await deployment.forget(world.connections.map(({ name }) => name));
  }
}

const messageOf = ({ connection, id }: SourceStream): CollectMessage => ({ connection, stream: id });

const keysOf = (world: World) => world.streams.map((stream) => world.keys(stream));

async function holdingOf(
  deployment: Deployment,
  { id, vendor, name, table, connection, inventory }: SourceStream,
  shown: readonly string[],
  faults: number,
): Promise<Holding> {
  const rows = await deployment.query(`${table} | where Connection == "${connection}"`);
  const keyOf = keyOfRow(id);
  const stored = new Set(rows.map((row) => (inventory ? objectOf(keyOf(row)) : keyOf(row))));
  return {
    what: `${vendor}/${name}`,
    faults,
    source: shown.length,
    stored: shown.filter((key) => stored.has(key)).length,
    twice: rows.length - new Set(rows.map(versionOfStored(id))).size,
  };
}
