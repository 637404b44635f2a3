import type { CollectContext, OpenStream } from "./context.ts";
import { Delivery, type Totals } from "./delivery.ts";
import type { CollectionSettings } from "./environment.ts";
import { asCollectionError, type CollectionError, framesOf, LeaseLost } from "./errors.ts";
import type { RunReport } from "./health.ts";
import { standardLimits } from "./http.ts";
import type { CheckpointChanges, Lease } from "./lease.ts";
import { LedgerIndex } from "./ledger-index.ts";
import { reportHealth } from "./report-health.ts";
import { auditStream } from "./run-audit.ts";
import { WalkRun } from "./run-walk.ts";
import { serveWindows, type WalkNotes } from "./run-windows.ts";
import { Documents } from "./state/documents.ts";
import { Objects } from "./state/objects.ts";
import type { Feed } from "./stream.ts";
import { formatIso, formatMillis, fromMillis, hour, type Micros, toMillis } from "./timestamps.ts";
import { tokenEnd } from "./token-end.ts";
import { uploadTimeout } from "./upload.ts";
import type { Caller } from "./vendor-http.ts";
import { nextWalk, readProgress, type Sweep, type Walk } from "./walk.ts";

/** How long one invocation goes on before it hands the rest of a backlog to the next, in milliseconds. */
const runBudget = 20 * 60_000;
/** How often a run keeps its place while batches leave, in milliseconds: what it delivered since is fetched again, but the ledger knows it. */
const keepPlaceEvery = 2000;
/** A request may take this long; the lease covers it, since its holder is the only caller of its path. Milliseconds. */
const requestTime = standardLimits.bodyTimeout;

/** One run of one stream, by the holder of its lease: from the checkpoint to the checkpoint, the health row and the log. */
export class Run {
  readonly #open: OpenStream;
  readonly #lease: Lease;
  readonly #runId: string;
  readonly #context: CollectContext;
  readonly #startedAt: number;
  readonly #totals: Totals = { fetched: 0, duplicates: 0, uploaded: 0, bytes: 0 };
  readonly #caller: Caller;
  readonly #before: Lease["checkpoint"];
  #token: CheckpointChanges = {};
  #walkRun: WalkRun | undefined;
  #batches = 0;

