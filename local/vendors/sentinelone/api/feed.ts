/** What a feed tells the query language about its rows; everything else about lists is the same for all of them. */
export interface Feed<Row> {
  /** The stream that reads it, for `Simulator.keys`. */
  readonly stream: string;
  /** Below `/web/api/v2.1`. */
  readonly path: string;
  /** Permission that a token needs, by the console's name. */
  readonly permission: string;
  /** Time filters: the row's instant in epoch microseconds, and the operators that this feed knows. */
  readonly times: Readonly<Record<string, TimeFilter<Row>>>;
  /** Filters that take a comma-separated list and match any of it; a row may have several values. */
  readonly sets: Readonly<Record<string, (row: Row) => SetValue | readonly SetValue[]>>;
  /** Parameters without which the console refuses; each is compared as a whole. */
  readonly required?: Readonly<Record<string, (row: Row) => string>>;
  /** Takes one account, site or group where other feeds take hundreds. */
  readonly oneScope?: true;
  readonly sorts: Readonly<Record<string, (row: Row) => number | string>>;
  /** The sort key in whose ascending order `rows` delivers already, ties by id; also the order without `sortBy`. */
  readonly order?: string;
  /** `totalItems` never says more. */
  readonly countCap?: number;
  /** Everything that may be visible at `now`; rows outside the range of a time filter may be left out, when the feed can tell cheaply. */
  rows(now: number, range: (filter: string) => TimeRange): readonly Row[];
  /** Rows that exist but that the console does not show yet. Absent: all are shown. */
  visible?(row: Row, now: number): boolean;
  /** Rows that a request gets only if it asks for them. */
  hidden?(row: Row, query: URLSearchParams): boolean;
  id(row: Row): string;
  /** The object as JSON text. */
  render(row: Row): string;
  /** What identifies this state of the object: `id`, or `id|updatedAt` where objects change. */
  key(row: Row): string;
  /** Keys of all that was shown at some time from `since` to `now`; absent: nothing changes but by coming and going. */
  everShown?(since: number, now: number): readonly string[];
  /** Around the page's objects; the console's own list unless told. */
  envelope?(objects: string, now: number): string;
}

export type SetValue = string | number | boolean | null | undefined;

interface TimeFilter<Row> {
  readonly value: (row: Row) => number | undefined;
  readonly operators: readonly TimeOperator[];
}

/** `equal` is the bare parameter name; the others follow two underscores. */
export type TimeOperator = "gt" | "gte" | "lt" | "lte" | "between" | "equal";
export const COMPARISONS = ["gt", "gte", "lt", "lte"] as const;
export const COMPARISONS_AND_BETWEEN = [...COMPARISONS, "between"] as const;

/** Epoch microseconds, both ends included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A feed that each object of another feed has of its own, such as the notes of a threat. */
export interface ChildFeed<Parent, Row> extends Pick<Feed<Row>, "stream" | "permission"> {
  /** Below `/web/api/v2.1`, with `{id}` where the parent's id stands. */
  readonly path: string;
  parents(now: number): readonly Parent[];
  parentId(parent: Parent): string;
  open(parent: Parent): Omit<Feed<Row>, "stream" | "path" | "permission">;
}
