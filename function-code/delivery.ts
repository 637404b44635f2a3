import type { LedgerIndex } from "./ledger-index.ts";
import { RowBuffer } from "./rows.ts";
import { shrink } from "./shrink.ts";
import { asBigInt, type Hash64, hash64 } from "./state/hash.ts";
import type { KeyLedger, LedgerKey } from "./state/ledger.ts";
import type { SentObjects } from "./state/objects.ts";
import type { Feed, SourceRecord } from "./stream.ts";
import { hour, type Micros } from "./timestamps.ts";
import type { Uploader } from "./upload.ts";

/** Batches of one window that are on their way at a time: the next one is rendered and compressed while one is acknowledged. */
const maxInFlight = 2;

/**
 * How often `Objects` is written while an inventory is read, in milliseconds: a batch touches most of its shards. What dies in between is
 * read again, and the ledger knows it.
 */
const saveEvery = 15_000;

/** What a run did, counted while it works. */
export interface Totals {
  fetched: number;
  duplicates: number;
  uploaded: number;
  bytes: number;
}

export interface DeliveryOptions {
  readonly connection: string;
  readonly stream: string;
  /** A name that no other batch of the stream ever had. */
  readonly nextBatch: () => string;
  readonly feed: Feed;
  readonly ledger: KeyLedger;
  readonly index: LedgerIndex;
  readonly uploader: Uploader;
  /** Records come in order of time, so that hours which were left behind do not come back. */
  readonly ordered: boolean;
  /** Inventories: what was last sent of each object. */
  readonly objects?: SentObjects | undefined;
  /** Start of the snapshot that these rows belong to: it sends what it sends once. */
  readonly snapshot?: Micros | undefined;
  /** Only objects that changed since they were sent. */
  readonly changesOnly: boolean;
  /** Awaited before a batch is sent: makes sure of the lease, and writes down how far the run has come. */
  readonly beforeBatch: () => Promise<void>;
  readonly onRetry: () => void;
  readonly now: () => number;
  readonly totals: Totals;
  /** Called in order of the rows, when all up to this time are acknowledged and written down. */
  readonly onAcknowledged: (until: Micros) => void;
}

interface Batch {
  readonly rows: RowBuffer;
  readonly keys: LedgerKey[];
  /** Inventories: the objects behind the rows. */
  readonly objects: { readonly id: Hash64; readonly content: Hash64; readonly json: Buffer }[];
  /** Time of the last row. */
  until: Micros;
}

