import type { CollectContext } from "../../function-code/context.ts";
import { agents as agentStream } from "../../function-code/sentinelone/agents.ts";
import { threats as threatStream } from "../../function-code/sentinelone/threats.ts";
import type { Uploader } from "../../function-code/upload.ts";
import { TestClock } from "../function-code/support/test-clock.ts";
import { TestWorker } from "../function-code/support/test-worker.ts";
import { report, spreadOf } from "./figures.ts";
import { FleetClient, type Shown } from "./fleet-console.ts";
import { day, type FleetDay, fleetDay, statesOf } from "./fleet-day.ts";

export interface FleetOptions {
  readonly agents: number;
  readonly updates: number;
  readonly json?: true;
}

const minute = 60_000;
const start = Date.parse("2026-11-18T00:00:00Z");
const connection = "fleet";

/** `npm run bench -- fleet`: what a day of a fleet takes in the workspace, beside the codeless connector's polling of the same console. */
export async function benchFleet({ agents, updates, json }: FleetOptions): Promise<number> {
  const fleet = await fleetDay(agents, updates, start);
  const clock = new TestClock(start);
  const ours = new Stored();
  const codeless = new CodelessPolling(fleet);
  await using worker = new Worker(fleet, clock, ours);
  for (let time = start; time < start + day; time += minute) {
    clock.time = time;
    await worker.minute();
    if ((time - start) % pollWindow === 0) codeless.poll(time);
  }
  const lost = (stored: Stored) => [...fleet.states].filter((state) => !stored.states.has(state)).length;
  const findings = [
    {
      what: "bytes stored, of the codeless connector's",
      measured: spreadOf([ours.bytes / codeless.stored.bytes]),
      unit: "times",
      target: { atMost: 0.2 },
    },
    { what: "states lost", measured: spreadOf([lost(ours)]), unit: "states", target: { atMost: 0 } },
  ];
  const side = (stored: Stored) => ({ rows: stored.rows, bytes: stored.bytes, statesLost: lost(stored) });
  const details = { agents, updates, states: fleet.states.size, ours: side(ours), codeless: side(codeless.stored) };
  if (!json) console.log(JSON.stringify(details));
  return report(findings, details, json ?? false);
}

/** What has come into the tables. */
class Stored {
  readonly states = new Set<string>();
  rows = 0;
  bytes = 0;

  /** @param bytes of it that are no part of the record */
  add(record: string, bytes = 0): void {
    this.rows++;
    this.bytes += Buffer.byteLength(record) + bytes;
    for (const state of statesOf(JSON.parse(record))) this.states.add(state);
  }
}

/** The worker with its own scheduling, ledger and objects, over tables in memory. */
class Worker implements AsyncDisposable {
  readonly #worker: TestWorker;
  readonly #changes: Partial<CollectContext>;

  constructor({ lists }: FleetDay, clock: TestClock, stored: Stored) {
    const client = new FleetClient(connection, lists, clock);
    const streams = [agentStream, threatStream];
    const known = { ...client.connection, streams: streams.map(({ name }) => name) };
    this.#worker = new TestWorker({ connections: [known], clock });
    this.#changes = {
      uploader: uploaderInto(stored),
      find: ({ stream: id }) => {
        const stream = streams.find((one) => one.id === id);
        return stream && { stream, connection: known, open: (caller) => stream.open(client, caller, clock) };
      },
    };
  }

  async minute(): Promise<void> {
    for (const { connection, stream } of await this.#worker.schedule()) {
      const { status, lastError } = await this.#worker.collect(connection, stream, this.#changes);
      if (status !== "ok" && status !== "empty") throw new Error(`${stream} is ${status}: ${lastError}`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]();
  }
}

function uploaderInto(stored: Stored): Uploader {
  return {
    async upload(stream, rows, { beforeEach }) {
      await beforeEach?.();
      if (stream === "health-runs") {
        stored.bytes += rows.length;
        return;
      }
      const uploaded = JSON.parse(Buffer.from(rows).toString()) as { Record: string; Connection: string }[];
      for (const { Record, Connection } of uploaded) stored.add(Record, Connection.length);
    },
  };
}

const pollWindow = 5 * minute;

/**
 * Microsoft's codeless connector: whatever changed in a window of five minutes, whole, as it is at the window's end; threats that are new once
 * more, by a poller of their own. At its best: it asks on the second, and no poll fails.
 */
class CodelessPolling {
  readonly stored = new Stored();
  readonly #lists: FleetDay["lists"];
  readonly #known = new Set<number>();

  constructor({ lists }: FleetDay) {
    this.#lists = lists;
  }

  poll(now: number): void {
    const agents = this.#lists["/agents"];
    const threats = this.#lists["/threats"];
    const changed = threats.list.changed(now - pollWindow, now, now);
    const created = changed.filter(({ object }) => !this.#known.has(object));
    for (const { object } of created) this.#known.add(object);
    this.#take(agents.render, agents.list.changed(now - pollWindow, now, now));
    this.#take(threats.render, [...changed, ...created]);
  }

  #take(render: (shown: Shown) => string, shown: readonly Shown[]): void {
    for (const one of shown) this.stored.add(render(one));
  }
}
