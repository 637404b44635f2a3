import { randomBytes } from "node:crypto";
import type { Connection } from "../../function-code/environment.ts";
import { HttpClient } from "../../function-code/http.ts";
import { sessions } from "../../function-code/sessions.ts";
import type { WindowEntity } from "../../function-code/state/entities.ts";
import { formatIso, fromMillis, hour, type Micros, parseIso } from "../../function-code/timestamps.ts";
import { WindowLedger } from "../../function-code/window-ledger.ts";
import { whyNoWindows } from "../../function-code/windows.ts";
import { readCatalog } from "../../kql/catalog.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";
import { type ReadableStream, type Span, storedKeys } from "./stored-keys.ts";
import { type WindowStanding, windowStanding } from "./window-standing.ts";

/** So long a row may take from Azure's acknowledgement to the answer of a query. */
const settling = hour;
/** What is done stays to be seen for so long. */
const keepDone = 7 * 24 * hour;

export interface WindowRequest {
  /** `backfill` brings what was never delivered, `replay` what was acknowledged and is not in the table. */
  readonly kind: WindowEntity["kind"];
  readonly connection: string;
  /** `<vendor>/<stream>`, or its name alone. */
  readonly stream: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Also where it cannot be seen what is stored already. */
  readonly allowDuplicates: boolean;
  /** Rows without a `Connection` count as delivered too: a codeless connector stored them in the same table. */
  readonly takenOver: boolean;
}

/**
 * Asks the worker to read a stretch of a stream's past. What is stored already is read from the table first, where the ledger cannot tell it.
 * @param onRead told of the share of those keys that has been read, from 0 to 1, and their number
 */
export async function requestWindow(
  { connections, collection }: Pick<Deployment, "connections" | "collection">,
  access: OperatorAccess,
  request: WindowRequest,
  onRead: (share: number, keys: number) => void,
): Promise<WindowEntity> {
  const { connection, name } = findStream(connections, access, request);
  const stream = `${connection.vendor}-${name}`;
  const now = fromMillis(access.retries.clock.now());
  const span = spanOf(request, now);
  const remembered = now - collection.ledgerDays * 24 * hour;
  await tidyUp(access, connection.name, stream, span, now);

  const id = `${new Date(access.retries.clock.now()).toISOString()}-${randomBytes(3).toString("hex")}`;
  const isReplay = request.kind === "replay";
  const asksTable = isReplay || request.takenOver;
  // The oldest hour of the ledger may be half forgotten.
  const unknown: Span = asksTable ? span : { from: span.from, to: Math.min(span.to, remembered + 2 * hour) };
  if (span.from < remembered + hour || asksTable) {
    const readable = readCatalog().find((candidate) => candidate.id === stream && candidate.windows);
    if (readable && !request.allowDuplicates) {
      const counted: readonly [string, ...string[]] = request.takenOver ? [connection.name, ""] : [connection.name];
      await seed(access, readable as ReadableStream, counted, unknown, id, onRead);
    } else if (!request.allowDuplicates) throw cannotTell(request, stream, collection.ledgerDays);
  }
  return access.windows.add(connection.name, stream, id, {
    kind: request.kind,
    from: formatIso(span.from),
    to: formatIso(span.to),
    ...(isReplay && { believedSince: new Date((now - settling) / 1000).toISOString() }),
  });
}

/** Takes back what the worker has not read to its end. Returns how far each window was. */
export async function cancelWindows(
  { connections }: Pick<Deployment, "connections">,
  access: OperatorAccess,
  request: Pick<WindowRequest, "connection" | "stream">,
): Promise<readonly WindowStanding[]> {
  const { connection, name } = findStream(connections, access, request);
  const stream = `${connection.vendor}-${name}`;
  const open = await access.windows.open(connection.name, stream);
  for (const { entity } of open) {
    await access.windows.remove(entity);
    await new WindowLedger(access.ledger, entity.rowKey, undefined).forget(connection.name, stream);
  }
  return open.map(({ entity }) => windowStanding(entity, access.retries.clock.now()));
}

