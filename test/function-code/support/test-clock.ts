import type { Clock } from "../../../function-code/clock.ts";

/** When everything happens. */
export const testStart = Date.parse("2026-11-20T12:00:00Z");

/** A clock that stands still but for those who sleep: a sleep ends at once and leaves the clock where it would have woken. */
export class TestClock implements Clock {
  time: number;
  readonly sleeps: number[] = [];

  constructor(time = testStart) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(milliseconds);
    this.time += milliseconds;
    await Promise.resolve();
  }
}
