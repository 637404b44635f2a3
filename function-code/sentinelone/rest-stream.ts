import type { Span } from "../audit.ts";
import type { Clock } from "../clock.ts";
import { AnswerTooLarge } from "../errors.ts";
import { JsonError } from "../json.ts";
import type { Pace } from "../pace.ts";
import type { Feed, Page, PageRequest, Stream } from "../stream.ts";
import { formatIso, type Micros } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { Paging } from "../walk.ts";
import type { RestRequest, SentinelOneClient } from "./client.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { type PageReader, pageReader } from "./page.ts";

/** A list of the console's REST API, as its file declares it. Fields are paths within a record. */
export interface RestStreamDeclaration extends Pace {
  readonly name: string;
  /** Below `/web/api/v2.1`. */
  readonly path: string;
  /** What the token's role needs, as the console's role editor writes it. */
  readonly permission: string;
  readonly pageSize: number;
  /** The time that is followed: the query parameter's stem (`<filter>__gte`), the record's field, and the sort key where it differs. */
  readonly watermark: { readonly filter: string; readonly field: string; readonly sortBy?: string };
  /** Fields that together name one version of a record. */
  readonly key: readonly string[];
  readonly paging: Paging;
  readonly oneScope?: Stream["oneScope"];
  readonly sweep?: Stream["sweep"];
  /** Objects are sent when their content changes. `volatile` members change all the time and do not count. */
  readonly inventory?: { readonly id: string; readonly volatile: readonly string[] };
  readonly audit?: Stream["audit"];
  /** How objects that fell silent are found: the time of the last sign of life, as in `watermark`. */
  readonly silence?: Stream["silence"] & { readonly filter: string; readonly field: string };
}

export interface SentinelOneStream extends Stream {
  open(client: SentinelOneClient, caller: Caller, clock: Clock): Feed;
}

export function restStream(declaration: RestStreamDeclaration): SentinelOneStream {
  const changes = viewOf(declaration);
  const silent = viewOf(bySilence(declaration));
  return {
    id: `sentinelone-${declaration.name}`,
    vendor: "sentinelone",
    name: declaration.name,
    permission: declaration.permission,
    paging: declaration.paging,
    ordered: true,
    inventory: declaration.inventory !== undefined,
    ...(declaration.sweep && { sweep: declaration.sweep }),
    ...(declaration.audit && { audit: declaration.audit }),
    ...(declaration.oneScope && { oneScope: declaration.oneScope }),
    ...(declaration.silence && { silence: declaration.silence }),
    open: (client, caller, clock) => new RestFeed(changes, silent, client, caller, clock),
  };
}

function counted({ total }: Page): { readonly total: number } {
  if (total === undefined) throw new JsonError('there is no number "pagination.totalItems" in it');
  return { total };
}

/** A list in the order of one of its times. */
interface View {
  readonly declaration: RestStreamDeclaration;
  readonly read: PageReader;
}

const viewOf = (declaration: RestStreamDeclaration): View => ({ declaration, read: pageReader(declaration) });

/** By the last sign of life, which also tells one silence of an object from its next. */
function bySilence({ silence, ...declaration }: RestStreamDeclaration): RestStreamDeclaration {
  if (!silence) return declaration;
  const { filter, field } = silence;
  return { ...declaration, watermark: { filter, field }, key: [...declaration.key, field] };
}

class RestFeed extends ConsoleFeed {
  readonly #changes: View;
  readonly #silent: View;
  #pageSize: number;

  constructor(changes: View, silent: View, client: SentinelOneClient, caller: Caller, clock: Clock) {
    super(client, caller, clock);
    this.#changes = changes;
    this.#silent = silent;
    this.#pageSize = changes.declaration.pageSize;
  }

  async read(request: PageRequest): Promise<Page> {
    for (;;) {
      try {
        return await this.#readPage(request);
      } catch (error) {
        if (!(error instanceof AnswerTooLarge) || this.#pageSize === 1) throw error;
        this.#pageSize = Math.ceil(this.#pageSize / 4);
      }
    }
  }

  async count({ from, to }: Span): Promise<number> {
    const { declaration, read } = this.#changes;
    const query = { countOnly: "true", ...this.#bounds(declaration, from, to) };
    const { total } = await this.#get(declaration, query, (body, connection) => counted(read(body, connection)));
    return total;
  }

  #bounds({ watermark: { filter } }: RestStreamDeclaration, from: Micros, to: Micros | undefined, scope?: string) {
    return {
      [`${filter}__gte`]: formatIso(from),
      [`${filter}__lt`]: to === undefined ? undefined : formatIso(to),
      siteIds: scope ?? this.client.connection.siteIds?.join(","),
    };
  }

  #readPage({ from, to, continuation, silent, scope }: PageRequest): Promise<Page> {
    const { declaration, read } = silent ? this.#silent : this.#changes;
    const { watermark } = declaration;
    const query = {
      limit: String(this.#pageSize),
      sortBy: watermark.sortBy ?? watermark.filter,
      sortOrder: "asc",
      ...this.#bounds(declaration, from, to, scope),
      cursor: continuation,
      // The count costs the console time, and the first page tells it.
      skipCount: continuation === undefined ? undefined : "true",
    };
    return this.#get(declaration, query, read);
  }

  #get<T>(
    { path, name: feed, permission, requestsPerSecond, burst }: RestStreamDeclaration,
    query: RestRequest<T>["query"],
    read: RestRequest<T>["read"],
  ): Promise<T> {
    const pace = { requestsPerSecond, ...(burst !== undefined && { burst }) };
    return this.client.get({ path, query, feed, permission, ...pace, read, caller: this.caller });
  }
}