/** Carries the records of one window to Azure: what was delivered before is dropped, the rest leaves in batches, a few at a time. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #batch: Batch = emptyBatch();
  /** Inventories: the contents that objects are on their way with, by the hash of the object's id. */
  readonly #underway = new Map<bigint, bigint>();
  #settledUntil: Micros | undefined;
  #savedAt: number;
  readonly #inFlight: { readonly batch: Batch; readonly sent: Promise<void> }[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#savedAt = options.now();
  }

  /** Takes a page of records; waits while too much is on its way. Returns how many of them were not delivered before. */
  async accept(records: readonly SourceRecord[]): Promise<number> {
    const { index, objects, totals, ordered, snapshot } = this.#options;
    const keys = records.map((record) => this.#ledgerKey(record));
    await index.load(keys);
    await objects?.load(records.map(objectHash));
    let unseen = 0;
    let next = 0;
    for (const record of records) {
      const key = keys[next++] as LedgerKey;
      if (record.isEnd && !objects?.document?.(objectHash(record))) continue;
      totals.fetched++;
      if (!this.#isNews(record, key)) totals.duplicates++;
      else {
        unseen++;
        // Waits only where there is something to wait for: records come by the ten thousand.
        const row = this.#row(record);
        const more = this.#add(row instanceof Promise ? await row : row, record, key);
        if (more) await more;
      }
    }
    const last = records.at(-1);
    // Requests start at the last row's time, inclusive, and neighbours may be a little out of order.
    if (last && ordered && snapshot === undefined) index.forget(last.time - hour);
    return unseen;
  }

  /** Sends what is left and waits until everything is acknowledged. */
  async flush(): Promise<void> {
    if (this.#batch.rows.count > 0) await this.#send();
    while (this.#inFlight.length > 0) await this.#settle();
    await this.#save();
  }

  /**
   * After a failure: waits for what is on its way, so that nothing that Azure acknowledges is missing from the ledger, and the next run goes on
   * behind it. Throws nothing: the failure that led here is the one to tell.
   */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#inFlight.map(({ sent }) => sent));
    try {
      while (this.#inFlight.length > 0) await this.#settle();
      await this.#save();
    } catch {
      // From the first batch that failed everything is read again; the ledger knows the others.
    }
  }

  #ledgerKey(record: SourceRecord): LedgerKey {
    const { snapshot } = this.#options;
    if (snapshot === undefined) return { time: record.time, hash: hash64(record.key) };
    return { time: snapshot, hash: hash64(`${snapshot}|${record.key}`) };
  }

  #isNews(record: SourceRecord, key: LedgerKey): boolean {
    const { index, objects, changesOnly } = this.#options;
    if (objects && changesOnly && this.#isKnown(objects, objectHash(record), contentHash(record))) return false;
    if (index.add(key.time, key.hash)) {
      if (objects) this.#underway.set(asBigInt(objectHash(record)), asBigInt(contentHash(record)));
      return true;
    }
    // Delivered by a run that died before it could say so in `Objects`.
    objects?.set(objectHash(record), contentHash(record), record.json);
    return false;
  }

  #isKnown(objects: SentObjects, id: Hash64, content: Hash64): boolean {
    const underway = this.#underway.get(asBigInt(id));
    return underway === undefined ? objects.isKnown(id, content) : underway === asBigInt(content);
  }

  #row(record: SourceRecord): object | Promise<object> {
    const { feed, objects } = this.#options;
    return feed.row(shrink(record.json), record, objects?.document?.(objectHash(record)));
  }

  /** What has to be waited for where the batch before has to leave first. */
  #add(row: object, record: SourceRecord, key: LedgerKey): Promise<void> | undefined {
    if (!this.#batch.rows.add(row)) return this.#send().then(() => void this.#add(row, record, key));
    const { keys, objects } = this.#batch;
    keys.push(key);
    if (this.#options.objects) {
      objects.push({ id: objectHash(record), content: contentHash(record), json: record.json });
    }
    this.#batch.until = record.time;
    return undefined;
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = emptyBatch();
    while (this.#inFlight.length >= maxInFlight) await this.#settle();
    const sent = this.#upload(batch, this.#options.nextBatch());
    // A failure is thrown by `#settle`, in order.
    sent.catch(() => undefined);
    this.#inFlight.push({ batch, sent });
  }

  async #upload(batch: Batch, id: string): Promise<void> {
    const { uploader, ledger, connection, stream, beforeBatch, onRetry, now, totals } = this.#options;
    const json = batch.rows.json;
    await uploader.upload(stream, json, { beforeEach: beforeBatch, onRetry });
    totals.uploaded += batch.rows.count;
    totals.bytes += json.length;
    batch.rows.release();
    await ledger.append(connection, stream, id, batch.keys, now());
  }

  async #settle(): Promise<void> {
    const head = this.#inFlight[0];
    if (!head) return;
    await head.sent;
    this.#inFlight.shift();
    for (const { id, content, json } of head.batch.objects) this.#options.objects?.set(id, content, json);
    this.#settledUntil = head.batch.until;
    for (const { id, content } of head.batch.objects) {
      if (this.#underway.get(asBigInt(id)) === asBigInt(content)) this.#underway.delete(asBigInt(id));
    }
    if (!this.#options.objects || this.#options.now() - this.#savedAt >= saveEvery) await this.#save();
  }

  /** Says how far everything is delivered and written down, after it is. */
  async #save(): Promise<void> {
    this.#savedAt = this.#options.now();
    const until = this.#settledUntil;
    await this.#options.objects?.flush();
    if (until !== undefined) this.#options.onAcknowledged(until);
  }
}

const emptyBatch = (): Batch => ({ rows: new RowBuffer(), keys: [], objects: [], until: 0 });
const objectHash = (record: SourceRecord) => hash64(record.objectId ?? record.key);
const contentHash = (record: SourceRecord) => hash64(record.content ?? record.key);
