import type { Clock } from "./clock.ts";
import { LeaseLost } from "./errors.ts";
import { type Checkpoints, emptyCheckpoint } from "./state/checkpoints.ts";
import type { CheckpointEntity } from "./state/entities.ts";
import { Conflict } from "./state/table.ts";

/** How long a lease lasts without being renewed, in milliseconds: longer than the longest single call that it guards. */
const leaseDuration = 240_000;

/** Writes in a row whose answers may be lost before the lease is given up. */
const writeAttempts = 5;

export type CheckpointChanges = {
  readonly [Field in keyof Omit<CheckpointEntity, "partitionKey" | "rowKey">]?: CheckpointEntity[Field] | undefined;
};

/**
 * The exclusive right to collect one stream, kept in its checkpoint. Every write is conditional on the version that this holder wrote
 * last, so a holder that was overtaken notices before it changes anything.
 */
export class Lease {
  readonly #checkpoints: Checkpoints;
  readonly #clock: Clock;
  readonly #owner: string;
  #entity: CheckpointEntity;
  #etag: string | undefined;
  /** Writes happen one after the other, in the order in which they were asked for. */
  #writes: Promise<void> = Promise.resolve();

  private constructor(checkpoints: Checkpoints, clock: Clock, owner: string, entity: CheckpointEntity, etag?: string) {
    this.#checkpoints = checkpoints;
    this.#clock = clock;
    this.#owner = owner;
    this.#entity = entity;
    this.#etag = etag;
  }

  /** Undefined where somebody else holds the stream. */
  static async acquire(
    checkpoints: Checkpoints,
    clock: Clock,
    owner: string,
    connection: string,
    stream: string,
  ): Promise<Lease | undefined> {
    const stored = await checkpoints.read(connection, stream);
    if (stored && isHeld(stored.entity, clock.now())) return undefined;
    const entity = stored?.entity ?? emptyCheckpoint(connection, stream);
    const lease = new Lease(checkpoints, clock, owner, entity, stored?.etag);
    try {
      await lease.save({ queuedAt: undefined });
    } catch (error) {
      if (error instanceof LeaseLost) return undefined;
      throw error;
    }
    return lease;
  }

  /** The checkpoint as it was written last. */
  get checkpoint(): CheckpointEntity {
    return this.#entity;
  }

  /** Writes changes and renews the lease. Throws `LeaseLost`. */
  save(changes: CheckpointChanges): Promise<void> {
    return this.#enqueue(() => ({
      ...changes,
      leaseOwner: this.#owner,
      leaseUntil: new Date(this.#clock.now() + leaseDuration).toISOString(),
    }));
  }

  /** Makes sure that the lease lasts for so many milliseconds more. */
  async ensure(milliseconds: number): Promise<void> {
    if (Date.parse(this.#entity.leaseUntil ?? "") - this.#clock.now() <= milliseconds) await this.save({});
  }

  /** Writes the last changes and gives the stream back. Throws `LeaseLost`. */
  async release(changes: CheckpointChanges): Promise<void> {
    try {
      await this.#enqueue(() => ({ ...changes, leaseOwner: undefined, leaseUntil: undefined }));
    } catch (error) {
      // While the lease lasts nobody else writes: so the stream was given back, the answer was lost, and then it was queued or taken.
      const lasts = Date.parse(this.#entity.leaseUntil ?? "") > this.#clock.now();
      if (!(error instanceof LeaseLost && lasts)) throw error;
    }
  }

  #enqueue(changes: () => CheckpointChanges): Promise<void> {
    const write = this.#writes.then(() => this.#write(changes()));
    this.#writes = write.catch(() => undefined);
    return write;
  }

  async #write(changes: CheckpointChanges): Promise<void> {
    const entity = Object.fromEntries(
      Object.entries({ ...this.#entity, ...changes }).filter(([, value]) => value !== undefined),
    ) as unknown as CheckpointEntity;
    this.#etag = await this.#writeVersion(entity);
    this.#entity = entity;
  }

  async #writeVersion(entity: CheckpointEntity): Promise<string> {
    let etag = this.#etag;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#checkpoints.write(entity, etag);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        // An earlier write may have succeeded although its answer was lost; then the stored version is ours. That can happen to this one too.
        const stored = await this.#checkpoints.read(entity.partitionKey, entity.rowKey);
        if (stored && isSame(entity, stored.entity)) return stored.etag;
        if (stored?.entity.leaseOwner !== this.#owner || attempt === writeAttempts) {
          throw new LeaseLost(`${entity.partitionKey}/${entity.rowKey}`);
        }
        etag = stored.etag;
      }
    }
  }
}

const isSame = (entity: CheckpointEntity, stored: CheckpointEntity) =>
  Object.entries(entity).every(([name, value]) => stored[name as keyof CheckpointEntity] === value);

/** Whether a worker is at it. */
export function isHeld(checkpoint: Pick<CheckpointEntity, "leaseUntil">, now: number): boolean {
  return checkpoint.leaseUntil !== undefined && Date.parse(checkpoint.leaseUntil) > now;
}
