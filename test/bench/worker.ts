import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CertificateAuthority, certificateFile } from "../../local/azure/network/ca.ts";
import { UserError } from "../../local/commands/user-error.ts";
import { DeployedWorker, type WorkerFigures } from "./deployed-worker.ts";
import { type Finding, report, spreadOf } from "./figures.ts";
import { startServer } from "./server-process.ts";

export interface WorkerBenchOptions {
  readonly rows: number;
  readonly times: number;
  readonly json?: true;
}

const hour = 3600_000;

/** What is asked of the worker and the limit in turn; `often`: several times. */
const cases = [
  { name: "one stream", latency: 0, streams: 1, often: true },
  { name: "one stream, 20 ms a request", latency: 20, streams: 1, often: true },
  { name: "eight streams at once", latency: 20, streams: 8, often: false },
  { name: "backlog, 250 ms a request", latency: 250, streams: 1, often: false },
] as const;

/** `npm run bench -- worker`: the worker beside the limit, which does the same with no work on the bytes. */
export async function benchWorker({ rows, times, json }: WorkerBenchOptions): Promise<number> {
  const findings: Finding[] = [];
  const details: Record<string, Sides> = {};
  for (const { name, latency, streams, often } of cases) {
    const each = streams === 1 ? rows : Math.ceil(rows / 4);
    const sides = await measure({ rows: each, latency, streams }, often ? times : 1);
    details[name] = sides;
    findings.push(...findingsOf(name, sides));
  }
  return report(findings, details, json ?? false);
}

/** Rows, seconds and bytes of one process; `seconds` is what the collection itself took: of one stream without the wait for the queue. */
interface Side extends WorkerFigures {
  readonly seconds: number;
}

interface Sides {
  readonly worker: Side[];
  /** Without regard to the console's limits. */
  readonly limit: Side[];
  /** Within what the console lets through. */
  readonly pacedLimit: Side[];
}

function findingsOf(name: string, { limit, pacedLimit, worker }: Sides): Finding[] {
  const perRow = ({ userSeconds, systemSeconds, rows }: Side) => (userSeconds + systemSeconds) / rows;
  const ratio = (others: readonly Side[], of: (side: Side) => number) =>
    spreadOf(worker.map((side, i) => of(side) / of(others[i] as Side)));
  if (name === "one stream") {
    return [
      { what: "CPU per row, of the limit's", measured: ratio(limit, perRow), unit: "times", target: { atMost: 1.5 } },
      {
        what: "rows per CPU second",
        measured: spreadOf(worker.map((side) => 1 / perRow(side))),
        unit: "",
        target: { atLeast: 65_000 },
      },
    ];
  }
  if (name.startsWith("backlog")) {
    const speed = spreadOf(worker.map(({ rows, seconds }) => rows / seconds));
    return [{ what: `${name}: rows per second`, measured: speed, unit: "", target: { atLeast: 8000 } }];
  }
  const wall = (others: readonly Side[]) => ({ measured: ratio(others, ({ seconds }) => seconds), unit: "times" });
  return [
    { what: `${name}: wall clock, of the limit's`, ...wall(pacedLimit), target: { atMost: 1.3 } },
    { what: `${name}: of a limit that keeps to no console's limits`, ...wall(limit) },
  ];
}

async function measure(
  { rows, latency, streams }: { rows: number; latency: number; streams: number },
  times: number,
): Promise<Sides> {
  const now = Date.now();
  const caFolder = mkdtempSync(join(tmpdir(), "bench-ca-"));
  try {
    await using source = await startServer("activity-console.ts", {
      rows,
      from: now - 23 * hour,
      to: now - hour,
      latency,
    });
    const ca = await CertificateAuthority.open(caFolder);
    const { certificate, key } = await ca.issue(["127.0.0.1"]);
    await using sink = await startServer("sink.ts", { certificate, key });
    const sides: Sides = { worker: [], limit: [], pacedLimit: [] };
    for (let i = 0; i < times; i++) {
      const limitOf = (pace: "free" | "paced") =>
        measureLimit([source.url, sink.url, String(rows), String(streams), pace], certificateFile(caFolder));
      sides.limit.push(await limitOf("free"));
      sides.pacedLimit.push(await limitOf("paced"));
      await using worker = await DeployedWorker.start({
        console: source.url,
        token: "bench",
        sink: sink.url,
        caFolder,
        connections: streams,
      });
      const figures = await worker.collect();
      if (figures.rows !== rows * streams) throw new Error(`${figures.rows} of ${rows * streams} rows were delivered.`);
      sides.worker.push({ ...figures, seconds: streams === 1 ? await worker.runSeconds() : figures.wallSeconds });
    }
    return sides;
  } finally {
    rmSync(caFolder, { recursive: true, force: true });
  }
}

async function measureLimit(what: readonly string[], ca: string): Promise<Side> {
  const file = join(import.meta.dirname, "limit.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...what], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
  });
  const figures = JSON.parse(stdout) as WorkerFigures;
  return { ...figures, seconds: figures.wallSeconds };
}

export interface OneWorkerOptions {
  readonly console: string;
  readonly sink?: string;
  readonly data: string;
  readonly stream: string;
  readonly since: string;
  readonly from?: number;
  readonly to?: number;
  readonly cpuProf?: string;
}

/** `npm run bench -- worker --console URL`: the worker alone, against servers of somebody else's. */
export async function runOneWorker(options: OneWorkerOptions): Promise<number> {
  const { console: url, sink, data, stream, since, from, to, cpuProf } = options;
  const token = process.env["SENTINELONE_API_TOKEN"];
  if (!token) throw new UserError("Put the console's token into the environment variable SENTINELONE_API_TOKEN.");
  if ((from === undefined) !== (to === undefined)) throw new UserError("--from and --to belong together.");
  await using worker = await DeployedWorker.start({
    console: url,
    token,
    sink,
    caFolder: sink === undefined ? undefined : join(data, "ca"),
    stream,
    since,
    window: from === undefined || to === undefined ? undefined : { from, to },
    profile: cpuProf,
  });
  console.log(JSON.stringify(await worker.collect()));
  return 0;
}
