import type { Clock } from "./clock.ts";

/**
 * Spaces the requests to one path. The holder of a stream's lease is the only caller of its path, so counting in process is enough;
 * the sub-windows of a backlog share one pacer.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #interval: number;
  #next = 0;

  constructor(clock: Clock, requestsPerSecond: number) {
    this.#clock = clock;
    this.#interval = 1000 / requestsPerSecond;
  }

  /** Resolves when the next request may leave. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    if (at > now) await this.#clock.sleep(at - now, signal);
  }

  /** Nobody asks again for so many milliseconds: the server said so to one of the callers. */
  hold(milliseconds: number): void {
    this.#next = Math.max(this.#next, this.#clock.now() + milliseconds);
  }
}
