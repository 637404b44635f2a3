import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AzuriteClient } from "../../../../local/azure/storage/azurite-client.ts";
import { type AzuriteMessage, forkAzurite } from "../../../../local/azure/storage/azurite-process.ts";
import { startStorage } from "../../../../local/azure/storage/storage.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "storage-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("what was written is there after a restart", async () => {
  const before = await startStorage({ dataDir });
  await before.resources.ensureQueue("stfiles", "collect");
  await before.close();
  const azurite = await forkAzurite(join(dataDir, "storage"));
  const client = new AzuriteClient(azurite.ports);
  expect((await client.ask("queue", "stfiles", "GET", "/collect?comp=metadata")).status).toBe(200);
  client.close();
  await azurite.close();
});

test("a killed parent loses nothing that was answered, and the next one waits for the folder", async () => {
  const folder = join(dataDir, "storage");
  // The parent that is killed: it starts storage, says where, and waits.
  const script = join(dataDir, "parent.mjs");
  const source = join(import.meta.dirname, "../../../../local/azure/storage/azurite-process.ts");
  writeFileSync(
    script,
    `import { forkAzurite } from ${JSON.stringify(source)};
     const azurite = await forkAzurite(${JSON.stringify(folder)});
     process.send({ ports: azurite.ports });
     setInterval(() => {}, 1000);`,
  );
  const parent = fork(script, { execArgv: [] });
  const [message] = (await once(parent, "message")) as [Extract<AzuriteMessage, { ports: unknown }>];
  const client = new AzuriteClient(message.ports);
  expect((await client.ask("queue", "stkilled", "PUT", "/collect")).status).toBe(201);
  client.close();
  parent.kill("SIGKILL");
  await once(parent, "exit");

  const next = await forkAzurite(folder);
  const again = new AzuriteClient(next.ports);
  expect((await again.ask("queue", "stkilled", "GET", "/collect?comp=metadata")).status).toBe(200);
  again.close();
  await next.close();
});

test("a folder that cannot be used is a clear error", async () => {
  writeFileSync(join(dataDir, "storage"), "a file where the folder should be");
  await expect(startStorage({ dataDir })).rejects.toThrow(/storage/);
});