function findStream(
  connections: readonly Connection[],
  { secrets, retries }: OperatorAccess,
  { connection: name, stream }: Pick<WindowRequest, "connection" | "stream">,
): { readonly connection: Connection; readonly name: string } {
  const connection = connections.find((candidate) => candidate.name === name);
  if (!connection) {
    throw new OperatorError(
      `There is no connection "${name}". This stack collects from ${connections.map((known) => `"${known.name}"`).join(", ")}.`,
    );
  }
  const [vendor, short] = stream.includes("/") ? stream.split("/", 2) : [connection.vendor, stream];
  if (vendor !== connection.vendor || !short || !connection.streams.includes(short)) {
    throw new OperatorError(
      `"${name}" collects no stream "${stream}". It has ${connection.streams.map((known) => `${connection.vendor}/${known}`).join(", ")}.`,
    );
  }
  const find = sessions(connections, { clock: retries.clock, http: new HttpClient(), secrets, retries });
  const open = find({ connection: name, stream: `${vendor}-${short}` });
  if (!open) throw new OperatorError(`This version has no stream "${stream}". Deploy again from this version.`);
  const reason = whyNoWindows(open.stream);
  if (reason) {
    throw new OperatorError(
      `${vendor}/${short} has no past that could be read again: ${reason}. Its own walks bring all there is.`,
    );
  }
  return { connection, name: short };
}

function spanOf({ from, to }: WindowRequest, now: Micros): Span {
  const [begin, end] = [timeOf("--from", from), timeOf("--to", to)];
  if (begin >= end) throw new OperatorError(`--from ${from} must lie before --to ${to}.`);
  if (end > now)
    throw new OperatorError(`--to ${to} lies in the future. Live collection brings what happens from now on.`);
  return { from: begin, to: end };
}

function timeOf(option: string, text: string): Micros {
  const time = parseIso(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time !== undefined) return time;
  throw new OperatorError(`${option} is "${text}". Give a day or a time in UTC: 2026-03-18, or 2026-03-18T14:00:00Z.`);
}

/** Removes what was done long ago. Two windows over the same rows could not know of each other. */
async function tidyUp(
  { windows }: OperatorAccess,
  connection: string,
  stream: string,
  span: Span,
  now: Micros,
): Promise<void> {
  for await (const { entity } of windows.all()) {
    const doneAt = entity.doneAt === undefined ? undefined : (parseIso(entity.doneAt) ?? 0);
    if (doneAt !== undefined && doneAt < now - keepDone) await windows.remove(entity);
    if (entity.partitionKey !== `${connection}|${stream}`) continue;
    const overlaps = (parseIso(entity.from) ?? 0) < span.to && (parseIso(entity.to) ?? 0) > span.from;
    if (!overlaps || (doneAt !== undefined && doneAt < now - settling)) continue;
    const state =
      doneAt === undefined
        ? "is still being read: `status` shows how far it is"
        : `was done at ${entity.doneAt ?? ""}: its rows take up to an hour to be seen in the table`;
    throw new OperatorError(
      `The ${entity.kind} from ${entity.from} to ${entity.to} covers a part of that time, and ${state}. Ask again afterwards.`,
    );
  }
}

async function seed(
  { workspace, ledger, retries }: OperatorAccess,
  stream: ReadableStream,
  /** The connection itself comes first. */
  connections: readonly [string, ...string[]],
  span: Span,
  id: string,
  onRead: (share: number, keys: number) => void,
): Promise<void> {
  const own = new WindowLedger(ledger, id, undefined);
  let count = 0;
  let part = 0;
  for await (const { keys, read } of storedKeys(workspace, stream, connections, span)) {
    await own.seed(connections[0], stream.id, `stored-${part++}`, keys, retries.clock.now());
    count += keys.length;
    onRead(read, count);
  }
}

function cannotTell({ kind, takenOver }: WindowRequest, stream: string, ledgerDays: number): OperatorError {
  const why =
    kind === "replay" || takenOver
      ? "what is sent is what the table lacks"
      : `the worker remembers ${ledgerDays} days of what it delivered, and the window reaches further back`;
  return new OperatorError(
    `It cannot be seen in the table which rows of ${stream} are stored: their key is more than the table keeps. Since ${why}, rows would be stored twice (the …Latest functions show each once). If that is all right, say --allow-duplicates.`,
  );
}
