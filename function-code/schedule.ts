import type { Clock } from "./clock.ts";
import type { Connection } from "./environment.ts";
import { isHeld } from "./lease.ts";
import { type Checkpoints, emptyCheckpoint } from "./state/checkpoints.ts";
import type { CheckpointEntity, CollectMessage } from "./state/entities.ts";
import { Conflict, type Stored } from "./state/table.ts";

/** A message that nobody took for this long was lost, in milliseconds. */
const messageLife = 600_000;

/**
 * The streams that are due now, each marked as queued. A stream that is queued or running is left alone. Losing or repeating a message
 * changes nothing, since the checkpoint alone decides what is fetched.
 */
export async function schedule(
  connections: readonly Connection[],
  checkpoints: Checkpoints,
  clock: Clock,
): Promise<CollectMessage[]> {
  const known = new Map<string, Stored<CheckpointEntity>>();
  for await (const stored of checkpoints.all()) {
    known.set(`${stored.entity.partitionKey}|${stored.entity.rowKey}`, stored);
  }
  const messages = await Promise.all(
    connections.flatMap(({ name, vendor, streams }) =>
      streams.map(async (stream) => {
        const message = { connection: name, stream: `${vendor}-${stream}` };
        const stored = known.get(`${message.connection}|${message.stream}`);
        const isQueued = await enqueue(message, stored, checkpoints, clock.now());
        return isQueued ? [message] : [];
      }),
    ),
  );
  return messages.flat();
}

/** Whether a stream is due: nobody holds it, no message for it is on its way, and its server did not ask for more patience. */
export function isDue(
  checkpoint: Pick<CheckpointEntity, "leaseUntil" | "queuedAt" | "notBefore"> | undefined,
  now: number,
): boolean {
  if (!checkpoint) return true;
  if (isHeld(checkpoint, now)) return false;
  if (checkpoint.queuedAt !== undefined && now - Date.parse(checkpoint.queuedAt) < messageLife) return false;
  return checkpoint.notBefore === undefined || Date.parse(checkpoint.notBefore) <= now;
}

async function enqueue(
  { connection, stream }: CollectMessage,
  stored: Stored<CheckpointEntity> | undefined,
  checkpoints: Checkpoints,
  now: number,
): Promise<boolean> {
  if (!isDue(stored?.entity, now)) return false;
  const entity = { ...(stored?.entity ?? emptyCheckpoint(connection, stream)), queuedAt: new Date(now).toISOString() };
  try {
    await checkpoints.write(entity, stored?.etag);
    return true;
  } catch (error) {
    // A worker took it in the meantime, or another instance of this timer.
    if (error instanceof Conflict) return false;
    throw error;
  }
}
