import type { Span } from "../audit.ts";
import type { Clock } from "../clock.ts";
import { AnswerTooLarge } from "../errors.ts";
import { JsonError } from "../json.ts";
import type { Feed, Page, PageRequest, Stream } from "../stream.ts";
import { formatIso, type Micros } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { Paging } from "../walk.ts";
import type { SentinelOneClient } from "./client.ts";
import { pageReader } from "./page.ts";
import { recordRow } from "./record-row.ts";

/** A list of the console's REST API, as its file declares it. Fields are paths within a record. */
export interface RestStreamDeclaration {
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
  readonly requestsPerSecond: number;
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
    open: (client, caller, clock) => new RestFeed(declaration, client, caller, clock),
  };
}

function counted({ total }: Page): { readonly total: number } {
  if (total === undefined) throw new JsonError('there is no number "pagination.totalItems" in it');
  return { total };
}

/** A list in the order of one of its times. */
interface View {
  readonly declaration: RestStreamDeclaration;
  readonly read: (body: Buffer) => Page;
}

const viewOf = (declaration: RestStreamDeclaration, { connection }: SentinelOneClient): View => ({
  declaration,
  read: pageReader(declaration, connection.name),
});

/** By the last sign of life, which also tells one silence of an object from its next. */
function bySilence({ silence, ...declaration }: RestStreamDeclaration): RestStreamDeclaration {
  if (!silence) return declaration;
  const { filter, field } = silence;
  return { ...declaration, watermark: { filter, field }, key: [...declaration.key, field] };
}

class RestFeed implements Feed {
  readonly #changes: View;
  readonly #silent: View;
  readonly #client: SentinelOneClient;
  readonly #caller: Caller;
  readonly #clock: Clock;
  #pageSize: number;

  constructor(declaration: RestStreamDeclaration, client: SentinelOneClient, caller: Caller, clock: Clock) {
    this.#changes = viewOf(declaration, client);
    this.#silent = viewOf(bySilence(declaration), client);
    this.#client = client;
    this.#caller = caller;
    this.#clock = clock;
    this.#pageSize = declaration.pageSize;
  }

  serverNow(): Promise<Micros> {
    return this.#client.serverNow(this.#caller);
  }

  tokenExpiresAt(): string | undefined {
    return this.#client.tokenExpiresAt;
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
    const { path, name, permission, requestsPerSecond } = declaration;
    const { total } = await this.#client.get({
      path,
      query: { countOnly: "true", ...this.#bounds(declaration, from, to) },
      feed: name,
      permission,
      requestsPerSecond,
      read: (body) => counted(read(body)),
      caller: this.#caller,
    });
    return total;
  }

  #bounds({ watermark: { filter } }: RestStreamDeclaration, from: Micros, to: Micros | undefined, scope?: string) {
    return {
      [`${filter}__gte`]: formatIso(from),
      [`${filter}__lt`]: to === undefined ? undefined : formatIso(to),
      siteIds: scope ?? this.#client.connection.siteIds?.join(","),
    };
  }

  #readPage({ from, to, continuation, silent, scope }: PageRequest): Promise<Page> {
    const { declaration, read } = silent ? this.#silent : this.#changes;
    const { path, name, permission, watermark, requestsPerSecond } = declaration;
    return this.#client.get({
      path,
      query: {
        limit: String(this.#pageSize),
        sortBy: watermark.sortBy ?? watermark.filter,
        sortOrder: "asc",
        ...this.#bounds(declaration, from, to, scope),
        cursor: continuation,
        // The count costs the console time, and the first page tells it.
        skipCount: continuation === undefined ? undefined : "true",
      },
      feed: name,
      permission,
      requestsPerSecond,
      read,
      caller: this.#caller,
    });
  }

  row(json: Buffer): object {
    return recordRow(this.#client.connection.name, this.#clock.now(), json);
  }
}
