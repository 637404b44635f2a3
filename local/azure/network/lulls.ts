import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/** Between two requests of one piece of work its client thinks no longer than this, in milliseconds. */
const breath = 150;
/** Longest time that anything is put off for those who ask. */
const patience = 1000;
const glance = 10;

interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * Moments in which nobody waits for an answer. One thread does everything here: what takes it for a while, and holds nobody up, such as trying
 * the queries of fifty rules, is done in them, a piece at a time.
 */
export class Lulls {
  readonly #clock: Clock;
  #underWay = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #turn: Promise<void> = Promise.resolve();

  constructor(clock: Clock = { now: () => performance.now(), sleep }) {
    this.#clock = clock;
  }

  /** A request came; returns what is to be called when it has its answer. */
  asked(): () => void {
    this.#underWay++;
    return () => {
      this.#underWay--;
      this.#answeredAt = this.#clock.now();
    };
  }

  /** Resolves in a lull, or when none came for so long; to one caller at a time, and never before what is ready has been served. */
  next(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#lull());
    return this.#turn;
  }

  async #lull(): Promise<void> {
    const { now, sleep } = this.#clock;
    const latest = now() + patience;
    await nextTurn();
    while (now() < latest && (this.#underWay > 0 || now() < this.#answeredAt + breath)) await sleep(glance);
  }
}
