import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorkspace } from "../../local/commands/ask-workspace.ts";
import { DataFolder } from "../../local/commands/data-folder.ts";
import { deployAndCollect } from "../../local/commands/start/deploy-and-collect.ts";
import { parseStartOptions } from "../../local/commands/start/options.ts";
import type { Summary } from "../../local/commands/start/summary.ts";
import { workbookReport } from "../../local/commands/workbook-report.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import type { Simulator } from "../../local/vendors/simulator.ts";
import { startValence } from "../../local/vendors/valence.ts";

const commands = join(import.meta.dirname, "..", "..", "local", "commands");
// What the consoles show stands still. So many pages of activities are served; the next ones wait, so that a pass is never over too soon.
const now = Date.now();
let pages = 0;
let allowed = 0;
/** Beyond this the test has failed anyway. */
const patience = { timeout: 120_000, interval: 20 };
let parent: string;
let data: string;
let sentinelone: Simulator;
let valence: Simulator;
const children: ChildProcess[] = [];

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "command-"));
  data = join(parent, "data");
  sentinelone = await startSentinelOne({
    scale: 0.05,
    now: () => now,
    rateLimits: false,
    async intercept({ path }) {
      if (!path.endsWith("/activities")) return undefined;
      const number = ++pages;
      await vi.waitUntil(() => number <= allowed, patience);
      return undefined;
    },
  });
  valence = await startValence({ scale: 0.02, now: () => now });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  allowed = Number.POSITIVE_INFINITY;
  await sentinelone.close();
  await valence.close();
  rmSync(parent, { recursive: true });
});

function invocation(...options: readonly string[]) {
  const streams = "activities,groups,valence/alerts";
  const consoles = ["--sentinelone", sentinelone.url, "--valence", valence.url];
  return {
    argv: ["--data", data, "--since", "60d", "--streams", streams, ...consoles, ...options],
    env: { ...process.env, SENTINELONE_API_TOKEN: sentinelone.token, VALENCE_API_KEY: valence.token },
  };
}

function start(...options: readonly string[]): ChildProcess {
  const { argv, env } = invocation(...options);
  const child = spawn(process.execPath, [join(commands, "start.ts"), ...argv], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

/** The same in this process, for what no process is needed to show: a new one spends its time on modules, and on being new. */
async function startHere(interrupted = new AbortController().signal, ...options: readonly string[]) {
  const { argv, env } = invocation(...options);
  using folder = DataFolder.hold(data);
  const said = (stream: NodeJS.WriteStream) => vi.spyOn(stream, "write").mockImplementation(() => true).mock.calls;
  const [stdout, stderr] = [said(process.stdout), said(process.stderr)];
  const textOf = (calls: typeof stdout) => calls.map(([text]) => String(text)).join("");
  try {
    const code = await deployAndCollect(parseStartOptions(argv, env), folder, interrupted);
    return { stdout: textOf(stdout), stderr: textOf(stderr), code };
  } finally {
    vi.restoreAllMocks();
  }
}

async function ended(child: ChildProcess) {
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "close")]);
  return { stdout, stderr, code: child.exitCode, signal: child.signalCode };
}

function kql(query: string, ...options: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(commands, "kql.ts"), "--data", data, ...options, "--", query],
      (error, stdout, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

/** Asked in this process, for the same reason; of the files where nobody runs on them. */
async function count(query: string): Promise<number> {
  await using workspace = await openWorkspace(data);
  return Number((await workspace.ask(`${query} | count`)).rows[0]?.[0]);
}

/** Lets two more pages of activities out, and resolves when a third is asked for. There are six in all: more than two passes get. */
async function twoPages(): Promise<void> {
  const before = pages;
  allowed = pages + 2;
  await vi.waitUntil(() => pages >= before + 3, patience);
}

test("Ctrl-C while it deploys ends it at what is under way", async () => {
  const child = start();
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { stdout, stderr, code } = await ended(child);
  expect({ stderr, code }).toMatchObject({ stderr: expect.stringContaining("Stopping") as string, code: 130 });
  expect(stdout).not.toContain("collecting");
  expect(readdirSync(data)).not.toContain("running.json");
});

test("a pass that is killed holds nothing back: the next one answers queries, holds its folder, and ends cleanly at Ctrl-C", async () => {
  const child = start();
  const killed = ended(child);
  await twoPages();
  child.kill("SIGKILL");
  expect(await killed).toMatchObject({ signal: "SIGKILL" });

  const interrupt = new AbortController();
  const end = startHere(interrupt.signal);
  await twoPages();
  const groups = await kql("SentinelOneGroups_CL | count", "--format", "csv");
  expect(groups).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Count\r\n\d+\n$/) as string });
  const wrong = await kql("SentinelOneGroups_CL\n| where Nam == 'x'");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("line 2, column 9");
  expect(wrong.stderr).not.toContain("    at ");
  const second = await ended(start("--once"));
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(new RegExp(`in use by process ${process.pid}.*--data DIR`, "s"));
  interrupt.abort();
  expect(await end).toMatchObject({ code: 0 });
  const rows = await count("SentinelOneActivities_CL | distinct Id");
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(sentinelone.keys("activities").length);
});

test("the next pass completes it; what came twice is shown once, and nothing is left but the data folder", async () => {
  allowed = Number.POSITIVE_INFINITY;
  const { stdout, stderr, code } = await startHere(undefined, "--once", "--json");
  expect(stderr).toContain("collecting 3 streams");
  expect(code).toBe(0);
  const { streams, bundle, ...rest } = JSON.parse(stdout) as Summary;
  expect(Object.keys(rest)).toEqual(["resources"]);
  expect(bundle).toEqual({
    bytes: expect.any(Number) as number,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(Object.keys(streams[0] ?? {})).toEqual(
    "connection vendor stream table status fetched duplicates uploaded stored bytes requests durationMs error".split(
      " ",
    ),
  );
  const truth = sentinelone.keys("activities").length;
  expect(await count("SentinelOneActivities_CL | distinct Id")).toBe(truth);
  expect(await count("SentinelOneActivitiesLatest")).toBe(truth);
  // Batches of under a megabyte that were on their way: a row takes more than 500 bytes.
  expect(await count("SentinelOneActivities_CL")).toBeLessThanOrEqual(truth + 8000);
  expect(await count("ValenceAlerts_CL")).toBe(valence.keys("alerts").length);
  const { columns, rows: tiles } = await workbookReport(data, "Valence: overview");
  expect(columns.map(({ name }) => name)).toEqual(["Workbook", "Section", "Tile", "Shows", "Rows"]);
  expect(tiles).toContainEqual(["Valence: overview", "Latest", "Alerts", "table", expect.any(Number)]);
  await expect(workbookReport(data, "Owls")).rejects.toThrow('No workbook "Owls" is deployed');
  expect(readdirSync(parent)).toEqual(["data"]);
  expect(readdirSync(data)).not.toContain("running.json");
});
