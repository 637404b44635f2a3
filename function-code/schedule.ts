import type { CollectContext } from "./context.ts";
import type { CollectionSettings, Connection } from "./environment.ts";
import { CollectionError } from "./errors.ts";
import { type HealthRow, healthJson, healthRow } from "./health.ts";
import { isHeld } from "./lease.ts";
import { type Checkpoints, emptyCheckpoint } from "./state/checkpoints.ts";
import type { CheckpointEntity, CollectMessage } from "./state/entities.ts";
import { Conflict, type Stored } from "./state/table.ts";
import { isReady } from "./windows.ts";

/** A message that nobody took for this long was lost, in milliseconds. */
const messageLife = 600_000;
/** A stream whose worker died is no news; one whose runs do not end for this long is, in milliseconds. */
const runLife = 30 * 60_000;
/** The timer fires a little sooner or later: a rest that is over by then, but for this, is over. Milliseconds. */
const tolerance = 30_000;

type ScheduleContext = Pick<
  CollectContext,
  "checkpoints" | "windows" | "clock" | "settings" | "uploader" | "bundleVersion" | "log"
>;

/**
 * The streams that are due now, each marked as queued. A stream that is queued or running is left alone. Losing or repeating a message
 * changes nothing, since the checkpoint alone decides what is fetched. Streams whose last run is overdue are reported.
 */
export async function schedule(
  connections: readonly Connection[],
  runId: string,
  context: ScheduleContext,
): Promise<CollectMessage[]> {
  const { checkpoints, clock, settings, bundleVersion } = context;
  const known = new Map<string, Stored<CheckpointEntity>>();
  for await (const stored of checkpoints.all()) {
    known.set(`${stored.entity.partitionKey}|${stored.entity.rowKey}`, stored);
  }
  const asked = await withWindows(context);
  const due = connections
    .flatMap(({ name, vendor, streams }) => streams.map((stream) => ({ connection: name, vendor, stream })))
    .map((stream) => ({ ...stream, key: `${stream.connection}|${stream.vendor}-${stream.stream}` }))
    .map((stream) => ({ ...stream, stored: known.get(stream.key) }))
    .filter(({ key, stored }) => isDue(stored?.entity, clock.now(), settings, asked.has(key)))
    // Where there is more to do than workers can, no stream falls behind the others.
    .toSorted((a, b) => lastRun(a.stored) - lastRun(b.stored));
  const overdue: HealthRow[] = [];
  const messages = await Promise.all(
    due.map(async ({ connection, vendor, stream, stored }) => {
      const message = { connection, stream: `${vendor}-${stream}` };
      const now = clock.now();
      const problem = whyOverdue(stored?.entity, now);
      const entity = await enqueue(message, stored, problem, checkpoints, now);
      if (entity && problem !== undefined) {
        const report = { ...nothingDone, runId, status: "failing", errorClass: "overdue", error: problem } as const;
        overdue.push(healthRow(entity, vendor, stream, report, now, bundleVersion));
      }
      return entity ? [message] : [];
    }),
  );
  await reportOverdue(overdue, context);
  return messages.flat();
}

const lastRun = (stored: Stored<CheckpointEntity> | undefined) => Date.parse(stored?.entity.lastRunAt ?? "1970");

/** Streams of which an operator wants a window of the past, and that can be read now. */
async function withWindows({ windows, clock }: ScheduleContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { entity } of windows.all()) {
    if (entity.doneAt === undefined && isReady(entity, clock.now())) found.add(entity.partitionKey);
  }
  return found;
}

/**
 * Whether a stream is due: nobody holds it, no message for it is on its way, its server did not ask for more patience, and it does not
 * rest because there was nothing to collect.
 * @param hasWindows there is a window of the past to read
 */
