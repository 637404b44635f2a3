import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorkspace } from "../../local/commands/ask-workspace.ts";
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

function start(...options: readonly string[]): ChildProcess {
  const streams = "activities,groups,valence/alerts";
  const consoles = ["--sentinelone", sentinelone.url, "--valence", valence.url];
  const child = spawn(
    process.execPath,
    [join(commands, "start.ts"), "--data", data, "--since", "60d", "--streams", streams, ...consoles, ...options],
    {
      env: { ...process.env, SENTINELONE_API_TOKEN: sentinelone.token, VALENCE_API_KEY: valence.token },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  children.push(child);
  return child;
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

/** Asked in this process: what the command prints is tested below, and starting it takes seconds. */
async function count(query: string): Promise<number> {
  await using workspace = await openWorkspace(data);
  return Number((await workspace.ask(`${query} | count`)).rows[0]?.[0]);
}

/**
 * Starts a pass and resolves when it has got two pages and waits for the next. There are six in all: more than two passes get, however much of
 * the first one's was acknowledged.
 */
async function startAndHang(): Promise<ChildProcess> {
  const before = pages;
  allowed = pages + 2;
  const child = start();
  await vi.waitUntil(() => pages >= before + 3, patience);
  return child;
}

test("a running pass answers queries, or says where they are wrong; Ctrl-C ends it cleanly, and nothing is stored twice later", async () => {
  const child = await startAndHang();
  const end = ended(child);
  expect(await kql("SentinelOneGroups_CL | count")).toMatchObject({ code: 0 });
  const wrong = await kql("SentinelOneGroups_CL\n| where Nam == 'x'");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("line 2, column 9");
  expect(wrong.stderr).not.toContain("    at ");
  const second = await ended(start("--once"));
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(new RegExp(`in use by process ${child.pid}.*--data DIR`, "s"));
  child.kill("SIGINT");
  expect(await end).toMatchObject({ code: 0, signal: null });
  const rows = await count("SentinelOneActivities_CL");
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(sentinelone.keys("activities").length);
  expect(await count("SentinelOneActivities_CL | distinct Id")).toBe(rows);
});

test("after kill -9 in the middle of a pass the next one completes it; what came twice is shown once, and nothing is left but the data folder", async () => {
  const child = await startAndHang();
  const end = ended(child);
  child.kill("SIGKILL");
  expect(await end).toMatchObject({ signal: "SIGKILL" });
  allowed = Number.POSITIVE_INFINITY;
  const { stdout, stderr, code } = await ended(start("--once", "--json"));
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

test("files that nobody runs on answer too, as csv if wanted", async () => {
  const { stdout, code } = await kql("SentinelOneGroups_CL | distinct Id | top 1 by Id asc", "--format", "csv");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Id\r\n\d+\n$/);
});
