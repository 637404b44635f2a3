import { HttpClient } from "../../function-code/http.ts";
import { type RestRequest, SentinelOneClient } from "../../function-code/sentinelone/client.ts";
import { fromMillis, type Micros } from "../../function-code/timestamps.ts";
import type { TestClock } from "../function-code/support/test-clock.ts";

/** Of an object, at one time. */
export interface Version {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly object: number;
  /** Counts the object's states: a move of `updatedAt` alone is no new one. */
  readonly state: number;
}

/** An object as the console shows it. */
export interface Shown extends Version {
  /** Whether it can be heard of, and when it was last, epoch milliseconds. */
  readonly isActive: boolean;
  readonly lastActive: number;
}

/** A list whose objects change, in order of their last change. */
export class ChangingList {
  readonly #versions: readonly Version[];
  readonly #lastActive: (object: number, now: number) => number;
  /** Of each object, its version that is shown. */
  readonly #shown = new Map<number, Version>();
  #seen = 0;

  /** @param versions in order of time */
  constructor(versions: readonly Version[], lastActive = (_object: number, now: number) => now) {
    this.#versions = versions;
    this.#lastActive = lastActive;
  }

  /** Those that changed last from one time on and before another, oldest first; epoch milliseconds. */
  changed(from: number, to: number, now: number): Shown[] {
    this.#goOnTo(now);
    const found: Shown[] = [];
    for (let i = this.#firstFrom(from); i < this.#seen; i++) {
      const version = this.#versions[i] as Version;
      if (version.at >= to) break;
      if (this.#shown.get(version.object) === version) found.push(this.#show(version, now));
    }
    return found;
  }

  /** Those that were last heard of then, the longest silent first. */
  heardOf(from: number, to: number, now: number): Shown[] {
    this.#goOnTo(now);
    const found: Shown[] = [];
    for (const version of this.#shown.values()) {
      const at = this.#lastActive(version.object, now);
      if (at >= from && at < to) found.push(this.#show(version, now));
    }
    return found.sort((a, b) => a.lastActive - b.lastActive);
  }

  #show(version: Version, now: number): Shown {
    const lastActive = this.#lastActive(version.object, now);
    return { ...version, lastActive, isActive: now - lastActive < inactiveAfter };
  }

  #goOnTo(now: number): void {
    for (; this.#seen < this.#versions.length; this.#seen++) {
      const version = this.#versions[this.#seen] as Version;
      if (version.at > now) return;
      this.#shown.set(version.object, version);
    }
  }

  #firstFrom(time: number): number {
    let low = 0;
    let high = this.#seen;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#versions[middle] as Version).at < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const inactiveAfter = 15 * 60_000;

export interface FleetList {
  readonly list: ChangingList;
  /** JSON text of an object. */
  readonly render: (shown: Shown) => string;
}

/** The worker's client of a console that answers in this process, without HTTP between them. Lists by path, e.g. `/agents`. */
export class FleetClient extends SentinelOneClient {
  readonly #lists: Readonly<Record<string, FleetList>>;
  readonly #clock: TestClock;

  constructor(name: string, lists: Readonly<Record<string, FleetList>>, clock: TestClock) {
    const connection = {
      name,
      vendor: "sentinelone",
      url: "https://fleet.example",
      secretId: "",
      streams: [],
    } as const;
    super(connection, new HttpClient(), { read: () => Promise.resolve("") }, { clock, random: () => 0.5 });
    this.#lists = lists;
    this.#clock = clock;
  }

  override serverNow(): Micros {
    return fromMillis(this.#clock.now());
  }

  override get knowsServerTime(): boolean {
    return true;
  }

  override tokenExpiresAt(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override get<T>({ path, query, read }: RestRequest<T>): Promise<T> {
    const found = this.#lists[path];
    if (!found) throw new Error(`The fleet's console has no list ${path}.`);
    const now = this.#clock.now();
    const [first] = Object.keys(query).filter((name) => name.endsWith("__gte"));
    const filter = first?.replace("__gte", "") ?? "";
    const bound = (operator: string, without: number) => Date.parse(query[`${filter}${operator}`] ?? "") || without;
    const bounds = [bound("__gte", 0), bound("__lt", Number.POSITIVE_INFINITY), now] as const;
    const shown = filter === "lastActiveDate" ? found.list.heardOf(...bounds) : found.list.changed(...bounds);
    const start = Number(query["cursor"] ?? 0);
    const end = Math.min(shown.length, start + Number(query["limit"]));
    const data = shown.slice(start, end).map((one) => found.render(one));
    const cursor = end < shown.length ? `"${end}"` : "null";
    const body = `{"data":[${data.join(",")}],"pagination":{"nextCursor":${cursor},"totalItems":${shown.length}}}`;
    return Promise.resolve(read(Buffer.from(body), this.connection.name));
  }
}
