import type { Span } from "./audit.ts";
import type { Connection } from "./environment.ts";
import type { Micros } from "./timestamps.ts";
import type { Paging, Silence } from "./walk.ts";

/** A stream as its file declares it: what `collect` needs to walk it, and how to open it on a connection. */
export interface Stream {
  /** `<vendor>-<name>`. */
  readonly id: string;
  readonly vendor: Connection["vendor"];
  readonly name: string;
  /** What the token's role needs, in the vendor's words. */
  readonly permission: string;
  readonly paging: Paging;
  /** Pages come in ascending order of the walk's time; without that a window is complete only at its end, and never split. */
  readonly ordered: boolean;
  /** Periodic re-read of what was delivered before; `everyHours: "snapshot"` follows the setting `snapshotHours`. */
  readonly sweep?: { readonly everyHours: number | "snapshot"; readonly reachHours?: number };
  /** Rows are only added, and the server counts them: each hour is compared with what was delivered for so long. */
  readonly audit?: { readonly reachHours: number };
  /** Objects that fall silent are sent as changed, although their own times do not move. */
  readonly silence?: Silence;
  /** An inventory sends an object only when its content changed, and all of them in a sweep that reaches back to the beginning. */
  readonly inventory: boolean;
  /** An inventory that tells what changed in an object: what was sent of it is kept, not only its hash. */
  readonly keepsDocuments?: true;
  /**
   * Nothing in the list tells what changed when: each walk reads all that its bounds let through. Its continuations are kept while it
   * lasts, so that a walk of hours goes on where it stopped; one that is refused later costs a new beginning.
   */
  readonly whole?: true;
  /** The vendor takes one site a request: where sites are configured, each is walked by itself. */
  readonly oneScope?: true;
  /** Walks end at the server's now, for lists that can be filtered by a time although they are in no order of it. */
  readonly bounded?: true;
  /** Minutes from a run that ended a walk to the next walk, where reading at each poll would cost the console too much. */
  readonly restMinutes?: number;
}

export interface PageRequest {
  readonly from: Micros;
  readonly to?: Micros;
  readonly continuation?: string;
  /** The bounds are those of the objects' last sign of life. */
  readonly silent?: true;
  /** The one site that is asked for. */
  readonly scope?: string;
}

export interface Page {
  readonly records: readonly SourceRecord[];
  /** Gives the page's memory back, once nothing of its records is needed any more. */
  readonly release?: () => void;
  /** Where the vendor says that there is more. */
  readonly continuation?: string;
  /** What a later run goes on with, where the continuation is good for this run only. */
  readonly resume?: string;
  /** Rows from the lower bound on, where the vendor counts them. */
  readonly total?: number;
  /** Time that the page reaches, where its records need not tell. */
  readonly until?: Micros;
}

/** One record, as the vendor wrote it. */
export interface SourceRecord {
  readonly json: Buffer;
  /** The time that the walk follows. */
  readonly time: Micros;
  /** Names this version of the record, among all records of the stream. */
  readonly key: string;
  /** Inventories: names the object. */
  readonly objectId?: string;
  /** Inventories: its content without what changes all the time. */
  readonly content?: string;
  /** Inventories that keep documents: says that the object is none any more, which is news only where something was sent of it. */
  readonly isEnd?: true;
}

/** A stream opened on a connection: reads pages and makes rows of records. */
export interface Feed {
  /** The server's clock; asks the server if it has not answered anything yet. */
  serverNow(): Promise<Micros>;
  read(request: PageRequest): Promise<Page>;
  /** How many rows the server has in a span; there on streams with an audit. */
  count?(span: Span): Promise<number>;
  /**
   * What is uploaded for a record that was redacted and shrunk.
   * @param previous what was sent of the object before; there on streams that keep it, but for new objects
   */
  row(json: Buffer, record: SourceRecord, previous?: Buffer): object | Promise<object>;
  /** Asks the server when the connection's token ends; there where the vendor tells. */
  tokenExpiresAt?(): Promise<string | undefined>;
}
