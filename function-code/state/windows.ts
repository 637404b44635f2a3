import type { WindowEntity } from "./entities.ts";
import type { Keys, StateTable, Stored } from "./table.ts";

/** Stretches of the past that operators asked for, by stream. */
export class Windows {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  /** Those of every stream, done or not. */
  async *all(): AsyncIterable<Stored<WindowEntity>> {
    yield* this.#table.list<WindowEntity>({});
  }

  read(partitionKey: string, rowKey: string): Promise<Stored<WindowEntity> | undefined> {
    return this.#table.get(partitionKey, rowKey);
  }

  /** Those of a stream that are not done, the oldest first. */
  async open(connection: string, stream: string): Promise<readonly Stored<WindowEntity>[]> {
    const found: Stored<WindowEntity>[] = [];
    for await (const stored of this.#table.list<WindowEntity>({ partitionKey: `${connection}|${stream}` })) {
      if (stored.entity.doneAt === undefined) found.push(stored);
    }
    return found;
  }

  /** Adds one. `id` sorts by the time at which it was asked for, and no other of its stream has it. */
  async add(connection: string, stream: string, id: string, wanted: WantedWindow): Promise<WindowEntity> {
    const entity: WindowEntity = {
      partitionKey: `${connection}|${stream}`,
      rowKey: id,
      ...wanted,
      left: 1,
      failures: 0,
      fetched: 0,
      duplicates: 0,
      uploaded: 0,
    };
    await this.#table.insert(entity);
    return entity;
  }

  /** Writes over the version that was read. Throws `Conflict` if somebody was faster, or has removed it. */
  replace(entity: WindowEntity, etag: string): Promise<string> {
    return this.#table.replace(entity, etag);
  }

  remove({ partitionKey, rowKey }: Keys): Promise<void> {
    return this.#table.remove([{ partitionKey, rowKey }]);
  }
}

export type WantedWindow = Pick<WindowEntity, "kind" | "from" | "to" | "believedSince">;
