import { type CursorKind, cursorAfter, readCursor } from "./cursor.ts";
import { InvalidParameter } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { type Predicate, readFilters } from "./filters.ts";

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  /** Absent when the request asked not to count. */
  readonly totalItems?: number;
}

const MAXIMUM_LIMIT = 1000;
const DEFAULT_LIMIT = 10;
const MAXIMUM_SKIP = 1000;

/** One page of a list, as the console's parameters ask for it. Parameters that it does not know are ignored. */
export function queryFeed<Row>(feed: Feed<Row>, query: URLSearchParams, now: number, kind: CursorKind): Page<Row> {
  const limit = readInteger(query, "limit", 1, MAXIMUM_LIMIT) ?? DEFAULT_LIMIT;
  const skip = readInteger(query, "skip", 0, MAXIMUM_SKIP) ?? 0;
  const countOnly = readBoolean(query, "countOnly");
  const skipCount = readBoolean(query, "skipCount");
  const order = readOrder(feed, query);
  const { predicates, range } = readFilters(feed, query);
  if (feed.visible) predicates.push((row) => feed.visible?.(row, now) ?? true);
  const cursor = query.get("cursor");
  const position = cursor ? readCursor(cursor) : undefined;

  const matches = filter(feed.rows(now, range), predicates);
  const total = Math.min(matches.length, feed.countCap ?? Infinity);
  const counted = skipCount ? {} : { totalItems: total };
  if (countOnly) return { rows: [], nextCursor: null, totalItems: total };

  const sorted = order.sort(matches);
  const start = position ? startOf(position, sorted, order) : skip;
  const rows = sorted.slice(start, start + limit);
  const last = rows.at(-1);
  const more = last !== undefined && start + limit < sorted.length;
  const nextCursor = more ? cursorAfter(kind, start + limit, order.value(last), feed.id(last)) : null;
  return { rows, nextCursor, ...counted };
}

interface Order<Row> {
  sort(rows: Row[]): Row[];
  value(row: Row): number | string;
  /** Is the row behind this value and id? */
  after(row: Row, value: number | string, id: string): boolean;
}

function readOrder<Row>(feed: Feed<Row>, query: URLSearchParams): Order<Row> {
  const sortBy = query.get("sortBy") ?? feed.order ?? "id";
  const value = Object.hasOwn(feed.sorts, sortBy) ? feed.sorts[sortBy] : undefined;
  if (!value) throw new InvalidParameter("sortBy", `Must be one of: ${Object.keys(feed.sorts).join(", ")}.`);
  const sortOrder = query.get("sortOrder") ?? "asc";
  if (sortOrder !== "asc" && sortOrder !== "desc")
    throw new InvalidParameter("sortOrder", "Must be one of: asc, desc.");
  const direction = sortOrder === "asc" ? 1 : -1;
  const compare = (a: Row, b: Row) =>
    direction * (compareValues(value(a), value(b)) || compareValues(feed.id(a), feed.id(b)));
  const sort = (rows: Row[]) => {
    if (sortBy !== feed.order) return rows.sort(compare);
    return direction === 1 ? rows : rows.reverse();
  };
  const after = (row: Row, edge: number | string, id: string) =>
    direction * (compareValues(value(row), edge) || compareValues(feed.id(row), id)) > 0;
  return { sort, value, after };
}

function startOf<Row>(position: ReturnType<typeof readCursor>, sorted: readonly Row[], order: Order<Row>): number {
  if (position.kind === "position") return position.offset;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order.after(sorted[middle] as Row, position.value, position.id)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function filter<Row>(rows: readonly Row[], predicates: readonly Predicate<Row>[]): Row[] {
  const matches: Row[] = [];
  for (const row of rows) {
    if (predicates.every((holds) => holds(row))) matches.push(row);
  }
  return matches;
}

const compareValues = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);

function readInteger(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d+$/.test(text)) throw new InvalidParameter(name, "Not a valid integer.");
  const value = Number(text);
  if (value < least || value > most) throw new InvalidParameter(name, `Must be between ${least} and ${most}.`);
  return value;
}

function readBoolean(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)?.toLowerCase() ?? "false";
  if (text !== "true" && text !== "false") throw new InvalidParameter(name, "Not a valid boolean.");
  return text === "true";
}
