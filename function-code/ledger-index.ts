import type { Hash64 } from "./state/hash.ts";
import { HashSet } from "./state/hash-set.ts";
import { hourNumber, type KeyLedger } from "./state/ledger.ts";
import type { Micros } from "./timestamps.ts";

/**
 * The delivered keys around the place where a window is being read. Hours are read from the ledger when the first of their rows turns up
 * and forgotten when the walk has left them behind, so that memory does not grow with the walk.
 */
export class LedgerIndex {
  readonly #ledger: KeyLedger;
  readonly #connection: string;
  readonly #stream: string;
  readonly #hours = new Map<number, HashSet>();

  constructor(ledger: KeyLedger, connection: string, stream: string) {
    this.#ledger = ledger;
    this.#connection = connection;
    this.#stream = stream;
  }

  /** Makes the hours of these keys known: one question for hours that lie close together. */
  async load(keys: readonly { readonly time: Micros }[]): Promise<void> {
    const missing = this.#missing(keys);
    for (const [first, last] of spans(missing)) {
      const known = await this.#ledger.readHours(this.#connection, this.#stream, first, last);
      for (const hour of missing) {
        if (hour >= first && hour <= last) this.#hours.set(hour, known.get(hour) ?? new HashSet());
      }
    }
  }

  #missing(keys: readonly { readonly time: Micros }[]): number[] {
    const missing = new Set<number>();
    let latest = Number.NaN;
    for (const { time } of keys) {
      const hour = hourNumber(time);
      if (hour !== latest && !this.#hours.has(hour)) missing.add(hour);
      latest = hour;
    }
    return [...missing];
  }

  /** False where the key was delivered, or is on its way. Its hour is loaded. */
  add(time: Micros, hash: Hash64): boolean {
    const keys = this.#hours.get(hourNumber(time));
    if (!keys) throw new Error(`hour ${hourNumber(time)} of the ledger is not loaded`);
    return keys.add(hash);
  }

  /** Forgets the hours before a time. */
  forget(before: Micros): void {
    for (const hour of this.#hours.keys()) {
      if (hour < hourNumber(before)) this.#hours.delete(hour);
    }
  }
}

/** Hours further apart than this are asked for separately. */
const widestGap = 24;

/** First and last hours of stretches that have no wide gap in them. */
function spans(hours: readonly number[]): [first: number, last: number][] {
  const found: [number, number][] = [];
  for (const hour of hours.toSorted((a, b) => a - b)) {
    const latest = found.at(-1);
    if (latest && hour - latest[1] <= widestGap) latest[1] = hour;
    else found.push([hour, hour]);
  }
  return found;
}
