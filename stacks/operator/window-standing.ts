import type { WindowEntity } from "../../function-code/state/entities.ts";

/** How far a window of the past has been read. */
export interface WindowStanding {
  readonly kind: WindowEntity["kind"];
  readonly from: string;
  readonly to: string;
  /** Percent of its time. */
  readonly readPercent: number;
  readonly uploaded: number;
  /** Rows that were stored or delivered already. */
  readonly duplicates: number;
  /** Seconds until it will have been read, as it went so far; null where that cannot be told yet. */
  readonly leftSeconds: number | null;
  readonly done: boolean;
  readonly lastError: string | null;
}

/** @param now epoch milliseconds, from which the time that is left is told */
export function windowStanding(window: WindowEntity, now: number): WindowStanding {
  const { kind, from, to, left, uploaded, duplicates, startedAt, doneAt, lastError } = window;
  return {
    kind,
    from,
    to,
    readPercent: Math.floor((1 - left) * 1000) / 10,
    uploaded,
    duplicates,
    leftSeconds: startedAt === undefined || left >= 1 ? null : secondsLeft(now - Date.parse(startedAt), left),
    done: doneAt !== undefined,
    lastError: lastError ?? null,
  };
}

const secondsLeft = (elapsed: number, left: number) => Math.round(((elapsed / 1000) * left) / (1 - left));