export function isDue(
  checkpoint: Partial<CheckpointEntity> | undefined,
  now: number,
  settings: Pick<CollectionSettings, "idleMinutes">,
  hasWindows = false,
): boolean {
  if (!checkpoint) return true;
  if (isHeld(checkpoint, now)) return false;
  if (checkpoint.queuedAt !== undefined) return now - Date.parse(checkpoint.queuedAt) >= messageLife;
  if (checkpoint.notBefore !== undefined && Date.parse(checkpoint.notBefore) > now) return false;
  if (hasWindows && checkpoint.status === "empty") return true;
  const rest = settings.idleMinutes * 60_000;
  if (checkpoint.lastRunAt === undefined || !(isIdle(checkpoint) || isOutOfReach(checkpoint, rest))) return true;
  return now - Date.parse(checkpoint.lastRunAt) >= rest - tolerance;
}

/** Nobody has answered for a while: each run of the stream waits for time-outs, in a place that other consoles' streams need. */
function isOutOfReach({ errorClass, statusSince, lastRunAt }: Partial<CheckpointEntity>, longest: number): boolean {
  if (errorClass !== "network" || statusSince === undefined || lastRunAt === undefined) return false;
  return Date.parse(lastRunAt) - Date.parse(statusSince) >= longest;
}

/** The last run found nothing, not even rows of the overlap, or was told that there is nothing for this token. */
function isIdle({ status, caughtUp }: Partial<CheckpointEntity>): boolean {
  return (status === "empty" && caughtUp === true) || status === "not-permitted" || status === "not-available";
}

/** What keeps a due stream from being collected; undefined if nothing does. */
export function whyOverdue(checkpoint: Partial<CheckpointEntity> | undefined, now: number): string | undefined {
  if (!checkpoint) return undefined;
  const { queuedAt, leaseOwner, lastRunAt } = checkpoint;
  const last = lastRunAt === undefined ? "It was never collected." : `Its last run ended at ${lastRunAt}.`;
  if (queuedAt !== undefined) {
    return `No worker has taken the stream since it was queued at ${queuedAt}. ${last} Look at the function "collect" and its queue in the Function App; the stream is queued again, and nothing is lost.`;
  }
  if (leaseOwner !== undefined && (lastRunAt === undefined || now - Date.parse(lastRunAt) >= runLife)) {
    return `The stream's runs end without a word. ${last} Look in the log for the run ${leaseOwner}: the worker may lack memory or time. The next run goes on where it stopped.`;
  }
  return undefined;
}

const nothingDone = {
  fetched: 0,
  duplicates: 0,
  uploaded: 0,
  bytes: 0,
  requests: 0,
  retries: 0,
  durationMs: 0,
} as const;

/** The checkpoint as it was written; undefined where somebody was faster. */
async function enqueue(
  { connection, stream }: CollectMessage,
  stored: Stored<CheckpointEntity> | undefined,
  problem: string | undefined,
  checkpoints: Checkpoints,
  now: number,
): Promise<CheckpointEntity | undefined> {
  const before = stored?.entity ?? emptyCheckpoint(connection, stream);
  const time = new Date(now).toISOString();
  const entity: CheckpointEntity = {
    ...before,
    queuedAt: time,
    // The next run that ends sees another status than its own, and reports that all is well again.
    ...(problem !== undefined && {
      status: "failing",
      statusSince: before.errorClass === "overdue" ? (before.statusSince ?? time) : time,
      errorClass: "overdue",
      lastError: problem,
    }),
  };
  try {
    await checkpoints.write(entity, stored?.etag);
    return entity;
  } catch (error) {
    // A worker took it in the meantime, or another instance of this timer.
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}

/** Reports that do not arrive fail nothing: they are repeated for as long as there is reason. */
async function reportOverdue(rows: readonly HealthRow[], { uploader, log }: ScheduleContext): Promise<void> {
  for (const { Connection, Vendor, Stream, Error } of rows) log("error", `${Connection}/${Vendor}-${Stream}: ${Error}`);
  try {
    if (rows.length > 0) await uploader.upload("health-runs", healthJson(rows), {});
  } catch (error) {
    if (!(error instanceof CollectionError)) throw error;
    log("warn", `${rows.length} health rows were not delivered. ${error.message}`);
  }
}
