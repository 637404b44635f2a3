import type { Clock } from "../clock.ts";
import { ObjectGone } from "../errors.ts";
import type { HttpResponse } from "../http.ts";
import { appendMember } from "../json.ts";
import type { Feed, Page, PageRequest, SourceRecord } from "../stream.ts";
import type { Micros } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { SentinelOneClient } from "./client.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { type PageReader, pageReader } from "./page.ts";
import { restStream, type SentinelOneStream } from "./rest-stream.ts";

/** What the console tells threat by threat. */
export interface ThreatDetailsDeclaration {
  readonly name: string;
  /** Below `/threats/{id}`. */
  readonly list: string;
}

const permission = "Threats.view";

/**
 * Follows the threats by `updatedAt` and asks for the details of each that changed. What is added to a threat may not move its time, so
 * those of the last day are asked about again every hour. Details are told apart by id and `updatedAt`, however often they are read.
 */
export function threatDetailsStream({ name, list }: ThreatDetailsDeclaration): SentinelOneStream {
  const threats = restStream({
    name,
    path: "/threats",
    permission,
    // Few at a time: the details of a page are held together.
    pageSize: 20,
    watermark: { filter: "updatedAt", field: "threatInfo.updatedAt" },
    key: ["id"],
    paging: "key",
    requestsPerSecond: 5,
    sweep: { everyHours: 1, reachHours: 24 },
  });
  const readPage = pageReader({ name, key: ["id", "updatedAt"], inventory: { id: "id", volatile: [] } });
  return {
    ...threats,
    inventory: true,
    restMinutes: 5,
    open: (client, caller, clock) =>
      new ThreatDetailsFeed({ name, list }, readPage, threats.open(client, caller, clock), client, caller, clock),
  };
}

class ThreatDetailsFeed extends ConsoleFeed {
  readonly #declaration: ThreatDetailsDeclaration;
  readonly #threats: Feed;
  readonly #readPage: PageReader;

  constructor(
    declaration: ThreatDetailsDeclaration,
    readPage: PageReader,
    threats: Feed,
    client: SentinelOneClient,
    caller: Caller,
    clock: Clock,
  ) {
    super(client, caller, clock);
    this.#declaration = declaration;
    this.#threats = threats;
    this.#readPage = readPage;
  }

  override serverNow(): Promise<Micros> {
    return this.#threats.serverNow();
  }

  /** A page of threats, each replaced by its details. */
  async read(request: PageRequest): Promise<Page> {
    const { records: threats, continuation } = await this.#threats.read(request);
    const records: SourceRecord[] = [];
    for (const threat of threats) {
      for await (const detail of this.#details(threat)) records.push(detail);
    }
    const until = threats.at(-1)?.time;
    return {
      records,
      ...(continuation !== undefined && { continuation }),
      ...(until !== undefined && { until }),
    };
  }

  /** Its details, at the time of the threat. A threat may be deleted between the list and this question. */
  async *#details({ key, time }: SourceRecord): AsyncIterable<SourceRecord> {
    const id = key.startsWith('"') ? (JSON.parse(key) as string) : key;
    const asked = new Set<string>();
    let cursor: string | undefined;
    try {
      do {
        const page = await this.#page(id, cursor);
        for (const detail of page.records) {
          // A note does not say which threat it is about.
          yield { ...detail, time, json: appendMember(detail.json, "connectorThreatId", JSON.stringify(id)) };
        }
        asked.add(cursor ?? "");
        cursor = page.continuation;
      } while (cursor !== undefined && !asked.has(cursor));
    } catch (error) {
      if (!(error instanceof ObjectGone)) throw error;
    }
  }

  #page(id: string, cursor: string | undefined): Promise<Page> {
    const { name, list } = this.#declaration;
    return this.client.get({
      path: `/threats/${encodeURIComponent(id)}/${list}`,
      query: { limit: "1000", sortBy: "createdAt", sortOrder: "asc", cursor, skipCount: "true" },
      feed: name,
      permission,
      pacedAs: `/threats/{id}/${list}`,
      requestsPerSecond: 20,
      judge: throwIfGone,
      read: this.#readPage,
      caller: this.caller,
    });
  }
}

/** 404 with the vendor's own number is about the threat; without it the console does not know the path. */
function throwIfGone({ status, body }: HttpResponse): void {
  if (status === 404 && /"code"\s*:\s*404\d/.test(body.toString("latin1", 0, 4096))) throw new ObjectGone();
}
