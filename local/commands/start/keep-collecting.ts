import { setTimeout } from "node:timers/promises";
import type { Session } from "./session.ts";

const interval = 2_000;

/** Prints a line whenever a stream delivers rows or changes its status, until the signal comes. The app's own timer does the rest. */
export async function keepCollecting(session: Session, interrupted: AbortSignal): Promise<void> {
  console.log("\nCollecting every minute. Query with `npm run kql -- '…'` from another terminal; Ctrl-C ends this.");
  let before = await session.standings();
  while (!interrupted.aborted) {
    await setTimeout(interval, undefined, { signal: interrupted }).catch(() => {});
    const now = await session.standings();
    for (const [target, checkpoint] of now) {
      const last = before.get(target);
      const rows = checkpoint.uploaded - (last?.uploaded ?? 0);
      const changed = checkpoint.status !== last?.status;
      if (rows === 0 && !changed) continue;
      const what =
        rows > 0 ? `+${rows.toLocaleString("en-US")} rows` : `${checkpoint.status} ${checkpoint.lastError ?? ""}`;
      console.log(
        `${new Date().toLocaleTimeString("en-GB")}  ${target.connection} ${target.vendor}/${target.stream}  ${what}`,
      );
    }
    before = now;
  }
}
