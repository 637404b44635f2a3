import type { CollectionSettings } from "./environment.ts";
import type { CheckpointEntity } from "./state/entities.ts";
import { hour, type Micros, parseIso, second } from "./timestamps.ts";

/**
 * What to fetch next, decided without I/O. A walk covers everything from its lower bound, inclusive, to the server's now. It may be
 * split into windows; when all of them are acknowledged the watermark moves to `completeUntil`, which lies behind the walk's own start
 * by the hold-back, so that rows which become visible a little late are still ahead of it.
 */
export interface Walk {
  /** The server's clock when the walk began. */
  readonly startedAt: Micros;
  /** A periodic re-read: the snapshot of an inventory, or the look-back of a feed whose rows change without moving. */
  readonly sweep: boolean;
  /** Watermark once every window is done. */
  readonly completeUntil: Micros;
  /** Still to be read, oldest first. */
  readonly windows: readonly Window[];
}

export interface Window {
  /** Inclusive. Moves forward as rows are acknowledged. */
  readonly from: Micros;
  /** Exclusive; without it the window is open, up to the server's now. */
  readonly to?: Micros;
  /** The times are those of the objects' last sign of life: what was heard of then, and not since. */
  readonly silent?: true;
  /** The one site that is asked for, where the vendor takes one at a time. */
  readonly scope?: string;
  /** Streams that are read whole: the continuation at which the next run goes on. */
  readonly resume?: string;
}

/** A re-read of what was delivered before: how often, and from when on. */
export interface Sweep {
  readonly everyHours: number;
  /** Hours before the server's now; without it from the beginning of time. */
  readonly reachHours?: number;
}

/** Objects that fall silent change without a word: they are looked for by their last sign of life. */
export interface Silence {
  /** So long after its last sign of life an object counts as silent. */
  readonly afterMinutes: number;
}

/** What a stream asks of its walks. */
export interface WalkRules {
  readonly sweep?: Sweep | undefined;
  readonly silence?: Silence | undefined;
  /** Each of them is walked by itself. */
  readonly scopes?: readonly string[] | undefined;
  /** The walk ends at the server's now. */
  readonly bounded?: boolean | undefined;
}

type KnownCheckpoint = Pick<CheckpointEntity, "watermark" | "firstFrom" | "lastSnapshotAt">;

/** The walk that follows a finished one. */
export function nextWalk(
  checkpoint: KnownCheckpoint,
  serverNow: Micros,
  settings: Pick<CollectionSettings, "sinceHours" | "holdBackSeconds" | "overlapSeconds">,
  { sweep, silence, scopes, bounded }: WalkRules = {},
): Walk {
  const watermark = time(checkpoint.watermark);
  const firstFrom = time(checkpoint.firstFrom);
  // Nothing before the first lower bound is ever asked for, except by a sweep without reach: an inventory is read whole.
  const from =
    watermark === undefined
      ? (firstFrom ?? serverNow - settings.sinceHours * hour)
      : Math.max(firstFrom ?? 0, watermark - settings.overlapSeconds * second);
  const sweeping = sweep !== undefined && isSweepDue(checkpoint, serverNow, sweep);
  const sweepFrom =
    sweep?.reachHours === undefined ? 0 : Math.max(firstFrom ?? from, serverNow - sweep.reachHours * hour);
  const windows: Window[] = [
    { from: sweeping ? Math.min(from, sweepFrom) : from, ...(bounded && { to: serverNow }) },
    // A sweep meets the silent ones anyway.
    ...(silence && watermark !== undefined && !sweeping ? [silentWindow(silence, from, serverNow)] : []),
  ];
  return {
    startedAt: serverNow,
    sweep: sweeping,
    completeUntil: Math.max(watermark ?? 0, serverNow - settings.holdBackSeconds * second),
    windows: scopes ? scopes.flatMap((scope) => windows.map((window) => ({ ...window, scope }))) : windows,
  };
}

/** Those who were last heard of so long ago that they became silent since `from`. */
function silentWindow({ afterMinutes }: Silence, from: Micros, serverNow: Micros): Window {
  const after = afterMinutes * 60 * second;
  return { from: from - after, to: serverNow - after, silent: true };
}

