import { ticksPerDay, ticksPerSecond } from "../types.ts";
import { type NativeFunction, native } from "./native-function.ts";
import { datetimeText } from "./times.ts";

/** Up to seven digits of the fraction; `F` leaves out the zeros at the end. */
function fraction(token: string, digits: string): string {
  const cut = digits.slice(0, token.length);
  return token.startsWith("F") ? cut.replace(/0+$/, "") : cut;
}

const datetimeTokens = /yyyy|yy|y|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|tt/g;

function formatDatetime(ticks: bigint, format: string): string {
  const iso = datetimeText(ticks);
  const [year, month, day, hour, minute, second, digits] = [
    iso.slice(0, 4),
    iso.slice(5, 7),
    iso.slice(8, 10),
    iso.slice(11, 13),
    iso.slice(14, 16),
    iso.slice(17, 19),
    iso.slice(20, 27),
  ];
  const twelve = String(Number(hour) % 12 || 12);
  return format.replace(datetimeTokens, (token) => {
    switch (token) {
      case "yyyy":
        return year;
      case "yy":
        return year.slice(2);
      case "y":
        return String(Number(year.slice(2)));
      case "MM":
        return month;
      case "M":
        return String(Number(month));
      case "dd":
        return day;
      case "d":
        return String(Number(day));
      case "HH":
        return hour;
      case "H":
        return String(Number(hour));
      case "hh":
        return twelve.padStart(2, "0");
      case "h":
        return twelve;
      case "mm":
        return minute;
      case "m":
        return String(Number(minute));
      case "ss":
        return second;
      case "s":
        return String(Number(second));
      case "tt":
        return Number(hour) < 12 ? "AM" : "PM";
      default:
        return fraction(token, digits);
    }
  });
}

const timespanTokens = /d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}/g;

function formatTimespan(ticks: bigint, format: string): string {
  const positive = ticks < 0n ? -ticks : ticks;
  const seconds = Number((positive % ticksPerDay) / ticksPerSecond);
  const parts: Readonly<Record<string, number>> = {
    h: Math.floor(seconds / 3600),
    m: Math.floor(seconds / 60) % 60,
    s: seconds % 60,
  };
  const digits = String(positive % ticksPerSecond).padStart(7, "0");
  const sign = ticks < 0n ? "-" : "";
  return (
    sign +
    format.replace(timespanTokens, (token) => {
      if (token.startsWith("d")) return String(positive / ticksPerDay).padStart(token.length, "0");
      const value = parts[token.charAt(0).toLowerCase()];
      return value === undefined || /^f/i.test(token)
        ? fraction(token, digits)
        : String(value).padStart(token.length, "0");
    })
  );
}

export const formatFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_format_datetime: native(["long", "text"], "text", formatDatetime),
  kql_format_timespan: native(["long", "text"], "text", formatTimespan),
};
