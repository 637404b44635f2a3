import type { CollectContext, OpenStream } from "./context.ts";
import type { Totals } from "./delivery.ts";
import { asCollectionError, LeaseLost } from "./errors.ts";
import type { WalkRun } from "./run-walk.ts";
import type { WindowEntity } from "./state/entities.ts";
import type { KeyLedger } from "./state/ledger.ts";
import { Conflict, type Stored } from "./state/table.ts";
import type { Windows } from "./state/windows.ts";
import type { Micros } from "./timestamps.ts";
import type { Walk } from "./walk.ts";
import { WindowLedger } from "./window-ledger.ts";
import { isReady, leftOf, restAfter, walkOf, whyNoWindows, windowsUntil } from "./windows.ts";

/** Where a walk writes down what it has delivered and how far it has come, and when it has to end. */
export interface WalkNotes {
  readonly ledger: KeyLedger;
  readonly save: () => Promise<void>;
  readonly isOver: () => boolean;
}

interface WindowsContext extends Pick<CollectContext, "clock" | "ledger" | "windows" | "log" | "stopping"> {
  readonly keepLease: () => Promise<void>;
  readonly walk: (walk: Walk, notes: WalkNotes) => WalkRun;
}

/** Reads the windows that operators asked for, the oldest first, until their share of the minute is used up. A failure is noted in its window. */
export async function serveWindows(
  { stream, connection }: OpenStream,
  now: Micros,
  totals: Totals,
  context: WindowsContext,
): Promise<void> {
  const { clock, windows, stopping } = context;
  const end = windowsUntil(clock.now());
  const isOver = () => stopping.aborted || clock.now() >= end;
  if (isOver() || whyNoWindows(stream) !== undefined) return;
  for (const stored of await windows.open(connection.name, stream.id)) {
    if (isOver()) return;
    if (!isReady(stored.entity, clock.now())) continue;
    await new WindowService(stored, totals, context).serve(now, isOver);
  }
}

/** One window, for as long as it may be read. */
class WindowService {
  readonly #windows: Windows;
  readonly #context: WindowsContext;
  readonly #totals: Totals;
  readonly #before: WindowEntity;
  readonly #totalsBefore: Totals;
  #entity: WindowEntity;
  #etag: string;
  /** Writes happen one after the other, since each is conditional on the one before. */
  #writes: Promise<void> = Promise.resolve();

  constructor({ entity, etag }: Stored<WindowEntity>, totals: Totals, context: WindowsContext) {
    this.#windows = context.windows;
    this.#context = context;
    this.#totals = totals;
    this.#totalsBefore = { ...totals };
    this.#before = entity;
    this.#entity = entity;
    this.#etag = etag;
  }

  async serve(now: Micros, isOver: () => boolean): Promise<void> {
    const { log, stopping, ledger: live, walk, keepLease } = this.#context;
    const [connection = "", stream = ""] = this.#before.partitionKey.split("|");
    const name = `${connection}/${stream}, window from ${this.#before.from} to ${this.#before.to}`;
    try {
      const ledger = new WindowLedger(live, this.#before.rowKey, this.#before.believedSince);
      const run = walk(walkOf(this.#before, now), { ledger, isOver, save: () => this.#save(this.#progress(run)) });
      await run.run();
      await this.#save({ ...this.#progress(run), ...(run.isDone && { doneAt: this.#now(), progress: undefined }) });
      if (!run.isDone) return;
      await keepLease();
      await ledger.forget(connection, stream);
      log("info", `${name}: done, ${this.#entity.uploaded} rows uploaded, ${this.#entity.duplicates} known.`);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      // The window's own notes say where it goes on.
      if (stopping.aborted && error === stopping.reason) return;
      if (error instanceof Conflict) log("info", `${name}: changed by somebody else, and left for the next run.`);
      else await this.#fail(name, error);
    }
  }

  async #fail(name: string, error: unknown): Promise<void> {
    const { message, notBefore } = asCollectionError(error);
    const failures = this.#entity.failures + 1;
    const until = Math.max(notBefore ?? 0, this.#context.clock.now() + restAfter(failures));
    this.#context.log("warn", `${name}: ${message}`);
    try {
      await this.#save({ failures, lastError: message, notBefore: new Date(until).toISOString() });
    } catch (conflict) {
      if (!(conflict instanceof Conflict)) throw conflict;
    }
  }

  #progress(run: WalkRun): Changes {
    const { rest } = run;
    const since = (counter: "fetched" | "duplicates" | "uploaded") =>
      this.#before[counter] + this.#totals[counter] - this.#totalsBefore[counter];
    return {
      progress: JSON.stringify(rest),
      left: leftOf(this.#before, rest.windows),
      startedAt: this.#before.startedAt ?? this.#now(),
      fetched: since("fetched"),
      duplicates: since("duplicates"),
      uploaded: since("uploaded"),
      failures: 0,
      notBefore: undefined,
      lastError: undefined,
    };
  }

  #save(changes: Changes): Promise<void> {
    const write = this.#writes.then(() => this.#write(changes));
    this.#writes = write.catch(() => undefined);
    return write;
  }

  async #write(changes: Changes): Promise<void> {
    const entity = Object.fromEntries(
      Object.entries({ ...this.#entity, ...changes }).filter(([, value]) => value !== undefined),
    ) as unknown as WindowEntity;
    this.#etag = await this.#windows.replace(entity, this.#etag);
    this.#entity = entity;
  }

  #now(): string {
    return new Date(this.#context.clock.now()).toISOString();
  }
}

type Changes = {
  readonly [Field in keyof WindowEntity]?: WindowEntity[Field] | undefined;
};
