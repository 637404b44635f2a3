import { versionKey } from "../../function-code/sentinelone/page.ts";
import { hash64 } from "../../function-code/state/hash.ts";
import type { LedgerKey } from "../../function-code/state/ledger.ts";
import { formatIso, type Micros, parseIso, second } from "../../function-code/timestamps.ts";
import type { Stream } from "../../kql/catalog.ts";
import { OperatorError } from "./operator-error.ts";
import type { Row, WorkspaceQueries } from "./workspace-queries.ts";

/** Rows that one query brings at most: the service ends an answer at 500,000 rows or 64 MB. */
const rowsPerQuery = 100_000;

/** A stream whose rows can be told apart in its table as its ledger does. */
export type ReadableStream = Stream & { readonly windows: NonNullable<Stream["windows"]> };

/** A stretch of a stream's own time. */
export interface Span {
  /** From inclusive, to exclusive. */
  readonly from: Micros;
  readonly to: Micros;
}

/** One piece of what a table holds. */
export interface StoredKeys {
  readonly keys: readonly LedgerKey[];
  /** Share of the span that has been read with them, from 0 to 1. */
  readonly read: number;
}

/**
 * What the workspace holds of a connection's stream in a span of the stream's own time, piece by piece.
 * @param connections values of the column `Connection` whose rows count
 */
export async function* storedKeys(
  workspace: Pick<WorkspaceQueries, "rows">,
  stream: ReadableStream,
  connections: readonly string[],
  span: Span,
): AsyncIterable<StoredKeys> {
  const rowsIn = ({ from, to }: Span) =>
    `${stream.table} | where Connection in (${connections.map((name) => JSON.stringify(name)).join(", ")}) and ${stream.windows.time} >= datetime(${formatIso(from)}) and ${stream.windows.time} < datetime(${formatIso(to)})`;
  const version = stream.windows.version.map((column, i) => `V${i} = tostring(${column})`).join(", ");
  const hours = await workspace.rows(
    `${rowsIn(span)} | summarize Rows = count() by Hour = bin(${stream.windows.time}, 1h) | project Hour = tostring(Hour), Rows | order by Hour asc`,
  );
  for (const piece of pieces(span, hours.map(countOf))) {
    const rows = await workspace.rows(`${rowsIn(piece)} | project Time = tostring(${stream.windows.time}), ${version}`);
    const keys = rows.map((row) => keyOf(row, stream.windows.version.length));
    yield { keys, read: (piece.to - span.from) / (span.to - span.from) };
  }
}

interface HourCount {
  readonly at: Micros;
  readonly rows: number;
}

/** Cuts a span so that each piece has few enough rows for one answer: neighbouring hours together, crowded ones in parts of equal length. */
export function pieces({ from, to }: Span, hours: readonly HourCount[], most = rowsPerQuery): Span[] {
  const cuts: Micros[] = [];
  let sum = 0;
  for (const [i, { at, rows }] of hours.entries()) {
    if (sum > 0 && sum + rows > most) {
      cuts.push(at);
      sum = 0;
    }
    sum += rows;
    if (rows <= most) continue;
    const begin = Math.max(from, at);
    const end = Math.min(to, hours[i + 1]?.at ?? to, at + 3600 * second);
    // Half as long as the mean asks for: rows are not spread evenly within an hour.
    const parts = Math.min(2 * Math.ceil(rows / most), Math.floor((end - begin) / second));
    for (let part = 1; part < parts; part++) cuts.push(begin + Math.floor(((end - begin) * part) / parts));
    cuts.push(end);
    sum = 0;
  }
  const bounds = [from, ...cuts.filter((cut) => cut > from && cut < to), to];
  return bounds.slice(1).map((end, i) => ({ from: bounds[i] ?? from, to: end }));
}

function countOf({ Hour, Rows }: Row): HourCount {
  return { at: timeOf(Hour), rows: Number(Rows) };
}

function keyOf(row: Row, columns: number): LedgerKey {
  return {
    time: timeOf(row["Time"]),
    hash: hash64(storedVersion(Array.from({ length: columns }, (_, i) => row[`V${i}`]))),
  };
}

/** Names a stored version as the worker's ledger names it, from its columns as text. */
export const storedVersion = (columns: readonly unknown[]): string =>
  versionKey(columns.map((value) => (typeof value === "string" ? JSON.stringify(value) : undefined)));

function timeOf(text: unknown): Micros {
  const time = typeof text === "string" ? parseIso(text) : undefined;
  if (time === undefined)
    throw new OperatorError(`The workspace answered with a time that cannot be read: ${String(text)}`);
  return time;
}
