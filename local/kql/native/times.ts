import { epochTicks, lastTick, ticksPerDay, ticksPerSecond } from "../types.ts";

// KQL's datetime and timespan are counts of 100 ns: here they are read from text and written as text.

const iso =
  /^(\d{4})-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
const slashes = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?\s*(AM|PM)?)?$/i;
const rfc822 =
  /^(?:[A-Za-z]+,\s*)?(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{2}|\d{4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s*(?:GMT|UTC|Z)?$/i;
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Ticks since year 1 of a point in time written in ISO 8601, `MM/dd/yyyy HH:mm:ss` or RFC 822; else null. */
export function parseDatetime(text: string): bigint | null {
  const trimmed = text.trim();
  const found = iso.exec(trimmed);
  if (found !== null) {
    const [, year, month, day = "1", hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
    const local = ticksOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
    if (local === null) return null;
    return inRange(local + BigInt(fraction.slice(0, 7).padEnd(7, "0")) - offsetTicks(zone));
  }
  const american = slashes.exec(trimmed);
  if (american !== null) {
    const [, month, day, year, hour = "0", minute = "0", second = "0", fraction = "", half] = american;
    const shifted = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === "PM" ? 12 : 0);
    const ticks = ticksOf(Number(year), Number(month), Number(day), shifted, Number(minute), Number(second));
    return ticks === null ? null : ticks + BigInt(fraction.padEnd(7, "0"));
  }
  const mail = rfc822.exec(trimmed);
  if (mail !== null) {
    const [, day, month = "", year = "", hour, minute, second = "0"] = mail;
    const number = months.indexOf(month.toLowerCase()) + 1;
    const full = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
    return ticksOf(full, number, Number(day), Number(hour), Number(minute), Number(second));
  }
  return null;
}

function offsetTicks(zone: string): bigint {
  if (zone.toUpperCase() === "Z") return 0n;
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return BigInt(zone.startsWith("-") ? -minutes : minutes) * 60n * ticksPerSecond;
}

/** Ticks of a calendar time, or null if there is no such time. */
export function ticksOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): bigint | null {
  const valid = year >= 1 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59;
  if (!valid || day > daysInMonth(year, month)) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return epochTicks + BigInt(date.getTime() / 1000 + hour * 3600 + minute * 60 + second) * ticksPerSecond;
}

export function daysInMonth(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

function inRange(ticks: bigint): bigint | null {
  return ticks >= 0n && ticks <= lastTick ? ticks : null;
}

/** `yyyy-MM-ddTHH:mm:ss.fffffffZ`. */
export function datetimeText(ticks: bigint): string {
  const sinceEpoch = ticks - epochTicks;
  const fraction = ((sinceEpoch % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
  const date = new Date(Number((sinceEpoch - fraction) / 10_000n));
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  // toISOString writes six digits and a sign outside of the years 0 to 9999 only
  return `${year}${date.toISOString().slice(4, 19)}.${String(fraction).padStart(7, "0")}Z`;
}

const clock = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;
const amount =
  /^(-)?(\d+(?:\.\d+)?)\s*(d|days?|h|hrs?|hours?|m|min|minutes?|s|sec|seconds?|ms|millis?|milliseconds?|microseconds?|ticks?)$/i;
const units: Readonly<Record<string, bigint>> = {
  d: ticksPerDay,
  h: 3600n * ticksPerSecond,
  m: 60n * ticksPerSecond,
  s: ticksPerSecond,
  milli: 10_000n,
  micro: 10n,
  tick: 1n,
};

/** Ticks of a duration: `[-][d.]hh:mm[:ss[.fffffff]]`, or a number with a unit such as `90s`; else null. */
export function parseTimespan(text: string): bigint | null {
  const trimmed = text.trim();
  const found = clock.exec(trimmed);
  if (found !== null) {
    const [, sign, days = "0", hours, minutes, seconds = "0", fraction = ""] = found;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const ticks = BigInt(days) * ticksPerDay + BigInt(whole) * ticksPerSecond + BigInt(fraction.padEnd(7, "0"));
    return sign === undefined ? ticks : -ticks;
  }
  const measured = amount.exec(trimmed);
  if (measured === null) return null;
  const [, sign, number = "0", unit = ""] = measured;
  const name = unit.toLowerCase();
  const perUnit = units[/^(milli|micro|tick)/.exec(name)?.[0] ?? (name === "ms" ? "milli" : name.charAt(0))] as bigint;
  const [integer = "0", decimals = ""] = number.split(".");
  const scale = 10n ** BigInt(decimals.length);
  const ticks = BigInt(integer) * perUnit + (BigInt(decimals || "0") * perUnit) / scale;
  return sign === undefined ? ticks : -ticks;
}

/** `[-][d.]hh:mm:ss[.fffffff]`. */
export function timespanText(ticks: bigint): string {
  const positive = ticks < 0n ? -ticks : ticks;
  const days = positive / ticksPerDay;
  const seconds = Number((positive % ticksPerDay) / ticksPerSecond);
  const fraction = positive % ticksPerSecond;
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${ticks < 0n ? "-" : ""}${days > 0n ? `${days}.` : ""}${time}${fraction > 0n ? `.${String(fraction).padStart(7, "0")}` : ""}`;
}
