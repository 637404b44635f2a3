import type { Clock } from "../clock.ts";
import type { Page, PageRequest, Stream } from "../stream.ts";
import { formatIso } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { SentinelOneClient } from "./client.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { type PageReader, pageReader } from "./page.ts";
import type { SentinelOneStream } from "./rest-stream.ts";

/** A list of the console's REST API in no order of changes: it is read whole, or what its filter lets through, and what changed in it is sent. */
export interface WholeStreamDeclaration {
  readonly name: string;
  /** Below `/web/api/v2.1`. */
  readonly path: string;
  /** What the token's role needs, as the console's role editor writes it. */
  readonly permission: string;
  /** Without it the list is asked for without limit, order and cursor, as one page. */
  readonly pageSize?: number;
  /** Where the list stands in its envelope. @default "data" */
  readonly records?: string;
  /** Further query parameters. */
  readonly query?: Readonly<Record<string, string>>;
  /** Stem of the parameters that narrow the list to what changed in a time, `<changes>__gte` and `<changes>__lt`. */
  readonly changes?: string;
  /** The list can be narrowed to the connection's sites: to all of them at once, or to one a request. */
  readonly bySite: boolean | "one";
  readonly requestsPerSecond: number;
  /** Names the object; `volatile` members change all the time and do not count. */
  readonly inventory: { readonly id: string; readonly volatile: readonly string[] };
  readonly restMinutes?: number;
  /** Sends all of it, changed or not. */
  readonly sweep?: Stream["sweep"];
}

export function wholeStream(declaration: WholeStreamDeclaration): SentinelOneStream {
  const readPage = pageReader({ ...declaration, key: [declaration.inventory.id] });
  return {
    id: `sentinelone-${declaration.name}`,
    vendor: "sentinelone",
    name: declaration.name,
    permission: declaration.permission,
    paging: "cursor",
    ordered: false,
    inventory: true,
    whole: true,
    ...(declaration.changes !== undefined && { bounded: true }),
    ...(declaration.bySite === "one" && { oneScope: true }),
    ...(declaration.restMinutes !== undefined && { restMinutes: declaration.restMinutes }),
    ...(declaration.sweep && { sweep: declaration.sweep }),
    open: (client, caller, clock) => new WholeFeed(declaration, readPage, client, caller, clock),
  };
}

class WholeFeed extends ConsoleFeed {
  readonly #declaration: WholeStreamDeclaration;
  readonly #readPage: PageReader;

  constructor(
    declaration: WholeStreamDeclaration,
    readPage: PageReader,
    client: SentinelOneClient,
    caller: Caller,
    clock: Clock,
  ) {
    super(client, caller, clock);
    this.#declaration = declaration;
    this.#readPage = readPage;
  }

  read({ from, to, continuation, scope }: PageRequest): Promise<Page> {
    const { name, path, permission, pageSize, query, changes, bySite, requestsPerSecond } = this.#declaration;
    // In order of ids, which never change: what is added meanwhile comes last, and nothing changes its place.
    const paged = pageSize === undefined ? {} : { limit: String(pageSize), sortBy: "id", sortOrder: "asc" };
    return this.client.get({
      path,
      query: {
        ...query,
        ...paged,
        ...(changes !== undefined && { [`${changes}__gte`]: formatIso(from) }),
        ...(changes !== undefined && to !== undefined && { [`${changes}__lt`]: formatIso(to) }),
        siteIds: scope ?? (bySite ? this.client.connection.siteIds?.join(",") : undefined),
        cursor: continuation,
      },
      feed: name,
      permission,
      requestsPerSecond,
      read: this.#readPage,
      caller: this.caller,
    });
  }
}
