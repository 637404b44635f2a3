import type { Clock } from "./clock.ts";

/** How fast one path may be asked: a bucket of `burst` requests, filled so many times a second. */
export interface Pace {
  readonly requestsPerSecond: number;
  /** @default 1 */
  readonly burst?: number;
}

/** Who wants to ask. */
export interface PacedCaller {
  readonly signal?: AbortSignal;
  /** Epoch milliseconds: since then nobody but this caller has asked, in whatever process. Absent: nothing is known of others. */
  readonly quietSince?: number;
}

/**
 * Spaces the requests to one path. The holder of a stream's lease is the only caller of its path, so counting in process is enough,
 * from what it knows of the holder before; the sub-windows of a backlog share one pacer.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #interval: number;
  /** How far ahead of an even pace requests may be: a bucketful. */
  readonly #ahead: number;
  /** When the bucket will be full again. */
  #full = 0;

  constructor(clock: Clock, { requestsPerSecond, burst = 1 }: Pace) {
    this.#clock = clock;
    this.#interval = 1000 / requestsPerSecond;
    this.#ahead = (burst - 1) * this.#interval;
  }

  /** Resolves when the next request may leave. */
  async turn({ signal, quietSince }: PacedCaller = {}): Promise<void> {
    const now = this.#clock.now();
    // Whoever asked before may have left the bucket empty.
    const full = Math.max(now, this.#full, (quietSince ?? now) + this.#ahead);
    this.#full = full + this.#interval;
    const wait = full - this.#ahead - now;
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }

  /** Nobody asks again for so many milliseconds, and then at an even pace: the server said so to one of the callers. */
  hold(milliseconds: number): void {
    this.#full = Math.max(this.#full, this.#clock.now() + milliseconds + this.#ahead);
  }
}
