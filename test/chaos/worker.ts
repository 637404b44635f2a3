import { collect } from "../../function-code/collect.ts";
import type { CollectContext } from "../../function-code/context.ts";
import { schedule } from "../../function-code/schedule.ts";
import type { CollectMessage } from "../../function-code/state/entities.ts";
import { createContext } from "../../function-code/worker.ts";
import { Random } from "../../local/vendors/random.ts";
import { azureNetwork, preparing } from "./azure-network.ts";
import type { Deployment } from "./deployment.ts";
import type { Faults } from "./mischief.ts";
import type { Observer } from "./observer.ts";
import { Actor, type Timeline } from "./timeline.ts";
import { VendorNetwork } from "./vendor-network.ts";
import type { World } from "./world.ts";

export interface WorkerParts {
  readonly deployment: Deployment;
  readonly world: World;
  readonly timeline: Timeline;
  readonly mischief: Faults;
  readonly observer: Observer;
  readonly log: (line: string) => void;
  /** A host that must never be asked for anything. */
  readonly elsewhere: string;
}

/** One instance of the app: the worker's real code and clients, in a process that can be killed, frozen or asked to stop. */
export class ChaosWorker {
  readonly actor: Actor;
  readonly #parts: WorkerParts;
  readonly #context: CollectContext;
  readonly #http: VendorNetwork;
  readonly #stopping = new AbortController();
  #runs = 0;

  constructor(name: string, seed: number, parts: WorkerParts) {
    const { deployment, world, timeline, mischief, observer, log, elsewhere } = parts;
    this.#parts = parts;
    this.actor = new Actor(name, timeline);
    const random = new Random(seed, "worker", name);
    this.#http = new VendorNetwork({
      actor: this.actor,
      mischief,
      stage: world.stage,
      serverNow: () => timeline.now + world.skew,
      elsewhere,
    });
    const context = createContext(
      {
        settings: {
          ...deployment.settings,
          connections: world.connections,
          // The whole of the simulated history, and no second snapshot, which would send everything again.
          collection: { ...deployment.settings.collection, sinceHours: 30 * 24, snapshotHours: 7 * 24 },
        },
        routes: deployment.routes,
        bundleVersion: "chaos",
        stopping: this.#stopping.signal,
      },
      {
        clock: this.actor,
        random: () => random.unit(),
        http: this.#http,
        credential: () => Promise.resolve(deployment.credential()),
        clientOptions: azureNetwork({
          timeline,
          actor: this.actor,
          mischief,
          door: deployment.door,
          agent: deployment.agent,
          watch: () => observer.watch(),
        }),
      },
    );
    this.#context = {
      ...context,
      uploader: observer.uploader(preparing(timeline, context.uploader)),
      ledger: observer.ledger(context.ledger),
      find: (message) => {
        const found = context.find(message);
        return (
          found && {
            ...found,
            // Only the holder of a stream opens it.
            open: (caller) => {
              observer.acquired();
              return found.open(caller);
            },
          }
        );
      },
      log: (level, message) => log(`${name} ${level}: ${message}`),
    };
  }

  schedule(): Promise<CollectMessage[]> {
    return schedule(this.#parts.world.connections, this.#nextId(), this.#context);
  }

  /** Never ends where the worker dies. */
  collect(message: CollectMessage): Promise<void> {
    const id = this.#nextId();
    const run = { worker: this.actor.name, id, of: `${message.connection}/${message.stream}` };
    return this.#parts.observer.observe(run, () => collect(message, id, this.#context));
  }

  /** What the platform does before it takes an instance away. */
  stop(): void {
    this.#stopping.abort(new Error("the platform stops the worker"));
  }

  close(): void {
    this.#http.close();
  }

  #nextId(): string {
    return `${this.actor.name}-${++this.#runs}`;
  }
}
