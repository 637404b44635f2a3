import type { Connection } from "../../function-code/environment.ts";
import { latestFunction, readStreams, type Stream } from "../../kql/catalog.ts";
import { Random } from "../../local/vendors/random.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import type { Simulator } from "../../local/vendors/simulator.ts";
import { startValence } from "../../local/vendors/valence.ts";
import { normalKey } from "../fixtures/source-keys.ts";
import type { Timeline } from "./timeline.ts";
import { Stage } from "./vendor-network.ts";
import { objectOf } from "./versions.ts";

const minute = 60_000;

export interface SourceStream extends Pick<Stream, "id" | "table" | "vendor" | "name" | "key"> {
  readonly connection: string;
  /** Name of its function `…Latest`. */
  readonly latest: string;
  /** Inventories send an object when its content changes, not when it merely reports again. */
  readonly inventory: boolean;
}

export interface WorldSize {
  readonly scale: number;
  readonly streams: readonly Stream[];
}

export interface WorldOptions {
  readonly seed: number;
  /** No other has connections of this name. */
  readonly run: string;
  readonly timeline: Timeline;
  readonly secretId: string;
  readonly size: (random: Random) => WorldSize;
  /** Whatever happens is shown so much later, in milliseconds. */
  readonly lateBy?: number;
}

/** A machine as the console shows it. */
export interface Machine {
  readonly id: string;
  readonly updatedAt: string;
  /** By columns of the table. */
  readonly state: Readonly<Record<string, unknown>>;
  /** For so long that it must have been told. */
  readonly isSilent: boolean;
}

/** The vendors of one run, invented from its seed: fleets of its own, on clocks that are wrong, with tokens that are replaced. */
export class World implements AsyncDisposable {
  readonly stage = new Stage();
  readonly connections: readonly Connection[];
  readonly streams: readonly SourceStream[];
  /** Server's clock minus ours, in milliseconds. */
  readonly skew: number;
  /** The token now, the one after, and when (by the servers' clock) the first ends. */
  readonly tokens: { readonly first: string; readonly second: string; readonly rotateAt: number };
  readonly #simulators: Readonly<Record<string, Simulator>>;
  /** The servers' clock, epoch milliseconds. */
  readonly #now: () => number;

  private constructor(
    parts: Pick<World, "connections" | "streams" | "skew" | "tokens">,
    simulators: Record<string, Simulator>,
    stage: Stage,
    now: () => number,
  ) {
    this.connections = parts.connections;
    this.streams = parts.streams;
    this.skew = parts.skew;
    this.tokens = parts.tokens;
    this.#simulators = simulators;
    this.stage = stage;
    this.#now = now;
  }

  static async start({ seed, run, timeline, secretId, size, lateBy = 0 }: WorldOptions): Promise<World> {
    const random = new Random(seed, "world");
    const skew = random.pick([0, 0, -10 * minute, 10 * minute, random.integer(-10 * minute, 10 * minute)]);
    const stage = new Stage();
    const now = () => timeline.now + skew;
    const tokens = {
      first: random.hex(80),
      second: random.hex(80),
      rotateAt: now() + random.integer(5, 120) * minute,
    };
    const { scale, streams } = size(random);
    const common = {
      seed,
      scale,
      now: () => now() - lateBy,
      tokens: [
        { token: tokens.first, permissions: ["*"], expiresAt: tokens.rotateAt },
        { token: tokens.second, permissions: ["*"] },
      ],
      intercept: () => stage.answer,
    };
    const cursor = random.pick(["position", "key"] as const);
    const simulators = {
      sentinelone: await startSentinelOne({ ...common, cursor, rateLimits: false }),
      valence: await startValence(common),
    };
    const connections = (["sentinelone", "valence"] as const)
      .map((vendor) => ({
        name: `${vendor}-${run}`,
        vendor,
        url: simulators[vendor].url,
        secretId,
        streams: streams.filter((stream) => stream.vendor === vendor).map(({ name }) => name),
      }))
      .filter(({ streams }) => streams.length > 0);
    const sources = streams.map((stream) => ({
      ...stream,
      latest: latestFunction(stream).name,
      connection: `${stream.vendor}-${run}`,
      inventory: inventories.has(stream.id),
    }));
    return new World({ connections, streams: sources, skew, tokens }, simulators, stage, now);
  }

  /** Names of what a stream shows now; of an inventory, of its objects. */
  keys({ vendor, name, inventory }: SourceStream): Set<string> {
    const keys = this.#simulators[vendor]?.keys(name).map(normalKey) ?? [];
    return new Set(inventory ? keys.map(objectOf) : keys);
  }

  /** What the console tells of each machine now; none where machines are not collected. */
  async machines(): Promise<readonly Machine[]> {
    if (!this.streams.some(({ id }) => id === "sentinelone-agents")) return [];
    const { data } = JSON.parse(await this.#ask("agents?limit=1000")) as {
      readonly data: readonly Record<string, unknown>[];
    };
    const now = this.#now();
    return data.map((agent) => ({
      id: String(agent["id"]),
      updatedAt: String(agent["updatedAt"]),
      state: Object.fromEntries(machineColumns.map((name) => [name[0]?.toUpperCase() + name.slice(1), agent[name]])),
      isSilent: agent["isActive"] === false && now - Date.parse(String(agent["lastActiveDate"])) > silentAfter,
    }));
  }

  /** Everything that lets somebody in: tokens, and what the consoles show to those who are in. */
  async secrets(): Promise<readonly string[]> {
    const { first, second } = this.tokens;
    const shown: string[] = [];
    for (const path of ["groups?limit=300", "sites?limit=300"]) {
      for (const [, secret = ""] of (await this.#ask(path)).matchAll(/"registrationToken":\s*"([^"]+)"/g))
        shown.push(secret);
    }
    if (shown.length === 0) throw new Error("The simulator shows no registration token any more.");
    return [first, second, ...Object.values(this.#simulators).map((simulator) => simulator.token), ...shown];
  }

  /** The console's answer to somebody who may see everything. */
  async #ask(path: string): Promise<string> {
    const { url, token } = this.#simulators["sentinelone"] as Simulator;
    const answer = await fetch(`${url}/web/api/v2.1/${path}`, { headers: { authorization: `ApiToken ${token}` } });
    return await answer.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const simulator of Object.values(this.#simulators)) await simulator.close();
  }
}

/** What changes about machines, as the console names it. */
const machineColumns = [
  "computerName",
  "agentVersion",
  "externalIp",
  "lastLoggedInUserName",
  "activeThreats",
  "isDecommissioned",
];

/** The worker looks for machines that were last heard of an hour ago. */
const silentAfter = 61 * minute;

const inventories = new Set(["sentinelone-agents", "sentinelone-groups"]);

const streams = [
  ...["activities", "threats", "agents", "groups", "alerts"].map((name) => ["sentinelone", name] as const),
  ...["alerts", "audit-logs"].map((name) => ["valence", name] as const),
].map(([vendor, name]) => {
  const stream = readStreams(vendor).find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`There is no stream ${vendor}/${name}.`);
  return stream;
});

/** A few streams at a time, and mostly few rows: a seed takes about a second. */
export function smallWorld(random: Random): WorldSize {
  const scale = random.pick([0.005, 0.01, 0.03, 0.06]);
  const chosen = streams.filter(() => random.chance(0.4));
  return { scale, streams: chosen.length > 0 ? chosen : [random.pick(streams)] };
}

/** All streams, and hardly a row in them. */
export const wideWorld = (): WorldSize => ({ scale: 0.005, streams });
