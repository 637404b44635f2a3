import { AsyncLocalStorage } from "node:async_hooks";
import type { Ledger } from "../../function-code/state/ledger.ts";
import type { Uploader, UploadOptions } from "../../function-code/upload.ts";
import { versionOfUploaded } from "./versions.ts";

/** One run of one stream by one worker. */
export interface ObservedRun {
  readonly worker: string;
  readonly id: string;
  /** Connection and stream. */
  readonly of: string;
}

interface Batch {
  readonly run: ObservedRun;
  readonly keys: readonly string[];
}

/** Follows the batches between Azure and the ledger: those that are between the two when something breaks may be stored twice, no others. */
export class Observer {
  /** `<stream>|<version>` of rows that may be in the tables twice. */
  readonly mayBeTwice = new Set<string>();
  readonly #open = new Set<Batch>();
  readonly #current = new AsyncLocalStorage<{ readonly run: ObservedRun; readonly batch?: Batch }>();
  /** By run: the batch whose upload was acknowledged just now, which the run's next call to the ledger is about. */
  readonly #acknowledged = new Map<string, Batch>();

  /** A run and everything that it does. */
  observe<T>(run: ObservedRun, work: () => Promise<T>): Promise<T> {
    return this.#current.run({ run }, work);
  }

  uploader(inner: Uploader): Uploader {
    return {
      upload: async (stream: string, rows: Uint8Array, options: UploadOptions) => {
        const run = this.#current.getStore()?.run;
        if (stream === "health-runs" || !run) return await inner.upload(stream, rows, options);
        const uploaded = JSON.parse(Buffer.from(rows).toString("utf8")) as object[];
        const batch = { run, keys: uploaded.map((row) => `${stream}|${versionOfUploaded(stream, row)}`) };
        this.#open.add(batch);
        try {
          await this.#current.run({ run, batch }, () => inner.upload(stream, rows, options));
        } catch (error) {
          this.#open.delete(batch);
          throw error;
        }
        this.#acknowledged.set(run.id, batch);
      },
    };
  }

  ledger(inner: Ledger): Ledger {
    const append = async (...args: Parameters<Ledger["append"]>): Promise<void> => {
      const id = this.#current.getStore()?.run.id ?? "";
      const batch = this.#acknowledged.get(id);
      this.#acknowledged.delete(id);
      if (batch?.keys.length !== args[3].length) {
        throw new Error("What goes into the ledger is not the batch that was acknowledged just now.");
      }
      try {
        await inner.append(...args);
      } catch (error) {
        // Azure has it, and nobody could write that down.
        this.#mark(batch);
        throw error;
      } finally {
        this.#open.delete(batch);
      }
    };
    return new Proxy(inner, {
      get: (ledger, name: keyof Ledger) => (name === "append" ? append : ledger[name].bind(ledger)),
    });
  }

  /** To be asked when a call begins; to be called when its answer is lost. */
  watch(): () => void {
    const batch = this.#current.getStore()?.batch;
    return () => {
      if (batch) this.#mark(batch);
    };
  }

  /** A worker died. */
  died(worker: string): void {
    for (const batch of this.#open) if (batch.run.worker === worker) this.#mark(batch);
  }

  /** The current run has become the holder of its stream: whoever held it before has lost it. */
  acquired(): void {
    const run = this.#current.getStore()?.run;
    for (const batch of this.#open) if (batch.run.of === run?.of && batch.run.id !== run.id) this.#mark(batch);
  }

  #mark(batch: Batch): void {
    for (const key of batch.keys) this.mayBeTwice.add(key);
  }
}
