import { AzureError } from "../resource-manager/resource-type.ts";

/** Both ends are part of the span; epoch milliseconds. */
export interface Timespan {
  readonly from: number;
  readonly until: number;
}

const duration = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const millisecondsOf = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Reads the `timespan` of a query: an ISO 8601 duration that ends now, or an interval of two times or a time and a duration. */
export function parseTimespan(text: string, now: number): Timespan {
  const [first = "", second, ...rest] = text.split("/");
  const span = rest.length > 0 ? undefined : second === undefined ? lasting(first, now) : between(first, second);
  if (!span || Number.isNaN(span.from) || Number.isNaN(span.until)) {
    throw new AzureError(
      400,
      "BadArgumentError",
      `The timespan ${JSON.stringify(text)} is not an ISO 8601 duration (P1D) or interval (2026-01-01T00:00:00Z/P1D).`,
    );
  }
  return span;
}

function lasting(text: string, until: number): Timespan | undefined {
  const length = lengthOf(text);
  return length === undefined ? undefined : { from: until - length, until };
}

function between(first: string, second: string): Timespan | undefined {
  const [before, after] = [lengthOf(first), lengthOf(second)];
  if (before !== undefined && after !== undefined) return undefined;
  if (before !== undefined) return { from: Date.parse(second) - before, until: Date.parse(second) };
  return { from: Date.parse(first), until: after === undefined ? Date.parse(second) : Date.parse(first) + after };
}

function lengthOf(text: string): number | undefined {
  const parts = duration.exec(text)?.slice(1);
  if (!parts || parts.every((part) => part === undefined)) return undefined;
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (millisecondsOf[index] ?? 0), 0);
}
