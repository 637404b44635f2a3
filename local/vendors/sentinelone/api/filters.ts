import { parseIso } from "../../time.ts";
import { InvalidParameter } from "./errors.ts";
import type { Feed, TimeOperator, TimeRange } from "./feed.ts";

export type Predicate<Row> = (row: Row) => boolean;

export interface Filters<Row> {
  readonly predicates: Predicate<Row>[];
  /** What the time filters of one name leave over. */
  readonly range: (filter: string) => TimeRange;
}

/** The filters of one request. A row without a value never passes a filter on it. */
export function readFilters<Row>(feed: Feed<Row>, query: URLSearchParams): Filters<Row> {
  const predicates: Predicate<Row>[] = [];
  const ranges = new Map<string, TimeRange>();
  for (const [name, { value, operators }] of Object.entries(feed.times)) {
    const range = operators
      .map((operator) => readRange(query, name, operator))
      .filter((range) => range !== undefined)
      .reduce(intersect, EVERYTHING);
    if (range === EVERYTHING) continue;
    ranges.set(name, range);
    predicates.push((row) => {
      const instant = value(row);
      return instant !== undefined && instant >= range.from && instant <= range.to;
    });
  }
  for (const [name, value] of Object.entries(feed.sets)) {
    const text = query.get(name);
    if (text === null) continue;
    const allowed = new Set(text.split(",").map((part) => part.trim()));
    const most = SCOPES.has(name) ? (feed.oneScope ? 1 : MOST_SCOPES) : MOST_VALUES;
    if (text === "" || allowed.size > most) throw new InvalidParameter(name, `Length must be between 1 and ${most}.`);
    predicates.push((row) => {
      const actual = [value(row)].flat();
      return actual.some((one) => one !== undefined && one !== null && allowed.has(String(one)));
    });
  }
  for (const [name, value] of Object.entries(feed.required ?? {})) {
    const text = query.get(name);
    if (!text) throw new InvalidParameter(name, "Missing data for required field.");
    predicates.push((row) => value(row) === text);
  }
  predicates.push((row) => !feed.hidden?.(row, query));
  return { predicates, range: (filter) => ranges.get(filter) ?? EVERYTHING };
}

const SCOPES: ReadonlySet<string> = new Set(["accountIds", "siteIds", "groupIds"]);
const MOST_SCOPES = 500;
const MOST_VALUES = 5000;

const EVERYTHING: TimeRange = { from: -Infinity, to: Infinity };

const intersect = (a: TimeRange, b: TimeRange): TimeRange => ({
  from: Math.max(a.from, b.from),
  to: Math.min(a.to, b.to),
});

/** Microseconds are whole numbers, so an exclusive end is the next one. */
function readRange(query: URLSearchParams, name: string, operator: TimeOperator): TimeRange | undefined {
  const parameter = operator === "equal" ? name : `${name}__${operator}`;
  const text = query.get(parameter);
  if (text === null) return undefined;
  if (operator === "between") {
    const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
    if (!match) throw new InvalidParameter(parameter, "Must be two Unix times in milliseconds, separated by a dash.");
    return { from: Number(match[1]) * 1000, to: Number(match[2]) * 1000 };
  }
  const instant = parseIso(text);
  if (instant === undefined) throw new InvalidParameter(parameter, "Not a valid datetime.");
  switch (operator) {
    case "gt":
      return { from: instant + 1, to: Infinity };
    case "gte":
      return { from: instant, to: Infinity };
    case "lt":
      return { from: -Infinity, to: instant - 1 };
    case "lte":
      return { from: -Infinity, to: instant };
    case "equal":
      return { from: instant, to: instant };
  }
}
