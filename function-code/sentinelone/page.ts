import { CollectionError } from "../errors.ts";
import { JsonError, members } from "../json.ts";
import { pageScanner, type ScannedRecord } from "../scan.ts";
import type { Page, SourceRecord } from "../stream.ts";
import { type Micros, parseIso } from "../timestamps.ts";

/** What a page is made of, as paths. */
export interface PageFormat {
  /** Name of the stream. */
  readonly name: string;
  /** Where its list stands. @default "data" */
  readonly records?: string;
  /** Where the next page's cursor stands. @default "pagination.nextCursor" */
  readonly cursor?: string;
  /** Where the number of rows stands. @default "pagination.totalItems" */
  readonly total?: string;
  /** The time that the walk follows; lists that are read whole have none. */
  readonly watermark?: { readonly field: string };
  readonly key: readonly string[];
  readonly inventory?: { readonly id: string; readonly volatile: readonly string[] };
}

/** @param connection for messages */
export type PageReader = (body: Buffer, connection: string) => Page;

/**
 * Reads the console's list envelope, `{ data: […], pagination: { nextCursor, totalItems } }`. Throws `JsonError` for anything else. Made once a
 * format: V8 optimizes a reader for itself, which costs more than the reading of many pages.
 */
export function pageReader(format: PageFormat): PageReader {
  const { watermark, key, inventory, records: list = "data" } = format;
  const fields = [...new Set([...(watermark ? [watermark.field] : []), ...key, ...(inventory ? [inventory.id] : [])])];
  const scan = pageScanner({
    records: list,
    envelope: [format.cursor ?? "pagination.nextCursor", format.total ?? "pagination.totalItems"],
    fields,
  });
  const timeIndex = watermark ? fields.indexOf(watermark.field) : -1;
  const keyIndexes = key.map((field) => fields.indexOf(field));
  const idIndex = inventory ? fields.indexOf(inventory.id) : -1;
  const volatile = new Set(inventory?.volatile);

  return (body, connection) => {
    const { records: scanned, envelope } = scan(body);
    if (!scanned) throw new JsonError(`there is no list "${list}" in it`);
    const first = firstTime(scanned, timeIndex);
    if (watermark && scanned.length > 0 && first === undefined) {
      throw noTimes(format.name, watermark.field, connection);
    }
    let time = first ?? 0;
    const records = scanned.map((record): SourceRecord => {
      // A record without a time that can be read travels with its neighbours: the list is in order of time.
      time = readTime(record.fields[timeIndex]) ?? time;
      const version = keyOf(record, keyIndexes);
      if (idIndex < 0) return new PageRecord(record, time, version);
      const content = contentOf(record.json, volatile);
      return {
        json: record.json,
        time,
        // Times do not tell all versions: the console calls an agent inactive and leaves its `updatedAt` alone.
        key: `${version}|${content}`,
        objectId: record.fields[idIndex] ?? keyOf(record, []),
        content,
      };
    });
    const total = Number(envelope[1] ?? Number.NaN);
    const continuation = readCursor(envelope[0]);
    return {
      records,
      release: () => giveBack(body),
      ...(continuation !== undefined && { continuation }),
      ...(Number.isSafeInteger(total) && { total }),
    };
  };
}

/** A record that is sliced from its page when it is its turn: a thousand slices that wait cost more than their bytes. */
class PageRecord implements SourceRecord {
  readonly time: Micros;
  readonly key: string;
  readonly #page: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor({ page, start, end }: ScannedRecord, time: Micros, key: string) {
    this.#page = page;
    this.#start = start;
    this.#end = end;
    this.time = time;
    this.key = key;
  }

  get json(): Buffer {
    return this.#page.subarray(this.#start, this.#end);
  }
}

/** Megabytes a page, which would wait for the garbage collector by the dozen. A slice of memory that others share is left alone. */
function giveBack(body: Buffer): void {
  if (body.buffer instanceof ArrayBuffer && body.byteOffset === 0 && body.length >= 65_536) body.buffer.transfer(0);
}

function firstTime(records: readonly ScannedRecord[], index: number): Micros | undefined {
  for (const { fields } of records) {
    const time = readTime(fields[index]);
    if (time !== undefined) return time;
  }
  return undefined;
}

function readTime(json: string | undefined): Micros | undefined {
  return json?.startsWith('"') ? parseIso(json.slice(1, -1)) : undefined;
}

/** Some consoles write the end as null, some as an empty string, some as the word. */
export function readCursor(json: string | undefined): string | undefined {
  const cursor: unknown = json === undefined ? undefined : JSON.parse(json);
  return typeof cursor === "string" && cursor !== "" && cursor !== "null" ? cursor : undefined;
}

/** A record that lacks a field of its key is its own key: two of them must not be taken for one. */
function keyOf(record: ScannedRecord, indexes: readonly number[]): string {
  if (indexes.length === 0 || record.fields[indexes[0] as number] === undefined) return record.json.toString("utf8");
  const [only = 0] = indexes;
  return indexes.length === 1 ? partOf(record.fields[only]) : versionKey(indexes.map((index) => record.fields[index]));
}

/**
 * Names a version of a record by the JSON texts of its key's fields. Times are told as instants, however they are written, so that what is
 * stored in a table names it alike.
 */
export function versionKey(fields: readonly (string | undefined)[]): string {
  return fields.map(partOf).join("|");
}

const partOf = (field: string | undefined): string => (isEmpty(field) ? "" : String(instantOf(field) ?? field));

/** A table tells no difference between these. */
const isEmpty = (field: string | undefined): field is undefined | "null" | '""' =>
  field === undefined || field === "null" || field === '""';

/** `"yyyy-MM-ddT…"`; the two hyphens and the T are looked at first, as most fields are ids. */
function instantOf(field: string): Micros | undefined {
  return field[5] === "-" && field[8] === "-" && field[11] === "T" ? readTime(field) : undefined;
}

/** The record's text without the members that change all the time. */
function contentOf(json: Buffer, volatile: ReadonlySet<string>): string {
  return members(json)
    .filter(({ key }) => !volatile.has(key))
    .map(({ key, start, end }) => `${key}:${json.toString("utf8", start, end)}`)
    .join("\n");
}

function noTimes(name: string, field: string, connection: string): CollectionError {
  const text = `sentinelone "${connection}": no record on a page of "${name}" has a time in "${field}" that can be read. The console's format seems to have changed; nothing is skipped, the stream stops here until the connector knows the format. Please report it with this line.`;
  return new CollectionError("failing", "timestamps", text);
}
