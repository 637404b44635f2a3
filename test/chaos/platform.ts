import type { CollectMessage } from "../../function-code/state/entities.ts";
import { Random } from "../../local/vendors/random.ts";
import type { Mischief } from "./mischief.ts";
import { Actor } from "./timeline.ts";
import { ChaosWorker, type WorkerParts } from "./worker.ts";

const minute = 60_000;
const workerCount = 2;

interface PlatformParts extends WorkerParts {
  readonly mischief: Mischief;
}

/** Azure Functions as it behaves on a bad day: fires timers, hands out messages late or twice or never, and loses instances. */
export class Platform {
  readonly actor: Actor;
  /** What runs threw although a run throws nothing but defects. */
  readonly defects: unknown[] = [];
  readonly #seed: number;
  readonly #parts: PlatformParts;
  readonly #random: Random;
  readonly #workers: ChaosWorker[] = [];
  readonly #all: ChaosWorker[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(seed: number, parts: PlatformParts) {
    this.#seed = seed;
    this.#parts = parts;
    this.#random = new Random(seed, "platform");
    this.actor = new Actor("platform", parts.timeline);
    for (let i = 0; i < workerCount; i++) this.#replace(i);
  }

  /** Chaos for some simulated time. */
  async misbehave(): Promise<void> {
    const { mischief } = this.#parts;
    const rotateAt = this.#parts.world.tokens.rotateAt - this.#parts.world.skew;
    const rounds = this.#random.integer(3, 8);
    let isRotated = false;
    for (let round = 0; round < rounds; round++) {
      if (!isRotated && this.actor.now() >= rotateAt) {
        await this.#rotate();
        mischief.count("platform: secret rotated");
        isRotated = true;
      }
      this.#interfere();
      const worker = this.#anyWorker();
      const messages = await this.#untilDone(worker.schedule());
      for (const message of messages ?? []) this.#deliver(message);
      // The second instance of a timer that fires twice.
      if (this.#random.chance(0.1)) {
        mischief.count("platform: timer fired twice");
        for (const message of (await this.#untilDone(this.#anyWorker().schedule())) ?? []) this.#deliver(message);
      }
      await this.actor.sleep(this.#random.pick([0.1, 1, 1, 1, 5, 16, 61]) * minute);
    }
    if (!isRotated) await this.#rotate();
  }

  /** From now on nothing goes wrong. */
  async recover(): Promise<void> {
    this.#parts.mischief.end();
    for (let i = 0; i < workerCount; i++) this.#kill(i, 0);
    // Leases of the dead run out, tokens and patience too.
    await this.actor.sleep(70 * minute);
  }

  /** Collects streams until all have caught up. False if that does not happen. */
  async pass(
    streams: readonly CollectMessage[],
    caughtUp: (message: CollectMessage) => Promise<boolean>,
  ): Promise<boolean> {
    let open = streams;
    for (let round = 0; round < 12 && open.length > 0; round++) {
      await Promise.all(open.map((message) => this.#anyWorker().collect(message)));
      const states = await Promise.all(open.map((message) => this.actor.call("look", () => caughtUp(message))));
      open = open.filter((_, i) => !states[i]);
      if (open.length > 0) await this.actor.sleep(5 * minute);
    }
    return open.length === 0;
  }

  close(): void {
    for (const worker of this.#all) worker.close();
  }

  #interfere(): void {
    const { mischief } = this.#parts;
    const index = this.#random.integer(0, workerCount - 1);
    const roll = this.#random.unit();
    if (roll < 0.3) {
      mischief.count("platform: kill -9");
      this.#kill(index, this.#random.integer(0, 120));
    } else if (roll < 0.4) {
      mischief.count("platform: SIGTERM");
      const worker = this.#workers[index];
      this.#parts.timeline.later(this.actor, this.#random.integer(0, 3000), () => worker?.stop());
      this.#parts.timeline.later(this.actor, 33_000, () => this.#kill(index, 0));
    } else if (roll < 0.6) {
      mischief.count("platform: frozen until its lease is gone");
      const worker = this.#workers[index];
      const length = this.#random.integer(4, 15) * minute;
      this.#parts.timeline.later(this.actor, this.#random.integer(0, 4000), () => worker?.actor.freeze(length));
    } else if (roll < 0.75) {
      mischief.outage(this.actor.now() + this.#random.pick([0.5, 3, 20]) * minute);
    }
  }

  #deliver(message: CollectMessage): void {
    const { mischief, timeline } = this.#parts;
    const roll = this.#random.unit();
    if (roll < 0.05) {
      mischief.count("platform: message lost");
      return;
    }
    const times = roll < 0.2 ? 2 : 1;
    if (times === 2) mischief.count("platform: message twice");
    for (let i = 0; i < times; i++) {
      timeline.later(this.actor, this.#random.integer(0, 2000), () => this.#start(this.#anyWorker(), message));
    }
  }

  #start(worker: ChaosWorker, message: CollectMessage): void {
    const run = worker.collect(message).catch((error: unknown) => void this.defects.push(error));
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
  }

  /** Undefined where the worker does not come to an end of it: it died, or something threw that the function host would log. */
  async #untilDone<T>(work: Promise<T>): Promise<T | undefined> {
    const given = new Promise<undefined>((resolve) => {
      this.#parts.timeline.later(this.actor, 20 * minute, () => resolve(undefined));
    });
    return await Promise.race([work.catch(() => undefined), given]);
  }

  #rotate(): Promise<void> {
    const { deployment, world } = this.#parts;
    return this.actor.call("rotate", () => deployment.setSecret(world.tokens.second));
  }

  #anyWorker(): ChaosWorker {
    return this.#random.pick(this.#workers);
  }

  #kill(index: number, events: number): void {
    const worker = this.#workers[index];
    worker?.actor.dieAfter(events, () => {
      this.#parts.observer.died(worker.actor.name);
      if (this.#workers[index] === worker) this.#replace(index);
    });
    if (events === 0) worker?.actor.onEvent();
  }

  #replace(index: number): void {
    const worker = new ChaosWorker(`worker${this.#all.length}`, this.#seed, this.#parts);
    this.#all.push(worker);
    this.#workers[index] = worker;
  }
}
