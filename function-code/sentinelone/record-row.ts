import { TextRow } from "../rows.ts";

/** The head that was made last: rows of one page are made within few milliseconds, and share it. */
let latest = { connection: "", now: 0, head: Buffer.alloc(0) };

/**
 * What is uploaded for a record: its own JSON text, and what only the worker knows.
 * @param now epoch milliseconds
 */
export function recordRow(connection: string, now: number, json: Buffer): TextRow {
  if (latest.now !== now || latest.connection !== connection) {
    const known = JSON.stringify({ TimeGenerated: new Date(now).toISOString(), Connection: connection });
    latest = { connection, now, head: Buffer.from(`${known.slice(0, -1)},"Record":`) };
  }
  return new TextRow(latest.head, json);
}
