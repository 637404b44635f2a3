import {
  type AuditNotes,
  afterReplay,
  closedHours,
  countIn,
  isAuditDue,
  isShort,
  notesOn,
  type Span,
} from "./audit.ts";
import type { CollectContext, OpenStream } from "./context.ts";
import { CollectionError } from "./errors.ts";
import type { CheckpointChanges } from "./lease.ts";
import type { CheckpointEntity } from "./state/entities.ts";
import { hourNumber } from "./state/ledger.ts";
import type { Feed } from "./stream.ts";
import { formatMillis, parseIso } from "./timestamps.ts";
import type { Walk } from "./walk.ts";

interface AuditContext extends Pick<CollectContext, "ledger" | "log"> {
  /** A reach in hours, cut to what the ledger still knows. */
  readonly remembered: (reachHours: number) => number;
  /** Reads a walk; false where the run was over before it was done. */
  readonly read: (walk: Walk) => Promise<boolean>;
  /** True when the run has to end. */
  readonly isOver: () => boolean;
}

/**
 * Once an hour, after a walk that reached the present: what the server counts against what was delivered.
 * Returns what the checkpoint learns from it.
 */
export async function auditStream(
  { stream, connection }: OpenStream,
  feed: Feed,
  walk: Walk,
  { lastAuditAt, auditNotes, firstFrom }: CheckpointEntity,
  { ledger, log, remembered, read, isOver }: AuditContext,
): Promise<CheckpointChanges> {
  if (!stream.audit || !feed.count) return {};
  const count = (span: Span) => feed.count?.(span) ?? Promise.resolve(0);
  const done = { progress: undefined, lastAuditAt: formatMillis(walk.startedAt) };
  // All of it was only just read.
  if (lastAuditAt === undefined) return done;
  if (!isAuditDue(parseIso(lastAuditAt) ?? 0, walk.startedAt)) return {};
  const name = `${connection.name}/${stream.id}`;
  const reach = remembered(stream.audit.reachHours);
  try {
    const result = await audit(closedHours(parseIso(firstFrom ?? "") ?? 0, walk.completeUntil, reach), {
      notes: auditNotes === undefined ? {} : (JSON.parse(auditNotes) as AuditNotes),
      count,
      delivered: async ({ from }) => (await ledger.read(connection.name, stream.id, hourNumber(from))).size,
      replay: (windows) => read({ ...walk, sweep: false, windows }),
      isOver,
    });
    if (!result) return { caughtUp: false };
    const { short, found, notes } = result;
    if (short > 0) log("info", `${name}: the server has more in ${short} hours; ${found} rows were found there.`);
    return { ...done, auditNotes: JSON.stringify(notes) };
  } catch (error) {
    if (!(error instanceof CollectionError)) throw error;
    // The stream itself is collected and well; the audit has its next turn in an hour.
    log("warn", `${name}: the hourly audit was not possible. ${error.message}`);
    return done;
  }
}

interface AuditOptions {
  readonly notes: AuditNotes;
  /** What the server has in a span. */
  readonly count: (span: Span) => Promise<number>;
  /** What was delivered of an hour. */
  readonly delivered: (span: Span) => Promise<number>;
  /** Reads hours again and delivers what is missing; false where the run was over before it was done. */
  readonly replay: (spans: readonly Span[]) => Promise<boolean>;
  /** True when the run has to end. */
  readonly isOver: () => boolean;
}

/** What an audit found. */
interface AuditResult {
  readonly notes: AuditNotes;
  /** Hours in which the server had more than was delivered. */
  readonly short: number;
  /** Rows that were delivered in consequence. */
  readonly found: number;
}

/** Compares hours with the server and reads those again that lack rows. Undefined where the run was over first; the next one begins anew. */
async function audit(spans: readonly Span[], options: AuditOptions): Promise<AuditResult | undefined> {
  const { count, delivered, replay, isOver } = options;
  let notes = notesOn(options.notes, spans);
  const short: { readonly span: Span; readonly counted: number; readonly before: number }[] = [];
  for (const span of spans) {
    if (isOver()) return undefined;
    const counted = await countIn(span, count);
    const before = await delivered(span);
    if (isShort(notes, span, counted, before)) short.push({ span, counted, before });
  }
  if (short.length > 0 && !(await replay(short.map(({ span }) => span)))) return undefined;
  let found = 0;
  for (const { span, counted, before } of short) {
    const after = await delivered(span);
    notes = afterReplay(notes, span, counted, { before, after });
    found += after - before;
  }
  return { notes, short: short.length, found };
}
