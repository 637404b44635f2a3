import type { Clock } from "../clock.ts";
import type { Feed, Page, PageRequest, SourceRecord } from "../stream.ts";
import type { Micros } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { SentinelOneClient } from "./client.ts";
import { recordRow } from "./record-row.ts";

/** What all feeds of a console have in common. */
export abstract class ConsoleFeed implements Feed {
  protected readonly client: SentinelOneClient;
  protected readonly caller: Caller;
  readonly #clock: Clock;

  constructor(client: SentinelOneClient, caller: Caller, clock: Clock) {
    this.client = client;
    this.caller = caller;
    this.#clock = clock;
  }

  /** A worker that is new to the console asks its feed's own path, of which it is the only caller: any answer tells the time. */
  async serverNow(): Promise<Micros> {
    if (!this.client.knowsServerTime) await this.hear();
    return this.client.serverNow();
  }

  tokenExpiresAt(): Promise<string | undefined> {
    return this.client.tokenExpiresAt(this.caller);
  }

  abstract read(request: PageRequest): Promise<Page>;

  row(json: Buffer, _record: SourceRecord, _previous?: Buffer): object | Promise<object> {
    return recordRow(this.client.connection.name, this.#clock.now(), json);
  }

  /** The smallest question that the feed has: what came about since now. */
  protected async hear(): Promise<unknown> {
    const scope = this.client.connection.siteIds?.[0];
    const page = await this.read({ from: this.client.serverNow(), ...(scope !== undefined && { scope }) });
    return page.release?.();
  }
}
