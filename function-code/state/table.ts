/** Table storage as the worker's stores need it. `azure-table.ts` is the real one. */
export interface StateTable {
  /** Undefined where there is none. */
  get<T extends Keys>(partitionKey: string, rowKey: string): Promise<Stored<T> | undefined>;
  /** Entities of a partition (or of all) in order of their row keys; `from` inclusive, `to` exclusive. */
  list<T extends Keys>(range: Range): AsyncIterable<Stored<T>>;
  /** Adds an entity; throws `Conflict` if there is one already. Returns its ETag. */
  insert<T extends Keys>(entity: T): Promise<string>;
  /** Replaces the version that the ETag names; throws `Conflict` if it is another by now. Returns the new ETag. */
  replace<T extends Keys>(entity: T, etag: string): Promise<string>;
  /** Adds or replaces entities of one partition. Up to a hundred of them change together or not at all. */
  write<T extends Keys>(entities: readonly T[]): Promise<void>;
  /** Removes entities of one partition; those that are gone already do not matter. */
  remove(keys: readonly Keys[]): Promise<void>;
}

export interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export interface Stored<T> {
  readonly entity: T;
  readonly etag: string;
}

export interface Range {
  readonly partitionKey?: string;
  readonly from?: string;
  readonly to?: string;
  /** Only the keys of the entities are wanted. */
  readonly keysOnly?: boolean;
}

/** Somebody else changed the entity first. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
