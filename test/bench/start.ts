import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { bundle, bundleWorker } from "../../components/bundle.ts";
import { type Finding, report, spreadOf } from "./figures.ts";

export interface StartOptions {
  readonly times: number;
  readonly json?: true;
}

const root = join(import.meta.dirname, "..", "..");
/** An app that registers one trigger and does nothing. */
const emptyApp = `
  import { app } from "@azure/functions";
  app.timer("nothing", { schedule: "0 * * * * *", handler: () => undefined });
`;
/** What the worker reads when it starts; nothing of it is asked for before a trigger fires. */
const settings = {
  AZURE_CLIENT_ID: "bench",
  STATE_TABLE_ENDPOINT: "https://bench.table.core.windows.net",
  INGESTION_ENDPOINT: "https://bench.ingest.monitor.azure.com",
  INGESTION_AUDIENCE: "https://monitor.azure.com",
  INGESTION_RULES: "{}",
  CONNECTIONS: "[]",
  COLLECTION: JSON.stringify({
    sinceHours: 24,
    holdBackSeconds: 120,
    overlapSeconds: 600,
    ledgerDays: 8,
    snapshotHours: 6,
    idleMinutes: 5,
  }),
  WORK_QUEUE: "collect",
};

/** `npm run bench -- start`: what a cold start costs before anything is fetched. */
export async function benchStart({ times, json }: StartOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
  try {
    writeFileSync(
      join(folder, "empty.ts"),
      emptyApp.replace("@azure/functions", join(root, "node_modules/@azure/functions")),
    );
    const ours = await bundleWorker();
    const files = {
      worker: unpack(folder, "worker", ours.zip),
      empty: unpack(folder, "empty", (await bundle(join(folder, "empty.ts"))).zip),
    };
    const loads = { worker: [] as number[], empty: [] as number[] };
    for (let i = 0; i < times; i++) {
      for (const side of ["worker", "empty"] as const) loads[side].push(load(files[side]));
    }
    const empty = spreadOf(loads.empty).median;
    const findings: Finding[] = [
      {
        what: "load, of an empty app's",
        measured: spreadOf(loads.worker.map((milliseconds) => milliseconds / empty)),
        unit: "times",
        target: { atMost: 6 },
      },
      { what: "bundle", measured: spreadOf([ours.bytes / 1000]), unit: "kB", target: { atMost: 1100 } },
    ];
    return report(findings, { loadMilliseconds: loads }, json ?? false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpack(folder: string, name: string, zip: Uint8Array): string {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, unzipSync(zip)["main.js"] ?? "");
  return file;
}

/** Milliseconds from the first line to the last trigger registered, in a process of its own. */
function load(file: string): number {
  const script = `
    const Module = require("node:module");
    const original = Module._load;
    const disposable = () => ({ dispose() {} });
    const core = { version: "3.9.1", hostVersion: "4", setProgrammingModel() {}, registerFunction: disposable, registerHook: disposable, log() {} };
    core.Disposable = function () {};
    Module._load = (request, ...rest) => (request === "@azure/functions-core" ? core : original(request, ...rest));
    const startedAt = performance.now();
    require(${JSON.stringify(file)});
    console.log(performance.now() - startedAt);
    process.exit(0);
  `;
  const env = { PATH: process.env["PATH"] ?? "", ...settings };
  return Number(execFileSync(process.execPath, ["--eval", script], { encoding: "utf8", env }));
}
