import { DeployedWorker } from "./deployed-worker.ts";
import { report, spreadOf } from "./figures.ts";
import { startServer } from "./server-process.ts";

export interface MemoryOptions {
  readonly rows: number;
  readonly json?: true;
}

const megabyte = 1024 ** 2;
const hour = 3600_000;

/** `npm run bench -- memory`: the worker's peak for a tenth of the rows, and for all of them. */
export async function benchMemory({ rows, json }: MemoryOptions): Promise<number> {
  const [few, many] = [await peakOf(Math.ceil(rows / 10)), await peakOf(rows)];
  const findings = [
    { what: "ten times the rows, memory", measured: spreadOf([many / few]), unit: "times", target: { atMost: 1.2 } },
    { what: "peak memory", measured: spreadOf([Math.max(few, many)]), unit: "MB", target: { atMost: 220 } },
  ];
  return report(findings, { rows, few, many }, json ?? false);
}

/** Megabytes that the deployed worker takes at most while it collects so many activities. */
export async function peakOf(rows: number): Promise<number> {
  const now = Date.now();
  await using source = await startServer("activity-console.ts", {
    rows,
    from: now - 23 * hour,
    to: now - hour,
    latency: 0,
  });
  await using worker = await DeployedWorker.start({ console: source.url, token: "bench" });
  const { peakRssBytes, rows: delivered } = await worker.collect();
  if (delivered !== rows) throw new Error(`${delivered} of ${rows} rows were delivered.`);
  return peakRssBytes / megabyte;
}
