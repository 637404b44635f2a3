import { hour, hourOf, type Micros, second } from "./timestamps.ts";

/**
 * Whether everything that a server shows was delivered: for each closed hour, what it counts against what the ledger knows. Only more at
 * the server means something (a ledger remembers what a server forgets), and is answered by reading the hour again, so that a row which
 * shows up hours late still arrives. Decided here without I/O.
 */

/** From inclusive, to exclusive. */
export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

/** What the audit of a stream remembers between two runs: hours, `yyyy-MM-ddTHH`, whose count was not met by reading them again. */
export type AuditNotes = Readonly<Record<string, AuditNote>>;
interface AuditNote {
  /** What the server counted. */
  readonly counted: number;
  /** Times that the hour was read again and brought nothing. */
  readonly inVain: number;
}

/** A count that is still not met after so many readings is taken for the server's mistake, until it grows. */
const maxInVain = 3;

/** Every hour, by the server's clock. */
export const isAuditDue = (last: Micros, now: Micros): boolean => now - last >= hour;

/**
 * The hours that are over, within reach of the watermark, oldest first. The first one is cut where collection began.
 * @param firstFrom nothing before was ever asked for
 * @param watermark everything before should have been delivered
 */
export function closedHours(firstFrom: Micros, watermark: Micros, reachHours: number): Span[] {
  const end = startOfHour(watermark);
  const spans: Span[] = [];
  for (let to = end; to > end - reachHours * hour && to > firstFrom; to -= hour) {
    spans.unshift({ from: Math.max(firstFrom, to - hour), to });
  }
  return spans;
}

/** Whether an hour has to be read again. */
export function isShort(notes: AuditNotes, { from }: Span, counted: number, delivered: number): boolean {
  if (counted <= delivered) return false;
  const note = notes[hourOf(from)];
  return note === undefined || note.inVain < maxInVain || counted > note.counted;
}

/** The notes after an hour was read again: with it until its count is met. */
export function afterReplay(
  notes: AuditNotes,
  { from }: Span,
  counted: number,
  delivered: { readonly before: number; readonly after: number },
): AuditNotes {
  const { [hourOf(from)]: note, ...others } = notes;
  if (delivered.after >= counted) return others;
  const isFresh = note === undefined || counted > note.counted || delivered.after > delivered.before;
  return { ...others, [hourOf(from)]: { counted, inVain: isFresh ? 1 : note.inVain + 1 } };
}

/** The notes on these hours: others will not be asked about again. */
export function notesOn(notes: AuditNotes, spans: readonly Span[]): AuditNotes {
  const hours = new Set(spans.map(({ from }) => hourOf(from)));
  return Object.fromEntries(Object.entries(notes).filter(([name]) => hours.has(name)));
}

/** Counts what a server has in a span: a count that looks cut off is made of counts of its halves. */
export async function countIn(span: Span, count: (span: Span) => Promise<number>): Promise<number> {
  const counted = await count(span);
  const length = span.to - span.from;
  if (!looksCapped(counted) || length <= second) return counted;
  const middle = span.from + Math.floor(length / 2);
  const halves = (await countIn({ ...span, to: middle }, count)) + (await countIn({ ...span, from: middle }, count));
  return Math.max(counted, halves);
}

/** Servers stop counting at round numbers; one console was seen to answer 50,000 exactly. */
const looksCapped = (counted: number) => counted > 0 && counted % 10_000 === 0;

const startOfHour = (time: Micros) => Math.floor(time / hour) * hour;
