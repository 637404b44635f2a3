import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  const client = new AzuriteClient(azurite);
  expect((await client.ask("queue", "stfiles", "GET", "/collect?comp=metadata")).status).toBe(200);
  client.close();
  await azurite.close();
});

test("a folder that an earlier process still saves is waited for", async () => {
  const folder = join(dataDir, "storage");
  mkdirSync(folder);
  const holder = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  writeFileSync(join(folder, "process"), String(holder.pid));
  const order: string[] = [];
  const starting = forkAzurite(folder).then((azurite) => {
    order.push("started");
    return azurite;
  });
  // One that begins later, where there is nothing to wait for, starts and ends meanwhile.
  await (await forkAzurite(join(dataDir, "other"))).close();
  order.push("the holder ends");
  holder.kill("SIGKILL");
  await (await starting).close();
  expect(order).toEqual(["the holder ends", "started"]);
});

test("a killed parent loses nothing that was answered", async () => {
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
  const client = new AzuriteClient({ ...message, fault: () => undefined });
  expect((await client.ask("queue", "stkilled", "PUT", "/collect")).status).toBe(201);
  client.close();
  parent.kill("SIGKILL");
  await once(parent, "exit");

  const next = await forkAzurite(folder);
  const again = new AzuriteClient(next);
  expect((await again.ask("queue", "stkilled", "GET", "/collect?comp=metadata")).status).toBe(200);
  again.close();
  await next.close();
});

test("a folder that cannot be used is a clear error", async () => {
  writeFileSync(join(dataDir, "storage"), "a file where the folder should be");
  await expect(startStorage({ dataDir })).rejects.toThrow(/storage/);
});

test("a full disk is said at once and at the end, and nothing is answered that cannot be saved", async () => {
  const script = join(dataDir, "full.mjs");
  const sources = join(import.meta.dirname, "../../../../local/azure/storage");
  writeFileSync(
    script,
    `import { forkAzurite } from ${JSON.stringify(join(sources, "azurite-process.ts"))};
     import { AzuriteClient } from ${JSON.stringify(join(sources, "azurite-client.ts"))};
     const azurite = await forkAzurite(${JSON.stringify(join(dataDir, "storage"))});
     const client = new AzuriteClient(azurite);
     const json = { accept: "application/json;odata=nometadata", "content-type": "application/json" };
     const post = (path, body) => client.ask("table", "stfull", "POST", path, json, JSON.stringify(body));
     await post("/Tables", { TableName: "Ledger" });
     let refused;
     for (let n = 0; refused === undefined && n < 100_000; n++) {
       const value = n < 40 ? "x".repeat(10_000) : "";
       await post("/Ledger", { PartitionKey: "p", RowKey: String(n), value }).catch((error) => (refused = error));
       if (n > 40) await new Promise((resolve) => setTimeout(resolve, 20));
     }
     const read = await client.ask("table", "stfull", "GET", "/Ledger()?$top=1", json);
     client.close();
     const close = await azurite.close().then(() => "saved", (error) => error.message);
     console.log(JSON.stringify({ status: refused.status, message: refused.message, read: read.status, close }));`,
  );
  const limited = ["-c", `ulimit -f 200; exec "$0" "$1" 2>/dev/null`, process.execPath, script];
  const printed = JSON.parse(execFileSync("bash", limited, { encoding: "utf8" })) as Record<string, unknown>;
  expect(printed).toMatchObject({ status: 503, read: 200 });
  expect(printed["message"]).toMatch(/cannot save what is written: .*EFBIG/);
  expect(printed["close"]).toContain("its last changes may not be saved");
});
