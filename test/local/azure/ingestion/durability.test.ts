import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { batchRows, workspaceId } from "./uploading-process.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "durability-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs the uploading process whose files may grow to so many kilobytes; gives the statuses that it got and the rows that are there afterwards. */
async function run(
  batches: number,
  kilobytes: string,
): Promise<{ signal: string | null; statuses: string[]; stored: number }> {
  const script = join(import.meta.dirname, "uploading-process.ts");
  const limited = ["-c", `ulimit -f ${kilobytes}; exec "$0" "$@"`, process.execPath, script, dataDir, String(batches)];
  const { stdout, signal } = spawnSync("bash", limited, { encoding: "utf8" });
  await using store = await WorkspaceStore.open(dataDir);
  const counted = await store.read((connection) =>
    connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${store.layout(workspaceId, "Things_CL")?.relation}`),
  );
  return { signal, statuses: stdout.trim().split("\n"), stored: counted.getRows()[0]?.[0] as number };
}

test("what was acknowledged outlives kill -9, and a request in flight is stored whole or not at all", async () => {
  const { signal, statuses, stored } = await run(3, "unlimited");
  expect([signal, statuses]).toEqual(["SIGKILL", ["204", "204", "204"]]);
  expect([3 * batchRows, 4 * batchRows]).toContain(stored);
});

test("a full disk answers 503, stores nothing of the request and keeps what was acknowledged", async () => {
  const { signal, statuses, stored } = await run(100, "3000");
  expect([signal, statuses.pop()]).toEqual([null, "503"]);
  expect(statuses.length).toBeGreaterThan(0);
  expect(stored).toBe(statuses.length * batchRows);
});
