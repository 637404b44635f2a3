/**
 * What the worker keeps in Table storage, in four tables. All writes of a stream are made by the holder of its lease; only windows and what
 * is known of them are put there by operators.
 * Times are ISO 8601 in UTC with milliseconds unless a name says otherwise.
 */

export const stateTables = {
  checkpoints: "Checkpoints",
  ledger: "Ledger",
  objects: "Objects",
  windows: "Windows",
} as const;

/** How the last run of a stream ended. */
export type StreamStatus =
  | "ok"
  | "empty"
  | "not-permitted"
  | "not-available"
  | "throttled"
  | "waiting-for-azure"
  | "failing";

/** Table `Checkpoints`: one entity per connection and stream; lease and watermark change by ETag. */
export interface CheckpointEntity {
  /** Name of the connection. */
  readonly partitionKey: string;
  /** `<vendor>-<stream>`. */
  readonly rowKey: string;
  /** Everything up to here was acknowledged by Azure. Absent until the first walk has ended. */
  readonly watermark?: string;
  /** Lower bound of the very first walk; fixed once, so that neither a role that comes late nor a later change of `sinceHours` moves it. */
  readonly firstFrom?: string;
  /** Invocation that holds the stream, and until when. */
  readonly leaseOwner?: string;
  readonly leaseUntil?: string;
  /** When `schedule` queued the stream; cleared when a run starts. */
  readonly queuedAt?: string;
  /** The vendor asked for patience: `schedule` leaves the stream alone until then. */
  readonly notBefore?: string;
  /** Where an unfinished walk resumes: JSON owned by the stream's strategy. */
  readonly progress?: string;
  /** The last walk reached the present: nothing is known to be missing. */
  readonly caughtUp: boolean;
  readonly status?: StreamStatus;
  readonly statusSince?: string;
  readonly lastRunAt?: string;
  readonly lastSnapshotAt?: string;
  readonly lastAuditAt?: string;
  /** JSON: `AuditNotes`. */
  readonly auditNotes?: string;
  /** Message for the operator; never content of a record, never a secret. */
  readonly lastError?: string;
  readonly errorClass?: string;
  readonly healthReportedAt?: string;
  readonly tokenExpiresAt?: string;
  /** When the console was asked for that: by this stream, or by the connection's first one for all. */
  readonly tokenAskedAt?: string;
  /** Running totals since the stream was first collected. */
  readonly fetched: number;
  readonly duplicates: number;
  readonly uploaded: number;
  /** Bytes of JSON handed to the ingestion API, before compression. */
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
  readonly durationMs: number;
}

/** Table `Ledger`: the keys of one acknowledged batch that fall into one hour of event time. */
export interface LedgerEntity {
  /** `<connection>|<vendor>-<stream>`. */
  readonly partitionKey: string;
  /** `<hour, yyyy-MM-ddTHH>|<batch id>`: a range of hours is a range of row keys. */
  readonly rowKey: string;
  /** 64-bit hashes of the keys, 8 bytes each, big-endian, at most 60,000 bytes a property; further ones in `keys1`, `keys2`, …. */
  readonly keys: Uint8Array;
  readonly count: number;
  readonly acknowledgedAt: string;
}

/** Table `Objects`: what was last sent of the objects of an inventory stream, one shard of them per entity. */
export interface ObjectsEntity {
  /** `<connection>|<vendor>-<stream>`. */
  readonly partitionKey: string;
  /** Two hexadecimal digits: the shard, taken from the id's hash. */
  readonly rowKey: string;
  /** Pairs of 64-bit hashes, id then content, 16 bytes a pair, sorted by id; at most 60,000 bytes a property, further ones in `pairs1`, …. */
  readonly pairs: Uint8Array;
  readonly count: number;
}

/** Table `Objects`, streams that tell what changed in an object: what was last sent of one. */
export interface DocumentEntity {
  /** `<connection>|<vendor>-<stream>`. */
  readonly partitionKey: string;
  /** Hash of the object's id, 16 hexadecimal digits. */
  readonly rowKey: string;
  /** Hash of its content, 16 hexadecimal digits. */
  readonly content: string;
  /** Its JSON, gzip; at most 60,000 bytes a property, further ones in `document1`, …. */
  readonly document: Uint8Array;
}

/** Table `Windows`: a stretch of the past that an operator asked for. What was delivered of it is in a part of the ledger of its own besides. */
export interface WindowEntity {
  /** `<connection>|<vendor>-<stream>`. */
  readonly partitionKey: string;
  /** When it was asked for, and some letters: the oldest is served first. */
  readonly rowKey: string;
  readonly kind: "backfill" | "replay";
  /** By the time that the stream's walks follow; from inclusive, to exclusive. */
  readonly from: string;
  readonly to: string;
  /** Replay: what the stream's ledger knows is believed from here on only, by the time of its acknowledgement. */
  readonly believedSince?: string;
  /** Where it is to be read on: JSON, a `Walk`. */
  readonly progress?: string;
  /** Share of its time that is still to be read, from 0 to 1. */
  readonly left: number;
  readonly startedAt?: string;
  readonly doneAt?: string;
  /** Failures in a row, and until when the window is left alone for them. */
  readonly failures: number;
  readonly notBefore?: string;
  readonly lastError?: string;
  readonly fetched: number;
  readonly duplicates: number;
  readonly uploaded: number;
}

/** The queue's message: a hint that a stream is due. What is fetched is decided by the checkpoint alone. */
export interface CollectMessage {
  readonly connection: string;
  /** `<vendor>-<stream>`. */
  readonly stream: string;
}
