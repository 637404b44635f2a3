import type { CollectContext } from "./context.ts";
import { CollectionError } from "./errors.ts";
import { healthJson, healthRow, isWorthReporting, type RunReport } from "./health.ts";
import type { Lease } from "./lease.ts";
import type { Stream } from "./stream.ts";
import { uploadTimeout } from "./upload.ts";

/** Sends a run's row where it is worth one. Returns when it was delivered; one that does not arrive fails nothing: the next run reports again. */
export async function reportHealth(
  { vendor, name }: Stream,
  before: Lease["checkpoint"],
  lease: Lease,
  report: RunReport,
  { uploader, bundleVersion, clock, log }: Pick<CollectContext, "uploader" | "bundleVersion" | "clock" | "log">,
): Promise<string | undefined> {
  const now = clock.now();
  if (!isWorthReporting(before, report, now)) return undefined;
  try {
    const row = healthRow(lease.checkpoint, vendor, name, report, now, bundleVersion);
    await uploader.upload("health-runs", healthJson([row]), { beforeEach: () => lease.ensure(uploadTimeout) });
    return new Date(now).toISOString();
  } catch (error) {
    if (!(error instanceof CollectionError)) throw error;
    log("warn", `The health row of ${before.partitionKey}/${before.rowKey} was not delivered. ${error.message}`);
    return undefined;
  }
}