function isSweepDue(checkpoint: KnownCheckpoint, serverNow: Micros, sweep: Sweep): boolean {
  const last = time(checkpoint.lastSnapshotAt);
  return last === undefined || serverNow - last >= sweep.everyHours * hour;
}

const time = (iso: string | undefined) => (iso === undefined ? undefined : parseIso(iso));

/** Cuts what is left of a window into parts of equal length, the last as open as the window was. */
export function splitWindow(window: Window, end: Micros, parts: number): Window[] {
  const length = Math.floor(((window.to ?? end) - window.from) / parts);
  if (length < second || parts < 2) return [window];
  return Array.from({ length: parts }, (_, i) => {
    const from = window.from + i * length;
    const last = i === parts - 1;
    if (last) return window.to === undefined ? { from } : { from, to: window.to };
    return { from, to: from + length };
  });
}

/** One request within a window. */
export interface Step {
  /** Lower bound, inclusive. */
  readonly from: Micros;
  /** The vendor's cursor, where the request continues the one before. */
  readonly continuation?: string;
  /** Pages already read by following the cursor. */
  readonly followed: number;
  /** Rows that nobody had seen, since the enumeration began. */
  readonly unseen: number;
  /** Times that the same crowd was enumerated. */
  readonly passes: number;
}

export const firstStep = ({ from, resume }: Window): Step => ({
  from,
  ...(resume !== undefined && { continuation: resume }),
  followed: 0,
  unseen: 0,
  passes: 1,
});

/** A window from its beginning once more, where its cursors turned out worthless; undefined if that was tried often enough. */
export function anotherPass({ from, passes }: Step): Step | undefined {
  return passes < maxPasses ? { from, followed: 0, unseen: 0, passes: passes + 1 } : undefined;
}

/** What a page tells the walk. */
export interface PageSummary {
  /** Time of its last row; undefined for a page without rows. */
  readonly last: Micros | undefined;
  /** Rows that were not delivered before. */
  readonly unseen: number;
  readonly continuation?: string | undefined;
}

/**
 * `cursor` trusts the vendor's cursor: right where rows never leave their place. `key` starts each request at the last row's time,
 * inclusive, and follows the cursor only inside one timestamp: right everywhere, since a row that changes during the walk cannot
 * shift another out of it.
 */
export type Paging = "cursor" | "key";

const maxPasses = 5;

/** The request after a page; undefined at the end of the window. */
export function nextStep(step: Step, page: PageSummary, paging: Paging): Step | undefined {
  const { continuation } = page;
  const unseen = step.unseen + page.unseen;
  const followed = step.followed + 1;
  if (paging === "cursor") {
    return continuation === undefined ? undefined : { ...step, continuation, followed, unseen };
  }
  const last = page.last ?? step.from;
  if (continuation !== undefined && last <= step.from) return { ...step, continuation, followed, unseen };
  // A crowd of rows with one timestamp took several pages. Rows that left it meanwhile shifted the others against the cursor, so it is
  // read again until nothing new turns up.
  if (step.followed > 0 && unseen > 0 && step.passes < maxPasses) {
    return { from: step.from, followed: 0, unseen: 0, passes: step.passes + 1 };
  }
  return continuation === undefined ? undefined : { from: last, followed: 0, unseen: 0, passes: 1 };
}

/**
 * The request after a page, as far as it can be told before anybody knows which of the page's rows are new; undefined too at the end of the
 * window.
 */
export function foreseenStep(step: Step, page: Omit<PageSummary, "unseen">, paging: Paging): Step | undefined {
  if (paging === "key" && step.followed > 0) return undefined;
  return nextStep(step, { ...page, unseen: 0 }, paging);
}

/** Where a window resumes when its cursor is refused or runs in a circle: the last row's time; undefined if there is no way forward. */
export function withoutCursor(step: Step, last: Micros | undefined): Step | undefined {
  if (last === undefined || last <= step.from) return undefined;
  return { from: last, followed: 0, unseen: 0, passes: 1 };
}

/** The progress of an unfinished walk, as kept in the checkpoint. */
export function readProgress(progress: string | undefined): Walk | undefined {
  return progress === undefined ? undefined : (JSON.parse(progress) as Walk);
}
