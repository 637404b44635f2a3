/**
 * Times of records, as epoch microseconds: fine enough for the six digits that consoles write, and still exact as a number.
 * Clock times of the worker stay epoch milliseconds; `fromMillis` is the bridge.
 */
export type Micros = number;

export const second: Micros = 1_000_000;
export const hour: Micros = 3600 * second;

export const fromMillis = (milliseconds: number): Micros => milliseconds * 1000;
export const toMillis = (time: Micros): number => Math.floor(time / 1000);

const isoPattern = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/i;

/** ISO 8601 with none to nine fractional digits, without a zone read as UTC; undefined for anything else. */
export function parseIso(text: string): Micros | undefined {
  const match = isoPattern.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const offset = (match[8] === "-" ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  const milliseconds = Date.UTC(year, month - 1, day, hours, minutes - offset, seconds);
  const fraction = Number((match[7] ?? "").padEnd(6, "0").slice(0, 6));
  return milliseconds * 1000 + fraction;
}

/** With six fractional digits and `Z`, as consoles write it. */
export function formatIso(time: Micros): string {
  const fraction = ((time % second) + second) % second;
  return `${new Date((time - fraction) / 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(6, "0")}Z`;
}

/** With three fractional digits, as state and health rows carry it. */
export const formatMillis = (time: Micros): string => new Date(toMillis(time)).toISOString();

/** `yyyy-MM-ddTHH`: the hour that a time falls into. */
export const hourOf = (time: Micros): string => new Date(toMillis(time)).toISOString().slice(0, 13);
