import type { CheckpointEntity } from "../../../function-code/state/entities.ts";
import type { Session, Target } from "./session.ts";
import type { StreamSummary, Summary } from "./summary.ts";

/** How often the live display asks where the streams stand, in milliseconds. */
const refreshInterval = 300;

/** Told where a stream stands while a pass is under way; counters are of this pass. */
export type OnStream = (summary: StreamSummary, finished: boolean) => void;

export interface PassOptions {
  readonly onStream?: OnStream;
  /** @default all that the session has */
  readonly targets?: readonly Target[];
  /** Nothing more is asked for from then on; the pass rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Rounds without a row, one after the other, after which a pass gives up. */
const patience = 3;

/** Collects targets until each has caught up or cannot go on, and says what happened to each. */
export async function runPass(
  session: Session,
  { onStream = () => {}, targets = session.targets, signal }: PassOptions = {},
): Promise<Summary> {
  const startedAt = new Date();
  const before = await session.standings();
  const report = async () => {
    const now = await session.standings();
    for (const target of targets) {
      onStream(
        summarize(target, before.get(target), now.get(target), startedAt, 0),
        isFinished(now.get(target), startedAt),
      );
    }
    return now;
  };

  let unfinished = targets;
  let last = before;
  for (let idle = 0; unfinished.length > 0 && idle < patience; ) {
    signal?.throwIfAborted();
    await session.request(unfinished);
    await whileWaiting(session.azure.functions.whenIdle(), report);
    const now = await report();
    const open = unfinished.filter((target) => !isFinished(now.get(target), startedAt));
    // A message can meet a stream that is being collected already, and is dropped then: once is no reason for worry, again and again is.
    const moved = open.some((target) => now.get(target)?.fetched !== last.get(target)?.fetched);
    idle = moved ? 0 : idle + 1;
    unfinished = open;
    last = now;
  }

  const { bundle } = session.outputs;
  const { resources } = await session.evaluation;
  const after = await session.standings();
  const streams = targets.map(async (target) =>
    summarize(target, before.get(target), after.get(target), startedAt, await storedSince(session, target, startedAt)),
  );
  return {
    resources,
    bundle: { bytes: bundle.bytes, sha256: bundle.sha256 },
    streams: await Promise.all(streams),
  };
}

/** A stream has had its turn when a run of this pass ended, with nothing more to fetch or with a reason why not. */
function isFinished(checkpoint: CheckpointEntity | undefined, startedAt: Date): boolean {
  if (!checkpoint?.lastRunAt || new Date(checkpoint.lastRunAt) < startedAt) return false;
  return checkpoint.caughtUp || (checkpoint.status !== "ok" && checkpoint.status !== "empty");
}

async function whileWaiting(end: Promise<void>, report: () => Promise<unknown>): Promise<void> {
  const ended = Symbol("ended");
  const marked = end.then(() => ended);
  for (;;) {
    const tick = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => tick.resolve(undefined), refreshInterval);
    const first = await Promise.race([marked, tick.promise]);
    clearTimeout(timer);
    if (first === ended) return;
    await report();
  }
}

function summarize(
  { connection, vendor, stream, table }: Target,
  before: CheckpointEntity | undefined,
  now: CheckpointEntity | undefined,
  startedAt: Date,
  stored: number,
): StreamSummary {
  const since = (counter: "fetched" | "duplicates" | "uploaded" | "bytes" | "requests" | "durationMs") =>
    (now?.[counter] ?? 0) - (before?.[counter] ?? 0);
  const ran = now?.lastRunAt !== undefined && new Date(now.lastRunAt) >= startedAt;
  return {
    connection,
    vendor,
    stream,
    table,
    status: ran ? (now.status ?? "failing") : "failing",
    fetched: since("fetched"),
    duplicates: since("duplicates"),
    uploaded: since("uploaded"),
    stored,
    bytes: since("bytes"),
    requests: since("requests"),
    durationMs: since("durationMs"),
    error: ran ? (now.lastError ?? null) : "The worker has not reported a run; its log says why.",
  };
}

async function storedSince(session: Session, { table, connection }: Target, startedAt: Date): Promise<number> {
  const { rows } = await session.query(
    `${table} | where Connection == "${connection}" and ingestion_time() >= datetime(${startedAt.toISOString()}) | count`,
  );
  return Number(rows[0]?.[0] ?? 0);
}
