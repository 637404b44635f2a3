import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataFolder, readRunning } from "../../../local/commands/data-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder that is held says by whom, and is refused to a second holder", () => {
  using held = DataFolder.hold(folder);
  expect(readRunning(held.path)).toMatchObject({ pid: process.pid });
  expect(() => DataFolder.hold(folder)).toThrow(`in use by process ${process.pid}`);
});

test("what is published is for its owner alone", () => {
  using held = DataFolder.hold(folder);
  held.publish({ outputs: { workspaceId: "w" }, environment: { KEY: "value" } });
  expect(statSync(join(folder, "running.json")).mode & 0o077).toBe(0);
  expect(readRunning(folder)).toMatchObject({ outputs: { workspaceId: "w" }, environment: { KEY: "value" } });
});

test("a released folder is free again", () => {
  DataFolder.hold(folder)[Symbol.dispose]();
  expect(readRunning(folder)).toBeUndefined();
  DataFolder.hold(folder)[Symbol.dispose]();
});

test("a holder that was killed holds nothing", () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(join(folder, "running.json"), JSON.stringify({ pid, startedAt: "2026-01-01T00:00:00Z" }));
  expect(readRunning(folder)).toBeUndefined();
  DataFolder.hold(folder)[Symbol.dispose]();
});

test("half a file, as a full disk leaves it, holds nothing", () => {
  writeFileSync(join(folder, "running.json"), '{"pid":');
  using held = DataFolder.hold(folder);
  expect(JSON.parse(readFileSync(join(held.path, "running.json"), "utf8"))).toMatchObject({ pid: process.pid });
});

test("a path that is a file is refused with the way out", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => DataFolder.hold(file)).toThrow("--data DIR");
});
