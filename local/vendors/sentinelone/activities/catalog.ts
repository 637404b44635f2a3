import { ADMINISTRATION } from "./administration.ts";
import { DETECTIONS } from "./detections.ts";
import type { ActivityKind } from "./kind.ts";
import { MACHINES } from "./machines.ts";
import { UPKEEP } from "./upkeep.ts";

/** The types that this console knows. Numbers and their meaning are the vendor's; words and figures are ours. */
export const ACTIVITY_KINDS: readonly ActivityKind[] = [...ADMINISTRATION, ...MACHINES, ...DETECTIONS, ...UPKEEP];

const BY_ID = new Map(ACTIVITY_KINDS.map((kind) => [kind.id, kind]));

export const activityKind = (id: number): ActivityKind => {
  const kind = BY_ID.get(id);
  if (!kind) throw new Error(`The simulator's catalog has no activity type ${id}.`);
  return kind;
};