  constructor(open: OpenStream, lease: Lease, runId: string, context: CollectContext) {
    this.#open = open;
    this.#lease = lease;
    this.#runId = runId;
    this.#context = context;
    this.#startedAt = context.clock.now();
    this.#before = lease.checkpoint;
    this.#caller = {
      requests: 0,
      retries: 0,
      signal: context.stopping,
      quietSince: Date.parse(lease.checkpoint.lastRunAt ?? "1970"),
      beforeRequest: () => lease.ensure(requestTime),
    };
  }

  async run(): Promise<void> {
    let changes: CheckpointChanges = {};
    let failure: CollectionError | undefined;
    try {
      changes = await this.#walk(this.#open.open(this.#caller));
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      if (this.#context.stopping.aborted && error === this.#context.stopping.reason) changes = { caughtUp: false };
      else failure = asCollectionError(error);
      if (failure?.errorClass === "unexpected") this.#context.log("error", framesOf(error));
    }
    await this.#finish(changes, failure);
  }

  /** Goes on with the unfinished walk, or begins the next. Returns what the checkpoint learns from it. */
  async #walk(feed: Feed): Promise<CheckpointChanges> {
    this.#token = await tokenEnd(this.#open, feed, this.#before, this.#context);
    const walk = await this.#plan(feed);
    if (!(await this.#read(walk))) return { caughtUp: false };
    // Written now, so that whatever becomes of the audit takes nothing of it back.
    await this.#lease.save({
      progress: undefined,
      watermark: formatMillis(walk.completeUntil),
      ...(walk.sweep && { lastSnapshotAt: formatMillis(walk.startedAt) }),
    });
    // Not before: a walk that has to be repeated meets its oldest rows again.
    await this.#forget(walk, this.#context.settings);
    const audited = await this.#audit(feed, walk);
    if (audited.caughtUp !== false) await this.#serveWindows(walk);
    return { caughtUp: true, ...audited };
  }

  /** What operators asked for, once nothing of the present is left to do. */
  async #serveWindows({ startedAt }: Walk): Promise<void> {
    await serveWindows(this.#open, startedAt, this.#totals, {
      ...this.#context,
      keepLease: () => this.#lease.ensure(uploadTimeout),
      walk: (walk, notes) => this.#walkRunOf(walk, notes),
    });
  }

  /** Reads what a walk has left; false where the run was over before it was done. */
  async #read(walk: Walk): Promise<boolean> {
    const run = this.#walkRunOf(walk, {
      ledger: this.#context.ledger,
      save: () => this.#lease.save(this.#live()),
      isOver: () => this.#isOver(),
    });
    this.#walkRun = run;
    await this.#lease.save(this.#live());
    await run.run();
    if (run.isDone) this.#walkRun = undefined;
    return run.isDone;
  }

  #walkRunOf(walk: Walk, notes: WalkNotes): WalkRun {
    const { stream, connection } = this.#open;
    return new WalkRun(walk, {
      stream,
      connection: connection.name,
      open: () => this.#open.open(this.#caller),
      deliver: (feed, onAcknowledged) => this.#delivery(feed, walk, notes, onAcknowledged),
      now: () => this.#context.clock.now(),
      save: notes.save,
      isOver: notes.isOver,
    });
  }

  #isOver(): boolean {
    const { clock, stopping } = this.#context;
    return stopping.aborted || clock.now() - this.#startedAt >= runBudget;
  }

  async #audit(feed: Feed, walk: Walk): Promise<CheckpointChanges> {
    const { ledger, log } = this.#context;
    const changes = await auditStream(this.#open, feed, walk, this.#lease.checkpoint, {
      ledger,
      log,
      remembered: (reachHours) => this.#remembered(reachHours),
      read: (again) => this.#read(again),
      isOver: () => this.#isOver(),
    });
    // Hours whose reading failed are read in the next audit, not resumed before new rows.
    if ("lastAuditAt" in changes) this.#walkRun = undefined;
    return changes;
  }

  async #plan(feed: Feed): Promise<Walk> {
    const unfinished = readProgress(this.#before.progress);
    if (unfinished) return unfinished;
    const { clock, settings } = this.#context;
    const serverNow = await feed.serverNow().catch(async (error: unknown) => {
      // Roles that are still spreading do not make the stream begin later.
      if (asCollectionError(error).status === "waiting-for-azure")
        await this.#lease.save({ firstFrom: this.#firstFrom(fromMillis(clock.now())) });
      throw error;
    });
    const walk = nextWalk(this.#before, serverNow, settings, {
      sweep: this.#sweep(),
      silence: this.#open.stream.silence,
      scopes: this.#open.stream.oneScope && this.#open.connection.siteIds,
      bounded: this.#open.stream.bounded,
    });
    await this.#lease.save({ firstFrom: this.#firstFrom(serverNow) });
    return walk;
  }

  #firstFrom(now: Micros): string {
    return this.#before.firstFrom ?? formatIso(now - this.#context.settings.sinceHours * hour);
  }

  #sweep(): Sweep | undefined {
    const { sweep } = this.#open.stream;
    const { snapshotHours } = this.#context.settings;
    const everyHours = sweep?.everyHours === "snapshot" ? snapshotHours : sweep?.everyHours;
    if (!sweep || everyHours === undefined) return undefined;
    return {
      everyHours,
      ...(sweep.reachHours !== undefined && { reachHours: this.#remembered(sweep.reachHours) }),
    };
  }

  /** A reach in hours, within the ledger's memory: beyond it a look-back would send everything again. */
  #remembered(reachHours: number): number {
    return Math.min(reachHours, Math.max(0, (this.#context.settings.ledgerDays - 1) * 24));
  }

  #delivery(feed: Feed, walk: Walk, notes: WalkNotes, onAcknowledged: (until: Micros) => void): Delivery {
    const { ledger } = notes;
    const { uploader, clock, objects } = this.#context;
    const { stream, connection } = this.#open;
    const Sent = stream.keepsDocuments ? Documents : Objects;
    let keptAt = Number.NEGATIVE_INFINITY;
    const isSnapshot = stream.inventory && walk.sweep && stream.sweep?.reachHours === undefined;
    return new Delivery({
      connection: connection.name,
      stream: stream.id,
      nextBatch: () => `${this.#runId}-${this.#batches++}`,
      feed,
      ledger,
      index: new LedgerIndex(ledger, connection.name, stream.id),
      uploader,
      objects: stream.inventory ? new Sent(objects, connection.name, stream.id) : undefined,
      ordered: stream.ordered,
      snapshot: isSnapshot || stream.whole ? walk.startedAt : undefined,
      changesOnly: stream.inventory && !isSnapshot,
      // Also renews the lease, so that it outlives the batch that is about to leave.
      beforeBatch: async () => {
        if (clock.now() - keptAt >= keepPlaceEvery) {
          keptAt = clock.now();
          await notes.save();
        }
        await this.#lease.ensure(uploadTimeout);
      },
      onRetry: () => {
        this.#caller.retries++;
      },
      now: () => clock.now(),
      totals: this.#totals,
      onAcknowledged,
    });
  }

  /** What is worth keeping while the run works: where it would resume, and how far it has come. */
  #live(): CheckpointChanges {
    const progress = this.#walkRun && JSON.stringify(this.#walkRun.rest);
    return { ...(progress !== undefined && { progress }), ...this.#sums() };
  }

  /** The running totals with this run's share. */
  #sums() {
    const { fetched, duplicates, uploaded, bytes, requests, retries, durationMs } = this.#before;
    return {
      fetched: fetched + this.#totals.fetched,
      duplicates: duplicates + this.#totals.duplicates,
      uploaded: uploaded + this.#totals.uploaded,
      bytes: bytes + this.#totals.bytes,
      requests: requests + this.#caller.requests,
      retries: retries + this.#caller.retries,
      durationMs: durationMs + Math.round(this.#context.clock.now() - this.#startedAt),
    };
  }

  /** Once an hour: keys that no walk will meet again. */
  async #forget(walk: Walk, { ledgerDays, overlapSeconds }: CollectionSettings): Promise<void> {
    const last = this.#before.watermark === undefined ? undefined : Date.parse(this.#before.watermark);
    const now = toMillis(walk.completeUntil);
    if (last !== undefined && Math.floor(last / 3600_000) === Math.floor(now / 3600_000)) return;
    const before = walk.startedAt - ledgerDays * 24 * hour - overlapSeconds * 1_000_000;
    await this.#context.ledger.prune(this.#open.connection.name, this.#open.stream.id, before);
  }

  async #finish(changes: CheckpointChanges, failure: CollectionError | undefined): Promise<void> {
    const { clock, log } = this.#context;
    const now = clock.now();
    const status = failure?.status ?? (this.#totals.fetched === 0 ? "empty" : "ok");
    const problem = failure ?? this.#caller.shortfall;
    const report: RunReport = {
      runId: this.#runId,
      status,
      errorClass: problem?.errorClass,
      error: problem?.message,
      ...this.#totals,
      requests: this.#caller.requests,
      retries: this.#caller.retries,
      durationMs: Math.round(now - this.#startedAt),
    };
    await this.#lease.save({
      ...this.#live(),
      ...(failure && { caughtUp: false }),
      ...changes,
      status,
      statusSince: status === this.#before.status ? this.#before.statusSince : new Date(now).toISOString(),
      lastRunAt: new Date(now).toISOString(),
      lastError: problem?.message,
      errorClass: problem?.errorClass,
      notBefore: this.#notBefore(changes, failure),
      ...this.#token,
    });
    const healthReportedAt = await reportHealth(this.#open.stream, this.#before, this.#lease, report, this.#context);
    await this.#lease.release(healthReportedAt === undefined ? {} : { healthReportedAt });
    const name = `${this.#open.connection.name}/${this.#open.stream.id}`;
    const { fetched, duplicates, uploaded } = this.#totals;
    const line = `${name}: ${status}, ${fetched} fetched, ${duplicates} known, ${uploaded} uploaded.`;
    if (problem) log(failure ? "error" : "warn", `${line} ${problem.message}`);
    else log("info", line);
  }

  /** Until when the server asked for patience, or the stream rests after a walk. */
  #notBefore({ caughtUp }: CheckpointChanges, failure: CollectionError | undefined): string | undefined {
    const { restMinutes } = this.#open.stream;
    const rested = caughtUp && restMinutes ? this.#startedAt + restMinutes * 60_000 : undefined;
    const time = failure ? failure.notBefore : rested;
    return time === undefined ? undefined : new Date(time).toISOString();
  }
}
