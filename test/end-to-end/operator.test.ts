import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DataFolder } from "../../local/commands/data-folder.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";

const entry = join(import.meta.dirname, "..", "..", "stacks", "operator", "connector.ts");
let azure: TestAzure;
let folder: string;
let held: DataFolder;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "operator-"));
  held = DataFolder.hold(folder);
  azure = await localAzure();
  held.publish({ environment: azure.session.azure.operatorEnvironment, outputs: azure.session.openOutputs });
});
afterAll(async () => {
  held[Symbol.dispose]();
  await azure[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function connector(...args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

test("status lists every stream, also those that never ran, and says so with its exit code", async () => {
  const before = await connector("status", "--json", "--data", folder);
  expect(before.code).toBe(1);
  const standings = JSON.parse(before.stdout) as { stream: string; status: string }[];
  expect(standings.map(({ status }) => status)).toEqual(azure.session.targets.map(() => "never-ran"));
  await azure.collect("sentinelone-activities");
  const after = JSON.parse((await connector("status", "--json", "--data", folder)).stdout) as typeof standings;
  expect(after.find(({ stream }) => stream === "sentinelone/activities")).toMatchObject({
    status: "ok",
    caughtUp: true,
    lastError: null,
  });
});

test("probe reads one page of every feed with the connection's token, and shows no content", async () => {
  const { stdout, code } = await connector("probe", "--json", "--data", folder);
  const results = JSON.parse(stdout) as {
    stream: string;
    status: string;
    tokenExpiresAt: string | null;
    sample: object | null;
  }[];
  expect(code).toBe(0);
  expect(results.map(({ stream }) => stream)).toEqual(
    azure.session.targets.map(({ vendor, stream }) => `${vendor}/${stream}`),
  );
  const agents = results.find(({ stream }) => stream === "sentinelone/agents");
  expect(agents).toMatchObject({
    status: "ok",
    sample: { computerName: expect.stringMatching(/^<\d+ characters>$/) as string },
  });
  expect(stdout).not.toContain(azure.sentinelone.token);
});

test("without a running local Azure the way out is named", async () => {
  const { code, stderr } = await connector("status", "--data", join(folder, "nobody"));
  expect(code).toBe(1);
  expect(stderr).toContain("npm start");
  expect(stderr).not.toContain("    at ");
});
