import { Random, unitOf } from "../../random.ts";
import { DAY, HOUR, MINUTE, WEEK } from "../../time.ts";
import type { Agent, Fleet } from "./fleet.ts";
import { objectId, spread } from "./identifiers.ts";
import { inventProducts, type Product } from "./products.ts";

/** One version of an application on one endpoint, from the moment the console sees it until the next version takes its place. */
export interface Installation {
  readonly id: string;
  readonly agent: Agent;
  readonly product: Product;
  /** Counts the product's releases. */
  readonly release: number;
  readonly version: string;
  /** Epoch milliseconds at which the endpoint gets the release, if it is there already. */
  readonly pickedUpAt: number;
  /** Epoch milliseconds. */
  readonly installedAt: number;
  /** Epoch microseconds. */
  readonly detectedAt: number;
  /** Epoch milliseconds from which on the console knows the version's CPE name: the entry changes in place. */
  readonly recognisedAt: number;
  /** Epoch milliseconds at which the console lists it no more. */
  readonly goneAt: number;
}

/** What is installed where. Any moment can be asked for: versions come out in absolute time, and every endpoint follows after a while of its own. */
export class Software {
  readonly products: readonly Product[];
  readonly #seed: number;
  readonly #fleet: Fleet;
  readonly #known = new Map<string, Installation>();
  /** By slot: each page of a feed asks about the whole fleet. */
  readonly #carried = new Map<number, readonly Product[]>();

  constructor(seed: number, scale: number, fleet: Fleet) {
    this.#seed = seed;
    this.#fleet = fleet;
    this.products = inventProducts(seed, scale);
  }

  /** Installations that the console lists, and those that it listed in the time before. */
  installations(now: number, before = 0): Installation[] {
    const found: Installation[] = [];
    for (const agent of this.#fleet.agents(now)) {
      for (const product of this.#productsOf(agent)) {
        const newest = Math.floor((Math.min(now, agent.retiredAt) - product.phase) / product.cycle);
        for (let release = newest; ; release--) {
          const installation = this.#installation(agent, product, release);
          if (installation.goneAt <= now - before) break;
          const isSeen = installation.detectedAt <= now * 1000 && installation.goneAt > installation.detectedAt / 1000;
          if (isSeen) found.push(installation);
          if (installation.pickedUpAt <= agent.registeredAt) break;
        }
      }
    }
    return found;
  }

  #productsOf({ slot }: Agent): readonly Product[] {
    const known = this.#carried.get(slot.index);
    if (known) return known;
    const carried = this.products.filter(
      ({ index, osTypes, share }) =>
        osTypes.includes(slot.platform.osType) && unitOf(this.#seed, "installed", slot.index, index) < share,
    );
    this.#carried.set(slot.index, carried);
    return carried;
  }

  /** When an endpoint gets a release, epoch milliseconds: most within days, all before the next release. */
  #pickup({ slot }: Agent, { index, phase, cycle }: Product, release: number): number {
    const patience = Math.min(3 * WEEK, 0.9 * cycle);
    const lag = unitOf(this.#seed, "pickup", slot.index, index, release) ** 2 * patience;
    return Math.floor(phase + release * cycle + lag);
  }

  #installation(agent: Agent, product: Product, release: number): Installation {
    const name = `${agent.id}/${product.index}/${release}`;
    const known = this.#known.get(name);
    if (known) return known;
    const random = new Random(this.#seed, "installation", agent.slot.index, product.index, release);
    const pickedUpAt = this.#pickup(agent, product, release);
    const installedAt = Math.max(pickedUpAt, agent.registeredAt + random.integer(1, 40) * MINUTE);
    const detected = installedAt + random.integer(5 * MINUTE, 6 * HOUR);
    const installation = {
      id: objectId(detected * 1000, spread(agent.slot.index * 512 + product.index)),
      agent,
      product,
      release,
      version: `${product.major + Math.floor(release / 12)}.${release % 12}.${1000 + ((release * 37) % 900)}`,
      pickedUpAt,
      installedAt,
      detectedAt: detected * 1000 + random.integer(0, 999),
      recognisedAt: detected + (random.chance(0.5) ? 0 : random.integer(HOUR, 4 * DAY)),
      goneAt: Math.min(
        agent.retiredAt,
        this.#pickup(agent, product, release + 1) + random.integer(5 * MINUTE, 6 * HOUR),
      ),
    };
    this.#known.set(name, installation);
    return installation;
  }
}

/** The version's name in the CPE dictionary, once the console knows it. */
export function cpeOf({ product, version, recognisedAt }: Installation, now: number): string | null {
  if (now < recognisedAt) return null;
  const [vendor, name] = [product.vendor, product.name].map((text) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_")
      .replaceAll(/^_|_$/g, ""),
  );
  return `cpe:2.3:a:${vendor}:${name}:${version}:*:*:*:*:*:*:*`;
}
