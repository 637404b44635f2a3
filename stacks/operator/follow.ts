import type { WindowEntity } from "../../function-code/state/entities.ts";
import type { OperatorAccess } from "./azure.ts";
import { OperatorError } from "./operator-error.ts";
import { type WindowStanding, windowStanding } from "./window-standing.ts";

/** Pauses between two looks at the worker's notes, in milliseconds: a small window is read at once, a large one for a quarter of each minute. */
const pauses = { first: 500, longest: 5000 };

type Access = Pick<OperatorAccess, "windows" | "retries">;

/** Where a window stands now. Throws `OperatorError` where it was taken back. */
export async function lookAt(
  { partitionKey, rowKey }: WindowEntity,
  { windows, retries }: Access,
): Promise<WindowStanding> {
  const stored = await windows.read(partitionKey, rowKey);
  if (!stored) throw new OperatorError("The window was taken back meanwhile.");
  return windowStanding(stored.entity, retries.clock.now());
}

/** Waits until the worker has read a window to its end; tells of every change on the way. */
export async function follow(
  window: WindowEntity,
  access: Access,
  onChange: (standing: WindowStanding) => void,
): Promise<WindowStanding> {
  let told = "";
  for (let pause = pauses.first; ; pause = Math.min(2 * pause, pauses.longest)) {
    const standing = await lookAt(window, access);
    const { leftSeconds: _, ...facts } = standing;
    if (JSON.stringify(facts) !== told) onChange(standing);
    told = JSON.stringify(facts);
    if (standing.done) return standing;
    await access.retries.clock.sleep(pause);
  }
}
