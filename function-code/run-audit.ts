import { type AuditNotes, afterReplay, countIn, isShort, notesOn, type Span } from "./audit.ts";

export interface AuditOptions {
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
export interface AuditResult {
  readonly notes: AuditNotes;
  /** Hours in which the server had more than was delivered. */
  readonly short: number;
  /** Rows that were delivered in consequence. */
  readonly found: number;
}

/** Compares hours with the server and reads those again that lack rows. Undefined where the run was over first; the next one begins anew. */
export async function audit(spans: readonly Span[], options: AuditOptions): Promise<AuditResult | undefined> {
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
