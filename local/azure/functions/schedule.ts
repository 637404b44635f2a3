import { Cron } from "croner";

/**
 * The next time a timer is due. Source: "Timer trigger for Azure Functions", NCRONTAB expressions: five fields, or six with seconds
 * first; day of month and day of week must both match; always UTC on Linux plans. Throws on an expression that Azure refuses.
 */
export function nextOccurrence(expression: string, after: Date): Date {
  return parse(expression).nextRun(after) ?? neverDue(expression);
}

/** Throws on an expression that is not NCRONTAB or that never comes due. */
export function requireSchedule(expression: string): void {
  nextOccurrence(expression, new Date(0));
}

const names = "Sun|Mon|Tue|Wed|Thu|Fri|Sat|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const fieldPattern = new RegExp(`^(?:[\\d*/,-]|${names})+$`, "i");

function parse(expression: string): Cron {
  if (/^[\d.]*\d:\d{2}:\d{2}$/.test(expression.trim())) {
    throw new Error(`"${expression}" is a time span, which timers accept on an App Service plan only: write NCRONTAB.`);
  }
  const fields = expression.trim().split(/\s+/);
  if (!fields.every((field) => fieldPattern.test(field)) || (fields.length !== 5 && fields.length !== 6)) {
    throw new Error(`"${expression}" is not NCRONTAB: {second} {minute} {hour} {day} {month} {day of week}.`);
  }
  try {
    return new Cron(fields.join(" "), { paused: true, timezone: "Etc/UTC", domAndDow: true });
  } catch (error) {
    throw new Error(`"${expression}" is not NCRONTAB: ${(error as Error).message}`, { cause: error });
  }
}

function neverDue(expression: string): never {
  throw new Error(`"${expression}" never comes due.`);
}
