import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "../../function-code/environment.ts";
import { type CheckpointChanges, Lease } from "../../function-code/lease.ts";
import { schedule } from "../../function-code/schedule.ts";
import { Checkpoints } from "../../function-code/state/checkpoints.ts";
import type { CollectMessage } from "../../function-code/state/entities.ts";
import { Windows } from "../../function-code/state/windows.ts";
import { tokenEnd } from "../../function-code/token-end.ts";
import { readStreams } from "../../kql/catalog.ts";
import { parseHostJson } from "../../local/azure/functions/host-json.ts";
import { Random } from "../../local/vendors/random.ts";
import { MemoryTable } from "../function-code/support/memory-table.ts";
import { standardSettings } from "../function-code/support/test-worker.ts";
import { ConsoleLimits, pacesOf } from "./console-limits.ts";
import { report, spreadOf } from "./figures.ts";

export interface ConsolesOptions {
  readonly consoles: number;
  readonly minutes: number;
  /** At most so many, as the setting `maximumInstances`. */
  readonly instances: number;
  readonly json?: true;
}

const second = 1000;
const minute = 60 * second;
/** How many messages an instance takes at a time, and how few of its runs must be left for it to take more. */
const { batchSize, newBatchThreshold } = queueSettings();
/** The platform looks at the queue this often, and an instance needs so long to come up. */
const scaleEvery = 15 * second;
const startTime = 20 * second;
/** A console that answers nothing: two attempts of a minute each, and the pause between them. */
const deadRun = 2 * minute + second;
const streams = readStreams("sentinelone").slice(0, 15);

/** `npm run bench -- consoles`: simulated queue and instances on a simulated clock, the worker's own scheduling and leases; one console is dead. */
export async function benchConsoles({ consoles, minutes, instances, json }: ConsolesOptions): Promise<number> {
  const fleet = new SimulatedFleet(consoles, instances, new ConsoleLimits(await pacesOf()));
  await fleet.run(minutes * minute);
  const lags = fleet.lags.toSorted((a, b) => a - b);
  const p99 = (lags[Math.floor(lags.length * 0.99)] ?? Number.NaN) / second;
  const { requests, refused } = fleet.limits;
  const refusals = [...refused.values()].reduce((sum, count) => sum + count, 0);
  const findings = [
    { what: "lag, p99", measured: spreadOf([p99]), unit: "s", target: { atMost: 120 } },
    { what: "beyond a console's rate limits", measured: spreadOf([refusals]), unit: "requests", target: { atMost: 0 } },
  ];
  const { runs, mostInstances } = fleet;
  const shape = { consoles, streams: streams.length, minutes, runs, mostInstances };
  const details = { ...shape, requests, refused: Object.fromEntries(refused) };
  return report(findings, details, json ?? false);
}

class SimulatedFleet {
  /** Milliseconds from the beginning of a run to the beginning of the stream's next, on the consoles that live. */
  readonly lags: number[] = [];
  runs = 0;
  mostInstances = 1;
  readonly limits: ConsoleLimits;
  #now = Date.parse("2026-11-20T09:00:00Z");
  #instances = 1;
  #busy = 0;
  /** Runs on each instance. */
  readonly #load: number[];
  readonly #maximumInstances: number;
  /** The latest first. */
  readonly #events: SimulatedEvent[] = [];
  readonly #queue: CollectMessage[] = [];
  readonly #startedAt = new Map<string, number>();
  readonly #random = new Random(1, "consoles");
  readonly #checkpoints = new Checkpoints(new MemoryTable());
  readonly #connections: readonly Connection[];
  readonly #clock = { now: () => this.#now, sleep: () => Promise.resolve() };

