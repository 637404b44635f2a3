/** Time in the simulators: instants are epoch microseconds where the vendor shows six digits, epoch milliseconds where a clock is meant. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/**
 * When the simulated history begins: at least 14 days back, on a week's border of absolute time. So a simulator that is started again
 * tells the same story, and one that goes on running forgets nothing.
 */
export const beginningOfHistory = (now: number): number => Math.floor((now - 14 * DAY) / WEEK) * WEEK;

/** `2026-03-04T05:06:07.089012Z` */
export const isoMicros = (micros: number): string => {
  const second = Math.floor(micros / 1_000_000);
  // Neighbouring rows share their second, and formatting it is most of the cost.
  if (second !== lastSecond.second) lastSecond = { second, text: new Date(second * 1000).toISOString().slice(0, 20) };
  return `${lastSecond.text}${String(micros - second * 1_000_000).padStart(6, "0")}Z`;
};

let lastSecond = { second: Number.NaN, text: "" };

/** `2026-03-04T05:06:07Z` */
export const isoSeconds = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch microseconds of an ISO 8601 instant with 0 to 9 fractional digits; undefined when it is none. */
export const parseIso = (text: string): number | undefined => {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const milliseconds = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(milliseconds)
    ? undefined
    : milliseconds * 1000 + Number((match[2] ?? "").padEnd(6, "0").slice(0, 6));
};
