import type { CollectContext } from "./context.ts";
import type { Connection } from "./environment.ts";
import type { CheckpointChanges, Lease } from "./lease.ts";
import type { Feed, Stream } from "./stream.ts";

/** How often a console is asked when its token ends, in milliseconds. */
const askEvery = 3600_000;

/**
 * What a checkpoint learns of when the connection's token ends, once an hour. The first of the connection's streams asks the console, the
 * others look into its checkpoint: so this question too has one caller, the holder of that stream's lease, however many workers there are.
 */
export async function tokenEnd(
  { connection, stream }: { readonly connection: Connection; readonly stream: Pick<Stream, "name"> },
  feed: Pick<Feed, "tokenExpiresAt">,
  { tokenAskedAt }: Lease["checkpoint"],
  { checkpoints, clock }: Pick<CollectContext, "checkpoints" | "clock">,
): Promise<CheckpointChanges> {
  const now = clock.now();
  if (!feed.tokenExpiresAt) return {};
  if (tokenAskedAt !== undefined && now - Date.parse(tokenAskedAt) < askEvery) return {};
  const [first] = connection.streams;
  if (first === stream.name) {
    return { tokenExpiresAt: await feed.tokenExpiresAt(), tokenAskedAt: new Date(now).toISOString() };
  }
  const known = await checkpoints.read(connection.name, `${connection.vendor}-${first}`);
  return known ? { tokenExpiresAt: known.entity.tokenExpiresAt, tokenAskedAt: known.entity.tokenAskedAt } : {};
}
