import type { Keys, StateTable, Stored } from "../../../function-code/state/table.ts";
import type { Feed } from "../../../function-code/stream.ts";
import type { Uploader } from "../../../function-code/upload.ts";

/** The process died here. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/**
 * A process that dies at one of its steps: at each call to the outside it may die before the call takes effect, or after it did but before
 * the answer arrives. From then on nothing that it does has any effect.
 */
export class Mortality {
  #stepsLeft: number;
  #isDead = false;

  /** @param steps how many it lives for; half steps lie between a call's effect and its answer */
  constructor(steps = Number.POSITIVE_INFINITY) {
    this.#stepsLeft = steps;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async call<T>(operation: () => Promise<T>): Promise<T> {
    this.#step();
    const result = await operation();
    this.#step();
    return result;
  }

  #step(): void {
    if (this.#stepsLeft-- <= 0) this.#isDead = true;
    if (this.#isDead) throw new Killed();
  }

  table(table: StateTable): StateTable {
    const call = <T>(operation: () => Promise<T>) => this.call(operation);
    return {
      get: (partitionKey, rowKey) => call(() => table.get(partitionKey, rowKey)),
      async *list<T extends Keys>(range: Parameters<StateTable["list"]>[0]): AsyncIterable<Stored<T>> {
        await call(() => Promise.resolve());
        for await (const stored of table.list<T>(range)) yield await call(() => Promise.resolve(stored));
      },
      insert: (entity) => call(() => table.insert(entity)),
      replace: (entity, etag) => call(() => table.replace(entity, etag)),
      write: (entities) => call(() => table.write(entities)),
      remove: (keys) => call(() => table.remove(keys)),
    };
  }

  uploader(uploader: Uploader): Uploader {
    return { upload: (stream, rows, options) => this.call(() => uploader.upload(stream, rows, options)) };
  }

  feed(feed: Feed): Feed {
    return {
      ...feed,
      serverNow: () => this.call(() => feed.serverNow()),
      read: (request) => this.call(() => feed.read(request)),
    };
  }
}
