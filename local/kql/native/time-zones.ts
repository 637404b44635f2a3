import { epochTicks, ticksPerSecond } from "../types.ts";
import { type NativeFunction, native } from "./native-function.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the name is of a time zone that is known here. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Throws `RangeError` for a zone that does not exist. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  formats.set(zone, format);
  return format;
}

/** How far the zone's clocks are ahead at an instant, both in ticks. */
function offsetAt(ticks: bigint, zone: string): bigint {
  const parts = formatOf(zone).formatToParts(Number((ticks - epochTicks) / 10_000n));
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
  const length = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
  return (sign === "-" ? -length : length) * ticksPerSecond;
}

/** The instant at which the zone's clocks show a time. */
function toUtc(local: bigint, zone: string): bigint {
  const guess = local - offsetAt(local, zone);
  return local - offsetAt(guess, zone);
}

export const timeZoneFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_datetime_utc_to_local: native(["long", "text"], "long", (ticks, zone) => ticks + offsetAt(ticks, zone)),
  kql_datetime_local_to_utc: native(["long", "text"], "long", toUtc),
};
