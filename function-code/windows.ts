import type { WindowEntity } from "./state/entities.ts";
import type { Stream } from "./stream.ts";
import { type Micros, parseIso } from "./timestamps.ts";
import type { Walk, Window } from "./walk.ts";

/**
 * Windows of the past that an operator asked for, decided without I/O. They are read by the holder of the stream's lease after live
 * collection has reached the present, for at most a quarter of each minute, and never into the next: `schedule` finds the stream free.
 */

const minute = 60_000;
const share = minute / 4;
/** From here to the end of a minute nothing is begun: a page and a batch may still be on their way. */
const margin = 10_000;

/** Until when windows may be read by a run that has caught up now; epoch milliseconds. Not after now: not at all. */
export function windowsUntil(now: number): number {
  return Math.min(now + share, Math.floor(now / minute) * minute + minute - margin);
}

/** Why a stream cannot be asked for a window of its past; undefined where it can. */
export function whyNoWindows({ inventory, whole, ordered }: Pick<Stream, "inventory" | "whole" | "ordered">) {
  if (whole) return "its list says nothing about when something changed: every walk reads all of it";
  if (inventory)
    return "it tells how things are now, each object as it changes: a console does not remember how an object was before";
  if (!ordered) return "the server's list is in no order of time, so that a part of it cannot be read by itself";
  return undefined;
}

/** Where a window is read on. */
export function walkOf({ progress, from, to }: Pick<WindowEntity, "progress" | "from" | "to">, now: Micros): Walk {
  if (progress !== undefined) return JSON.parse(progress) as Walk;
  const windows = [{ from: parseIso(from) ?? 0, to: parseIso(to) ?? 0 }];
  return { startedAt: now, sweep: false, completeUntil: 0, windows };
}

/** What is left of a window's time, from 0 to 1. */
export function leftOf({ from, to }: Pick<WindowEntity, "from" | "to">, rest: readonly Window[]): number {
  const end = parseIso(to) ?? 0;
  const whole = end - (parseIso(from) ?? 0);
  return rest.reduce((sum, window) => sum + Math.max(0, (window.to ?? end) - window.from), 0) / whole;
}

/** Whether a window does not rest because of a failure. */
export const isReady = ({ notBefore }: Pick<WindowEntity, "notBefore">, now: number): boolean =>
  notBefore === undefined || Date.parse(notBefore) <= now;

/** How long a window rests after so many failures in a row, in milliseconds. */
export const restAfter = (failures: number): number => minute * Math.min(60, 2 ** failures);
