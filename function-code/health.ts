import type { CheckpointEntity, StreamStatus } from "./state/entities.ts";

/** A row of `ConnectorHealth_CL`, as its stream declares it. */
export interface HealthRow {
  readonly TimeGenerated: string;
  readonly Connection: string;
  readonly Vendor: string;
  readonly Stream: string;
  readonly Status: StreamStatus;
  readonly Fetched: number;
  readonly Duplicates: number;
  readonly Uploaded: number;
  readonly Bytes: number;
  readonly Requests: number;
  readonly Retries: number;
  readonly Watermark: string | null;
  readonly LagSeconds: number | null;
  readonly DurationMs: number;
  readonly TokenExpiresAt: string | null;
  readonly ErrorClass: string;
  readonly Error: string;
  readonly RunId: string;
  readonly BundleVersion: string;
}

/** As they are uploaded. */
export const healthJson = (rows: readonly HealthRow[]): Buffer => Buffer.from(JSON.stringify(rows));

/** What one run did. */
export interface RunReport {
  readonly runId: string;
  readonly status: StreamStatus;
  readonly errorClass?: string | undefined;
  readonly error?: string | undefined;
  readonly fetched: number;
  readonly duplicates: number;
  readonly uploaded: number;
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
  readonly durationMs: number;
}

const reportEvery = 15 * 60_000;

/**
 * Whether a run is worth a row: something was delivered, something changed, or a quarter of an hour has passed. With fifty consoles a row
 * for every run would outweigh the data.
 */
export function isWorthReporting(before: CheckpointEntity, run: RunReport, now: number): boolean {
  if (run.uploaded > 0 || run.status !== before.status || run.errorClass !== before.errorClass) return true;
  return before.healthReportedAt === undefined || now - Date.parse(before.healthReportedAt) >= reportEvery;
}

export function healthRow(
  checkpoint: CheckpointEntity,
  vendor: string,
  stream: string,
  run: RunReport,
  now: number,
  bundleVersion: string,
): HealthRow {
  const { watermark, tokenExpiresAt } = checkpoint;
  return {
    TimeGenerated: new Date(now).toISOString(),
    Connection: checkpoint.partitionKey,
    Vendor: vendor,
    Stream: stream,
    Status: run.status,
    Fetched: run.fetched,
    Duplicates: run.duplicates,
    Uploaded: run.uploaded,
    Bytes: run.bytes,
    Requests: run.requests,
    Retries: run.retries,
    Watermark: watermark ?? null,
    LagSeconds: watermark === undefined ? null : Math.max(0, Math.round((now - Date.parse(watermark)) / 1000)),
    DurationMs: run.durationMs,
    TokenExpiresAt: tokenExpiresAt ?? null,
    ErrorClass: run.errorClass ?? "",
    Error: run.error ?? "",
    RunId: run.runId,
    BundleVersion: bundleVersion,
  };
}
