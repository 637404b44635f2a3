import type { CollectContext } from "./context.ts";
import { CollectionError, LeaseLost } from "./errors.ts";
import { Lease } from "./lease.ts";
import { Run } from "./run.ts";
import type { CollectMessage } from "./state/entities.ts";

/** Collects one stream until it has caught up. Whatever goes wrong ends in the stream's status; only a defect of ours throws. */
export async function collect(message: CollectMessage, runId: string, context: CollectContext): Promise<void> {
  const open = context.find(message);
  const name = `${message.connection}/${message.stream}`;
  if (!open) {
    context.log("warn", `${name} is queued but not enabled; the message is dropped.`);
    return;
  }
  const { checkpoints, clock } = context;
  try {
    const lease = await Lease.acquire(checkpoints, clock, runId, message.connection, message.stream);
    if (lease) await new Run(open, lease, runId, context).run();
    else context.log("info", `${name} is held by another run.`);
  } catch (error) {
    if (error instanceof LeaseLost) context.log("warn", `${name} was taken over by another run; this one stops.`);
    // The state tables do not answer, so there is nowhere to write a status to. The next message tries again.
    else if (error instanceof CollectionError) context.log("error", `${name}: ${error.message}`);
    else throw error;
  }
}
