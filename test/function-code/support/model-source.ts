import { CursorRefused } from "../../../function-code/errors.ts";
import { TextRow } from "../../../function-code/rows.ts";
import type { Feed, Page, PageRequest, Stream } from "../../../function-code/stream.ts";
import { formatIso, fromMillis, type Micros } from "../../../function-code/timestamps.ts";
import type { Paging } from "../../../function-code/walk.ts";
import type { TestClock } from "./test-clock.ts";

export interface ModelRow {
  readonly id: string;
  time: Micros;
  /** When the server begins to show it; rows may appear late. */
  readonly visibleFrom: Micros;
  /** What an inventory tells changes by. */
  content?: string;
}

export interface ModelOptions {
  readonly clock: TestClock;
  readonly pageSize: number;
  readonly paging: Paging;
  readonly inventory?: boolean;
  /** `position` counts rows, so rows that move shift the others; `key` names the last row; `refused` is never taken back. */
  readonly cursor: "position" | "key" | "refused";
  /** Something happens at the server between two requests. */
  meanwhile?: ((source: ModelSource) => void) | undefined;
  /** The server does not know upper bounds. */
  readonly unbounded?: boolean;
  /** The server does not count, so that nothing can be split. */
  readonly uncounted?: boolean;
  /** The stream is audited; the server never counts further than this. */
  readonly countCap?: number;
  /** The server's count is too large by so many. */
  miscount?: number;
  /** The server hands out the same cursor for ever. */
  readonly circle?: boolean;
}

/** A server in a few lines: rows with times, pages, cursors of every kind, and a life of its own between two requests. */
export class ModelSource {
  readonly rows: ModelRow[] = [];
  readonly asked: PageRequest[] = [];
  readonly options: ModelOptions;
  /** By key. */
  readonly #json = new Map<string, Buffer>();

  constructor(options: ModelOptions) {
    this.options = options;
  }

  get stream(): Stream {
    const { paging, inventory = false, countCap } = this.options;
    return {
      id: "sentinelone-model",
      vendor: "sentinelone",
      name: "model",
      permission: "Model.view",
      paging,
      ordered: true,
      inventory,
      ...(countCap !== undefined && { audit: { reachHours: 26 } }),
      ...(inventory && { sweep: { everyHours: "snapshot" as const } }),
    };
  }

  /** Names of all versions that are shown now. */
  keys(): string[] {
    return this.#visible().map(keyOf);
  }

  feed(): Feed {
    return {
      serverNow: () => Promise.resolve(this.#now()),
      read: (request) => Promise.resolve(this.#read(request)),
      count: ({ from, to }) => Promise.resolve(this.#count(from, to)),
      row: (json, { key }) => new TextRow(Buffer.from(`{"Key":${JSON.stringify(key)},"Record":`), json),
    };
  }

  #now(): Micros {
    return fromMillis(this.options.clock.time);
  }

  #visible(): ModelRow[] {
    return this.rows.filter(({ visibleFrom }) => visibleFrom <= this.#now()).sort(byTime);
  }

  #count(from: Micros, to: Micros): number {
    const { countCap = 0, miscount = 0 } = this.options;
    const rows = this.#visible().filter(({ time }) => time >= from && time < to);
    return Math.min(countCap, rows.length + miscount);
  }

  #read(request: PageRequest): Page {
    const { pageSize, cursor, meanwhile, clock, circle, unbounded, uncounted } = this.options;
    this.asked.push(request);
    clock.time += 50;
    meanwhile?.(this);
    if (request.continuation !== undefined && cursor === "refused") throw new CursorRefused();
    const rows = this.#visible().filter(
      ({ time }) => time >= request.from && (unbounded || request.to === undefined || time < request.to),
    );
    const start = circle ? 0 : startOf(rows, request.continuation, cursor);
    const page = rows.slice(start, start + pageSize);
    const last = page.at(-1);
    const next = cursor === "key" && last ? `${last.time}|${last.id}` : String(start + page.length);
    return {
      records: page.map((row) => ({
        json: this.#jsonOf(row),
        time: row.time,
        key: keyOf(row),
        objectId: row.id,
        content: row.content ?? row.id,
      })),
      ...(!uncounted && { total: rows.length }),
      ...(start + page.length < rows.length && { continuation: circle ? "again" : next }),
    };
  }

  #jsonOf(row: ModelRow): Buffer {
    const known = this.#json.get(keyOf(row));
    if (known) return known;
    const json = Buffer.from(JSON.stringify({ id: row.id, time: formatIso(row.time), padding }));
    this.#json.set(keyOf(row), json);
    return json;
  }
}

/** Large enough that a few dozen rows make several batches. */
const padding = "x".repeat(40_000);

export const keyOf = ({ id, time }: ModelRow) => `${id}|${time}`;

const byTime = (a: ModelRow, b: ModelRow) => a.time - b.time || (a.id < b.id ? -1 : 1);

function startOf(rows: readonly ModelRow[], continuation: string | undefined, cursor: ModelOptions["cursor"]): number {
  if (continuation === undefined) return 0;
  if (cursor === "position") return Number(continuation);
  const [time = 0, id = ""] = continuation.split("|").map((part, i) => (i === 0 ? Number(part) : part));
  const at = rows.findIndex((row) => row.time > Number(time) || (row.time === time && row.id > String(id)));
  return at === -1 ? rows.length : at;
}
