import { Conflict, type Keys, type Range, type StateTable, type Stored } from "../../../function-code/state/table.ts";

/** A table as the service keeps one: ordered by keys, with an ETag for each version. */
export class MemoryTable implements StateTable {
  readonly #entities = new Map<string, Stored<Keys>>();
  #version = 0;

  get<T extends Keys>(partitionKey: string, rowKey: string): Promise<Stored<T> | undefined> {
    return Promise.resolve(this.#entities.get(keyOf({ partitionKey, rowKey })) as Stored<T> | undefined);
  }

  async *list<T extends Keys>({ partitionKey, from, to }: Range): AsyncIterable<Stored<T>> {
    const stored = [...this.#entities.values()].sort((a, b) => (keyOf(a.entity) < keyOf(b.entity) ? -1 : 1));
    for (const one of stored) {
      await Promise.resolve();
      const { entity } = one;
      if (partitionKey !== undefined && entity.partitionKey !== partitionKey) continue;
      if ((from === undefined || entity.rowKey >= from) && (to === undefined || entity.rowKey < to))
        yield one as Stored<T>;
    }
  }

  async insert<T extends Keys>(entity: T): Promise<string> {
    await Promise.resolve();
    if (this.#entities.has(keyOf(entity))) throw new Conflict("there is one already");
    return this.#put(entity);
  }

  async replace<T extends Keys>(entity: T, etag: string): Promise<string> {
    await Promise.resolve();
    if (this.#entities.get(keyOf(entity))?.etag !== etag) throw new Conflict("it is another version");
    return this.#put(entity);
  }

  async write<T extends Keys>(entities: readonly T[]): Promise<void> {
    await Promise.resolve();
    for (const entity of entities) this.#put(entity);
  }

  async remove(keys: readonly Keys[]): Promise<void> {
    await Promise.resolve();
    for (const key of keys) this.#entities.delete(keyOf(key));
  }

  get size(): number {
    return this.#entities.size;
  }

  #put(entity: Keys): string {
    const etag = String(++this.#version);
    this.#entities.set(keyOf(entity), { entity, etag });
    return etag;
  }
}

const keyOf = ({ partitionKey, rowKey }: Keys) => `${partitionKey}\n${rowKey}`;
