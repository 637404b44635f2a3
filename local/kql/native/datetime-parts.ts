import { epochTicks, lastTick, ticksPerDay, ticksPerSecond } from "../types.ts";
import { type NativeFunction, native } from "./native-function.ts";
import { daysInMonth, ticksOf } from "./times.ts";

/** Ticks in the parts of a time that are of one length. */
const lengths: Readonly<Record<string, bigint>> = {
  week: 7n * ticksPerDay,
  day: ticksPerDay,
  hour: 3600n * ticksPerSecond,
  minute: 60n * ticksPerSecond,
  second: ticksPerSecond,
  millisecond: 10_000n,
  microsecond: 10n,
  nanosecond: 1n,
};
/** Months in the parts that are not. */
const months: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 };

function dateOf(ticks: bigint): Date {
  return new Date(
    Number((ticks - epochTicks - (((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond)) / 10_000n),
  );
}

/** A day that the month does not have becomes its last one. */
function addMonths(ticks: bigint, count: number): bigint | null {
  const date = dateOf(ticks);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + count;
  const [year, number] = [Math.floor(month / 12), (((month % 12) + 12) % 12) + 1];
  if (year < 1 || year > 9999) return null;
  const midnight = ticksOf(year, number, Math.min(date.getUTCDate(), daysInMonth(year, number)), 0, 0, 0);
  return midnight === null ? null : midnight + (ticks % ticksPerDay);
}

function add(part: string, count: bigint, ticks: bigint): bigint | null {
  const name = part.toLowerCase();
  const inMonths = months[name];
  if (inMonths !== undefined) return addMonths(ticks, Number(count) * inMonths);
  const length = lengths[name];
  if (length === undefined) return null;
  const sum = ticks + count * (name === "nanosecond" ? 0n : length) + (name === "nanosecond" ? count / 100n : 0n);
  return sum >= 0n && sum <= lastTick ? sum : null;
}

/** How many boundaries of the part lie between two times. Weeks begin on Sunday. */
function difference(part: string, a: bigint, b: bigint): bigint | null {
  const name = part.toLowerCase();
  const inMonths = months[name];
  if (inMonths !== undefined) {
    const index = (ticks: bigint) => {
      const date = dateOf(ticks);
      return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / inMonths);
    };
    return BigInt(index(a) - index(b));
  }
  const length = lengths[name];
  if (length === undefined) return null;
  // Year 1 begins on a Monday
  const shift = name === "week" ? ticksPerDay : 0n;
  if (name === "nanosecond") return (a - b) * 100n;
  return (a + shift) / length - (b + shift) / length;
}

export const datetimePartFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_datetime_add: native(["text", "long", "long"], "long", add),
  kql_datetime_diff: native(["text", "long", "long"], "long", difference),
  kql_make_datetime: native(
    ["long", "long", "long", "long", "long", "real"],
    "long",
    (year, month, day, hour, minute, second) => {
      const whole = Math.floor(second);
      const ticks = ticksOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), whole);
      return ticks === null ? null : ticks + BigInt(Math.round((second - whole) * 1e7));
    },
  ),
};
