import type { Connection } from "../../function-code/environment.ts";
import { readStreams, type Stream } from "../../kql/catalog.ts";
import { Random } from "../../local/vendors/random.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import type { Simulator } from "../../local/vendors/simulator.ts";
import { startValence } from "../../local/vendors/valence.ts";
import { normalKey } from "../fixtures/source-keys.ts";
import type { Timeline } from "./timeline.ts";
import { Stage } from "./vendor-network.ts";

const minute = 60_000;

export interface SourceStream extends Pick<Stream, "id" | "table" | "vendor" | "name"> {
  readonly connection: string;
  /** Inventories send an object when its content changes, not when it merely reports again. */
  readonly inventory: boolean;
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

  private constructor(
    parts: Pick<World, "connections" | "streams" | "skew" | "tokens">,
    simulators: Record<string, Simulator>,
    stage: Stage,
  ) {
    this.connections = parts.connections;
    this.streams = parts.streams;
    this.skew = parts.skew;
    this.tokens = parts.tokens;
    this.#simulators = simulators;
    this.stage = stage;
  }

  /** @param run no other has connections of this name */
  static async start(seed: number, run: string, timeline: Timeline, secretId: string, harsh: boolean): Promise<World> {
    const random = new Random(seed, "world");
    const skew = random.pick([0, 0, -10 * minute, 10 * minute, random.integer(-10 * minute, 10 * minute)]);
    const stage = new Stage();
    const now = () => timeline.now + skew;
    const tokens = {
      first: random.hex(80),
      second: random.hex(80),
      rotateAt: now() + random.integer(5, 120) * minute,
    };
    const common = {
      seed,
      now,
      tokens: [
        { token: tokens.first, permissions: ["*"], expiresAt: tokens.rotateAt },
        { token: tokens.second, permissions: ["*"] },
      ],
      intercept: () => stage.answer,
    };
    const scale = harsh ? 0.005 : random.pick([0.005, 0.01, 0.03, 0.06]);
    const cursor = random.pick(["position", "key"] as const);
    const simulators = {
      sentinelone: await startSentinelOne({ ...common, scale, cursor, rateLimits: false }),
      valence: await startValence({ ...common, scale }),
    };
    const chosen = harsh ? streams : chooseStreams(random);
    const connections = (["sentinelone", "valence"] as const)
      .map((vendor) => ({
        name: `${vendor}-${run}`,
        vendor,
        url: simulators[vendor].url,
        secretId,
        streams: chosen.filter((stream) => stream.vendor === vendor).map(({ name }) => name),
      }))
      .filter(({ streams }) => streams.length > 0);
    const sources = chosen.map(({ id, table, vendor, name }) => ({
      id,
      table,
      vendor,
      name,
      connection: `${vendor}-${run}`,
      inventory: inventories.has(id),
    }));
    return new World({ connections, streams: sources, skew, tokens }, simulators, stage);
  }

  /** Names of what a stream shows now; of an inventory, of its objects. */
  keys({ vendor, name, inventory }: SourceStream): Set<string> {
    const keys = this.#simulators[vendor]?.keys(name).map(normalKey) ?? [];
    return new Set(inventory ? keys.map(objectOf) : keys);
  }

  /** Everything that lets somebody in: tokens, and what the consoles show to those who are in. */
  async secrets(): Promise<readonly string[]> {
    const { first, second } = this.tokens;
    const { url, token } = this.#simulators["sentinelone"] as Simulator;
    const shown: string[] = [];
    for (const path of ["groups", "sites"]) {
      const headers = { authorization: `ApiToken ${token}` };
      const answer = await fetch(`${url}/web/api/v2.1/${path}?limit=300`, { headers });
      for (const [, secret = ""] of (await answer.text()).matchAll(/"registrationToken":\s*"([^"]+)"/g))
        shown.push(secret);
    }
    if (shown.length === 0) throw new Error("The simulator shows no registration token any more.");
    return [first, second, ...Object.values(this.#simulators).map((simulator) => simulator.token), ...shown];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const simulator of Object.values(this.#simulators)) await simulator.close();
  }
}

/** The part of a key that names the object. */
export const objectOf = (key: string): string => key.split("|", 1)[0] ?? key;

const inventories = new Set(["sentinelone-agents", "sentinelone-groups"]);

const streams = [
  ...["activities", "threats", "agents", "groups", "alerts"].map((name) => ["sentinelone", name] as const),
  ...["alerts", "audit-logs"].map((name) => ["valence", name] as const),
].map(([vendor, name]) => {
  const stream = readStreams(vendor).find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`There is no stream ${vendor}/${name}.`);
  return stream;
});

/** A few at a time: a seed takes about a second. */
function chooseStreams(random: Random): typeof streams {
  const chosen = streams.filter(() => random.chance(0.4));
  return chosen.length > 0 ? chosen : [random.pick(streams)];
}
