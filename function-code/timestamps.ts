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

/** The minute that was read last, `yyyy-MM-ddTHH:mm`: a list in order of time has the next one in it mostly. */
let latestMinute = { text: "", start: 0 };

/** ISO 8601 with none to nine fractional digits, without a zone read as UTC; undefined for anything else. */
export function parseIso(text: string): Micros | undefined {
  if (text.length === 27 && text.startsWith(latestMinute.text) && latestMinute.text !== "") {
    const rest = withinMinute(text);
    if (rest !== undefined) return latestMinute.start + rest;
  }
  const match = isoPattern.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const offset = (match[8] === "-" ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  const milliseconds = Date.UTC(year, month - 1, day, hours, minutes - offset, seconds);
  const fraction = Number((match[7] ?? "").padEnd(6, "0").slice(0, 6));
  if (offset === 0) latestMinute = { text: text.slice(0, 16), start: (milliseconds - seconds * 1000) * 1000 };
  return milliseconds * 1000 + fraction;
}

/** Of `yyyy-MM-ddTHH:mm:ss.ffffffZ`, as consoles write it, what is behind the minute; undefined for anything else. */
function withinMinute(text: string): Micros | undefined {
  if (text.charCodeAt(16) !== 58 || text.charCodeAt(19) !== 46 || text.charCodeAt(26) !== 90) return undefined;
  let micros = 0;
  for (let i = 17; i < 26; i++) {
    if (i === 19) continue;
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    micros = micros * 10 + digit;
  }
  return micros <= 60_999_999 ? micros : undefined;
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
