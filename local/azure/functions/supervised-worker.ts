import { Worker, WorkerExitedError, type WorkerInvocation, type WorkerOptions } from "./worker.ts";
import type { InvocationResult } from "./worker-messages.ts";

/** Pause before a worker that keeps dying is started again: none, then doubling up to this. */
const longestPause = 30_000;

/** One app's worker, started again whenever it dies. */
export class SupervisedWorker {
  readonly #options: WorkerOptions;
  #current: Worker;
  /** The next worker, while there is none. */
  #restart: Promise<Worker> | undefined;
  #deaths = 0;
  readonly #stopped = Promise.withResolvers<never>();
  #stopping = false;

  private constructor(options: WorkerOptions, worker: Worker) {
    this.#options = options;
    this.#current = worker;
    this.#stopped.promise.catch(() => {});
    void this.#replaceWhenDead(worker);
  }

  /** Rejects where the app does not load: a first start is not repeated. */
  static async start(options: WorkerOptions): Promise<SupervisedWorker> {
    return new SupervisedWorker(options, await Worker.start(options));
  }

  get functions() {
    return this.#current.functions;
  }

  /** Waits for a worker where there is none just now. */
  async invoke(invocation: WorkerInvocation): Promise<InvocationResult> {
    const worker = this.#restart ? await Promise.race([this.#restart, this.#stopped.promise]) : this.#current;
    const result = await worker.invoke(invocation);
    this.#deaths = 0;
    return result;
  }

  kill(signal: NodeJS.Signals): void {
    this.#current.kill(signal);
  }

  /** Ends the worker for good: it may finish what it does in so long. */
  async stop(graceMilliseconds: number): Promise<void> {
    this.#stopping = true;
    this.#stopped.reject(new WorkerExitedError("The app is being stopped."));
    await this.#current.terminate(graceMilliseconds);
  }

  async #replaceWhenDead(worker: Worker): Promise<void> {
    const reason = await worker.exited;
    if (this.#stopping) return;
    this.#options.onLog({ level: "error", message: `${reason} It is started again.` });
    this.#restart = this.#startAgain();
    // Nobody may be waiting when the app is stopped in the meantime.
    this.#restart.catch(() => {});
  }

  async #startAgain(): Promise<Worker> {
    for (;;) {
      const pause = this.#deaths === 0 ? 0 : Math.min(longestPause, 500 * 2 ** this.#deaths);
      this.#deaths += 1;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, pause).unref()), this.#stopped.promise]);
      try {
        const worker = await Worker.start(this.#options);
        if (this.#stopping) {
          worker.kill("SIGKILL");
          return await this.#stopped.promise;
        }
        this.#current = worker;
        this.#restart = undefined;
        void this.#replaceWhenDead(worker);
        return worker;
      } catch (error) {
        if (this.#stopping) throw error;
        this.#options.onLog({ level: "error", message: `The worker did not start: ${(error as Error).message}` });
      }
    }
  }
}
