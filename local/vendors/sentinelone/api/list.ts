import type { CursorKind } from "./cursor.ts";
import type { Feed } from "./feed.ts";
import { queryFeed } from "./query.ts";

/** A feed as the console serves it: what its rows are made of stays inside. */
export interface List {
  readonly stream: string;
  readonly path: string;
  readonly permission: string;
  /** The body of a page; throws `InvalidParameter`. */
  page(query: URLSearchParams, now: number): string;
  /** Keys of all rows shown at that time. */
  keys(now: number): readonly string[];
  /** Keys of all states that were shown at some time from `since` to `now`. */
  everShown(since: number, now: number): readonly string[];
}

export function listOf<Row>(feed: Feed<Row>, cursor: CursorKind): List {
  const keys = (now: number) =>
    feed
      .rows(now, () => ({ from: -Infinity, to: Infinity }))
      .filter((row) => feed.visible?.(row, now) ?? true)
      .map((row) => feed.key(row));
  return {
    stream: feed.stream,
    path: feed.path,
    permission: feed.permission,
    page: (query, now) => {
      const { rows, ...pagination } = queryFeed(feed, query, now, cursor);
      const objects = rows.map((row) => feed.render(row)).join(",");
      const data = feed.envelope?.(objects, now) ?? `[${objects}]`;
      return `{"data":${data},"pagination":${JSON.stringify(pagination)}}`;
    },
    keys,
    everShown: (since, now) => feed.everShown?.(since, now) ?? [...new Set([...keys(since), ...keys(now)])],
  };
}
