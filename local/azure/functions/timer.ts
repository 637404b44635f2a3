import type { TimerTrigger } from "./bindings.ts";
import { nextOccurrence } from "./schedule.ts";
import type { RpcData } from "./worker-messages.ts";

/** Longest wait that one timer of Node can hold. */
const longestWait = 2 ** 31 - 1;

/** Fires one timer function on its schedule, never twice at once: a run that overlaps its next time delays it, as on Azure. */
export class Timer {
  readonly #trigger: TimerTrigger;
  readonly #run: () => Promise<void>;
  readonly #stopped = Promise.withResolvers<void>();
  #stopping = false;
  readonly #loop: Promise<void>;

  constructor(trigger: TimerTrigger, run: () => Promise<void>) {
    this.#trigger = trigger;
    this.#run = run;
    this.#loop = this.#fire();
  }

  /** Fires no more, and resolves when the run at hand has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopped.resolve();
    await this.#loop;
  }

  async #fire(): Promise<void> {
    if (this.#trigger.runOnStartup) await this.#run();
    while (!this.#stopping) {
      await this.#waitUntil(nextOccurrence(this.#trigger.schedule, new Date()));
      if (!this.#stopping) await this.#run();
    }
  }

  async #waitUntil(due: Date): Promise<void> {
    for (let left = due.getTime() - Date.now(); left > 0 && !this.#stopping; left = due.getTime() - Date.now()) {
      let timer: NodeJS.Timeout | undefined;
      const waited = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(left, longestWait));
      });
      await Promise.race([waited, this.#stopped.promise]);
      clearTimeout(timer);
    }
  }
}

/** What a timer function receives. Its runs are not remembered over a restart of the local Azure: it is never past due. */
export function timerInput(trigger: TimerTrigger, last: Date | undefined): RpcData {
  const now = new Date();
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: (last ?? new Date(0)).toISOString(),
        Next: nextOccurrence(trigger.schedule, now).toISOString(),
        LastUpdated: now.toISOString(),
      },
      IsPastDue: false,
    }),
  };
}
