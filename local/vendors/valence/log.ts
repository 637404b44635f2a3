import { HOUR } from "../time.ts";

export interface TimedRow {
  /** The row's own time, epoch seconds. */
  readonly at: number;
  /** When the tenant shows it, epoch milliseconds. */
  readonly shownAt: number;
  readonly key: string;
  /** The object as JSON text. */
  readonly text: string;
}

/** Rows in order of their time, invented hour by hour of absolute time as far as they are asked for. */
export class TimedLog {
  readonly #firstHour: number;
  readonly #invent: (hour: number) => TimedRow[];
  readonly #hours = new Map<number, readonly TimedRow[]>();

  constructor(beginning: number, invent: (hour: number) => TimedRow[]) {
    this.#firstHour = beginning / HOUR;
    this.#invent = invent;
  }

  /** Rows shown at `now` with `from` ≤ time < `to`, epoch seconds. */
  shown(now: number, from = -Infinity, to = Infinity): TimedRow[] {
    const first = Math.max(this.#firstHour, Math.floor((from * 1000) / HOUR));
    const last = Math.min(Math.floor(now / HOUR), Math.ceil((to * 1000) / HOUR));
    const rows: TimedRow[] = [];
    for (let hour = first; hour <= last; hour++) {
      for (const row of this.#hour(hour)) {
        if (row.at >= from && row.at < to && row.shownAt <= now) rows.push(row);
      }
    }
    return rows;
  }

  #hour(hour: number): readonly TimedRow[] {
    const rows = this.#hours.get(hour) ?? this.#invent(hour).sort((a, b) => a.at - b.at);
    this.#hours.set(hour, rows);
    return rows;
  }
}
