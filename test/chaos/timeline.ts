import type { Clock } from "../../function-code/clock.ts";
import type { Random } from "../../local/vendors/random.ts";

interface Event {
  at: number;
  readonly order: number;
  readonly actor: Actor;
  readonly fire: () => void | Promise<void>;
}

/**
 * Simulated time, and the only thing that makes anything happen: one event at a time, in order of its time, each run to its end on real
 * sockets before the next begins. So everything that happens follows from the seed, and happens again with it.
 */
export class Timeline {
  #now: number;
  #order = 0;
  #events: Event[] = [];
  #preparing = 0;
  readonly #random: Random;
  /** A digest of everything that happened, to tell whether two runs were the same. */
  #trace = 0;

  /** @param start epoch milliseconds */
  constructor(start: number, random: Random) {
    this.#now = start;
    this.#random = random;
  }

  get now(): number {
    return this.#now;
  }

  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, "0");
  }

  /** Runs events until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    for (;;) {
      await this.#settle();
      if (isOver) return await work;
      const event = this.#next();
      if (!event) continue;
      this.#now = Math.max(this.#now, event.at);
      event.actor.onEvent();
      if (!event.actor.isDead) await event.fire();
    }
  }

  /** Something is being prepared for a call, such as a compressed body: nothing else happens before the function it returns is called. */
  prepare(): () => void {
    this.#preparing++;
    let isDone = false;
    return () => {
      if (!isDone) this.#preparing--;
      isDone = true;
    };
  }

  /** Has something happen later. Returns a function that takes it back. */
  later(actor: Actor, milliseconds: number, fire: Event["fire"]): () => void {
    // Whole milliseconds, as every clock counts them.
    const event = { at: Math.ceil(this.#now + milliseconds), order: this.#order++, actor, fire };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** What an actor was about to do happens so much later. */
  postpone(actor: Actor, milliseconds: number): void {
    for (const event of this.#events) {
      if (event.actor === actor) event.at = Math.max(event.at, this.#now + milliseconds);
    }
  }

  note(text: string): void {
    for (let i = 0; i < text.length; i++) this.#trace = Math.imul(this.#trace ^ text.charCodeAt(i), 0x01000193);
  }

  /** Milliseconds that a message takes: mostly few. */
  latency(): number {
    return 2 + Math.floor(this.#random.unit() ** 4 * 400);
  }

  #next(): Event | undefined {
    const living = this.#events.filter(({ actor }) => !actor.isDead);
    const [first, ...others] = living;
    if (!first) return undefined;
    const next = others.reduce((best, event) => (isBefore(event, best) ? event : best), first);
    this.#events = living.filter((event) => event !== next);
    return next;
  }

  /** Until all code that can go on without an event has done so. */
  async #settle(): Promise<void> {
    do {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    } while (this.#preparing > 0);
  }
}

const isBefore = (one: Event, other: Event) => one.at < other.at || (one.at === other.at && one.order < other.order);

/** Somebody to whom things happen: a process, which can be killed, frozen, and lives on the timeline's clock. */
export class Actor implements Clock {
  readonly name: string;
  readonly #timeline: Timeline;
  #isDead = false;
  #eventsLeft = Number.POSITIVE_INFINITY;
  #onDeath: (() => void) | undefined;

  constructor(name: string, timeline: Timeline) {
    this.name = name;
    this.#timeline = timeline;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  now(): number {
    return this.#timeline.now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const cancel = this.#timeline.later(this, milliseconds, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      const abort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /**
   * A call to the outside: it takes effect after a while, and its answer arrives after another. Who dies in between has done it and never
   * learns so. The operation may say how long the answer is to take.
   */
  call<T>(what: string, operation: (takes: (milliseconds: number) => void) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timeline = this.#timeline;
      timeline.later(this, timeline.latency(), async () => {
        let wait = timeline.latency();
        const settle = await operation((milliseconds) => {
          wait = milliseconds;
        }).then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
        timeline.note(`${this.name} ${what} ${timeline.now};`);
        timeline.later(this, wait, settle);
      });
    });
  }

  /** Dies after so many more events, before the next one. */
  dieAfter(events: number, onDeath: () => void): void {
    this.#eventsLeft = events;
    this.#onDeath = onDeath;
  }

  freeze(milliseconds: number): void {
    this.#timeline.postpone(this, milliseconds);
  }

  /** Told by the timeline. */
  onEvent(): void {
    if (this.#eventsLeft-- > 0) return;
    this.#isDead = true;
    this.#onDeath?.();
  }
}