  constructor(consoles: number, maximumInstances: number, limits: ConsoleLimits) {
    this.limits = limits;
    this.#maximumInstances = maximumInstances;
    this.#load = Array.from({ length: maximumInstances }, () => 0);
    this.#connections = Array.from({ length: consoles }, (_, i) => ({
      name: i === 0 ? "dead" : `console-${i}`,
      vendor: "sentinelone",
      url: "https://console.example",
      secretId: "",
      streams: streams.map(({ name }) => name),
    }));
  }

  async run(length: number): Promise<void> {
    const end = this.#now + length;
    this.#later(0, () => this.#schedule());
    this.#later(scaleEvery, () => this.#scale());
    for (;;) {
      const next = this.#events.pop();
      if (!next || next.at > end) return;
      this.#now = next.at;
      await next.fire();
      await this.#take();
    }
  }

  async #schedule(): Promise<void> {
    this.#later(minute, () => this.#schedule());
    const messages = await schedule(this.#connections, `timer-${this.#now}`, {
      checkpoints: this.#checkpoints,
      windows: new Windows(new MemoryTable()),
      clock: this.#clock,
      settings: standardSettings,
      uploader: { upload: () => Promise.resolve() },
      bundleVersion: "bench",
      log: () => undefined,
    });
    this.#queue.push(...messages);
  }

  /** Target-based scaling: as many instances as the queue asks for, up to the limit. */
  #scale(): Promise<void> {
    this.#later(scaleEvery, () => this.#scale());
    const wanted = Math.min(this.#maximumInstances, Math.ceil((this.#queue.length + this.#busy) / batchSize));
    if (wanted > this.#instances) {
      this.#later(startTime, () => {
        this.#instances = Math.max(this.#instances, wanted);
        this.mostInstances = Math.max(this.mostInstances, this.#instances);
        return Promise.resolve();
      });
    }
    return Promise.resolve();
  }

  async #take(): Promise<void> {
    while (this.#queue.length > 0) {
      const instance = this.#leastLoaded();
      if ((this.#load[instance] ?? 0) > newBatchThreshold) return;
      for (const message of this.#queue.splice(0, batchSize)) await this.#collect(message, instance);
    }
  }

  async #collect({ connection, stream }: CollectMessage, instance: number): Promise<void> {
    const lease = await Lease.acquire(this.#checkpoints, this.#clock, `run-${++this.runs}`, connection, stream);
    if (!lease) return;
    this.#load[instance] = (this.#load[instance] ?? 0) + 1;
    this.#busy++;
    const startedAt = this.#now;
    const isDead = connection === "dead";
    const name = `${connection}/${stream}`;
    const { lastRunAt } = lease.checkpoint;
    const token = await this.#askForToken(lease, startedAt);
    const before = this.#startedAt.get(name);
    if (before !== undefined && !isDead) this.lags.push(startedAt - before);
    this.#startedAt.set(name, startedAt);
    const renew = async (left: number): Promise<void> => {
      if (left > 0) {
        await lease.ensure(2 * minute);
        this.#later(Math.min(left, minute), () => renew(left - minute));
        return;
      }
      const now = new Date(this.#now).toISOString();
      const ended = isDead
        ? ({ status: "failing", errorClass: "network", statusSince: lease.checkpoint.statusSince ?? now } as const)
        : ({ status: "ok" } as const);
      await lease.release({ ...ended, ...token, caughtUp: !isDead, lastRunAt: now });
      this.#load[instance] = (this.#load[instance] ?? 0) - 1;
      this.#busy--;
    };
    // Some runs find a page, a few a backlog.
    const isBacklog = this.#random.chance(0.02);
    const healthy = isBacklog ? 20 * second : this.#random.integer(second / 2, 3 * second);
    if (!isDead) {
      // Answered at once, so that the pace alone holds the requests back.
      const length = isBacklog ? healthy : second / 2;
      const quietSince = Date.parse(lastRunAt ?? "1970");
      const asked = this.limits.ask(instance, connection, stream, { from: startedAt, length, quietSince });
      for (const { at, path } of asked) {
        this.#later(at - startedAt, () => Promise.resolve(this.limits.count(connection, path, at)));
      }
    }
    await renew(isDead ? deadRun : healthy);
  }

  async #askForToken({ checkpoint }: Lease, now: number): Promise<CheckpointChanges> {
    const connection = this.#connections.find(({ name }) => name === checkpoint.partitionKey);
    if (!connection) throw new Error(`There is no console ${checkpoint.partitionKey}.`);
    const ask = () => {
      this.limits.count(connection.name, "/user", now);
      return Promise.resolve("2099-01-01T00:00:00Z");
    };
    const stream = { name: checkpoint.rowKey.slice("sentinelone-".length) };
    const context = { checkpoints: this.#checkpoints, clock: this.#clock };
    return tokenEnd({ connection, stream }, { tokenExpiresAt: ask }, checkpoint, context);
  }

  #leastLoaded(): number {
    const running = this.#load.slice(0, this.#instances);
    return running.indexOf(Math.min(...running));
  }

  #later(milliseconds: number, fire: () => Promise<void>): void {
    const at = this.#now + milliseconds;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as SimulatedEvent).at > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, fire });
  }
}

interface SimulatedEvent {
  readonly at: number;
  readonly fire: () => Promise<void>;
}

function queueSettings(): { readonly batchSize: number; readonly newBatchThreshold: number } {
  const file = join(import.meta.dirname, "../../function-code/host.json");
  return parseHostJson(readFileSync(file, "utf8")).queues;
}
