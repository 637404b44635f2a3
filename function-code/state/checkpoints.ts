import { type CheckpointEntity } from "./entities.ts";
import type { StateTable, Stored } from "./table.ts";

/** Where each stream of each connection stands. */
export class Checkpoints {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async *all(): AsyncIterable<Stored<CheckpointEntity>> {
    yield* this.#table.list<CheckpointEntity>({});
  }

  read(connection: string, stream: string): Promise<Stored<CheckpointEntity> | undefined> {
    return this.#table.get<CheckpointEntity>(connection, stream);
  }

  /** Writes over the version that was read, or adds the entity where none was. Throws `Conflict` if somebody was faster. */
  write(entity: CheckpointEntity, etag: string | undefined): Promise<string> {
    return etag === undefined ? this.#table.insert(entity) : this.#table.replace(entity, etag);
  }
}

/** What a stream starts from. */
export function emptyCheckpoint(connection: string, stream: string): CheckpointEntity {
  return {
    partitionKey: connection,
    rowKey: stream,
    caughtUp: false,
    fetched: 0,
    duplicates: 0,
    uploaded: 0,
    bytes: 0,
    requests: 0,
    retries: 0,
    durationMs: 0,
  };
}
