import Table from "cli-table3";
import type { StreamStatus } from "../../../function-code/state/entities.ts";

/** What one pass did; printed as it is by `--once --json`. */
export interface Summary {
  /** Resources that the stack has. */
  readonly resources: number;
  readonly bundle: { readonly bytes: number; readonly sha256: string };
  readonly streams: readonly StreamSummary[];
}

/** One stream of one connection in this pass. Counters are of this pass alone. */
export interface StreamSummary {
  readonly connection: string;
  readonly vendor: string;
  readonly stream: string;
  readonly table: string;
  readonly status: StreamStatus;
  /** Rows that the vendor's pages held. */
  readonly fetched: number;
  /** Of them, rows that had been delivered before. */
  readonly duplicates: number;
  readonly uploaded: number;
  /** Rows that the table holds from this pass: counted there. */
  readonly stored: number;
  /** Bytes of JSON uploaded, before compression. */
  readonly bytes: number;
  readonly requests: number;
  readonly durationMs: number;
  readonly error: string | null;
}

/** Whether `--once` exits with 0. */
export function allWell(summary: Summary): boolean {
  return summary.streams.every(({ status }) => status === "ok" || status === "empty");
}

/** The table of what happened, and below it one paragraph for each stream that needs attention. */
export function renderSummary({ resources, bundle, streams }: Summary): string {
  const table = new Table({
    head: ["connection", "stream", "status", "fetched", "known", "uploaded", "stored", "MB", "requests", "seconds"],
    colAligns: ["left", "left", "left", ...Array<"right">(7).fill("right")],
    style: { head: [], border: [] },
  });
  for (const row of streams) {
    table.push([
      row.connection,
      `${row.vendor}/${row.stream}`,
      row.status,
      count(row.fetched),
      count(row.duplicates),
      count(row.uploaded),
      count(row.stored),
      (row.bytes / 1e6).toFixed(1),
      count(row.requests),
      (row.durationMs / 1000).toFixed(1),
    ]);
  }
  const errors = streams
    .filter(({ error }) => error)
    .map(({ connection, vendor, stream, error }) => `${connection} ${vendor}/${stream}: ${error}`);
  const footer = `${resources} resources; bundle ${count(bundle.bytes)} bytes, sha256 ${bundle.sha256.slice(0, 12)}`;
  return [table.toString(), footer, ...errors].join("\n");
}

const count = (value: number) => value.toLocaleString("en-US");
