import type { SimulatorAnswer } from "../../simulator.ts";
import type { CursorKind } from "./cursor.ts";
import type { ChildFeed, Feed } from "./feed.ts";
import { queryFeed } from "./query.ts";

/** A feed as the console serves it: what its rows are made of stays inside. */
export interface List {
  readonly stream: string;
  /** With `{id}` in it where each object of another list has a list of its own. */
  readonly path: string;
  readonly permission: string;
  /** The body of a page; undefined where there is nothing of that id. Throws `InvalidParameter`. */
  page(query: URLSearchParams, now: number, id?: string): string | undefined;
  /** Where the list is asked for by POST alone: answers its body. */
  post?(body: string, now: number): SimulatorAnswer;
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

export function childListOf<Parent, Row>(child: ChildFeed<Parent, Row>, cursor: CursorKind): List {
  const { stream, path, permission } = child;
  const listOfParent = (parent: Parent) => listOf({ stream, path, permission, ...child.open(parent) }, cursor);
  return {
    stream,
    path,
    permission,
    page: (query, now, id) => {
      const parent = child.parents(now).find((parent) => child.parentId(parent) === id);
      return parent && listOfParent(parent).page(query, now);
    },
    keys: (now) => child.parents(now).flatMap((parent) => listOfParent(parent).keys(now)),
    everShown: (since, now) => child.parents(now).flatMap((parent) => listOfParent(parent).everShown(since, now)),
  };
}
