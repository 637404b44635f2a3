import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";

const workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/log-one";
const time = { name: "TimeGenerated", type: "dateTime" };
const table = (name: string, ...columns: { name: string; type: string }[]) => ({ name, columns: [time, ...columns] });

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "workspace-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function insert(store: WorkspaceStore, name: string, values: Record<string, string>): Promise<void> {
  const layout = store.layout(workspace, name);
  const columns = Object.keys(values).map(
    (column) => layout?.columns.find((known) => known.name === column)?.sql ?? "",
  );
  const sql = `INSERT INTO ${layout?.relation} (${columns.join(", ")}) VALUES (${Object.values(values).join(", ")})`;
  await store.write((connection) => connection.run(sql));
}

async function rows(store: WorkspaceStore, name: string): Promise<unknown[]> {
  const layout = store.layout(workspace, name);
  const columns = layout?.columns.filter(({ hidden }) => !hidden) ?? [];
  const result = await store.read((connection) =>
    connection.runAndReadAll(`SELECT ${columns.map(({ sql }) => sql).join(", ")} FROM ${layout?.relation}`),
  );
  return result.getRows().map((row) => Object.fromEntries(columns.map((column, index) => [column.name, row[index]])));
}

test("rows and layout are there after a restart", async () => {
  const before = await WorkspaceStore.open(dataDir);
  await before.ensureTable(workspace, table("Threats_CL", { name: "Name", type: "string" }));
  await insert(before, "Threats_CL", { Name: "'one'" });
  await before.close();
  await using after = await WorkspaceStore.open(dataDir);
  expect(await rows(after, "Threats_CL")).toEqual([{ TimeGenerated: null, Name: "one" }]);
});

test("names that differ only by case are two tables and two columns", async () => {
  await using store = await WorkspaceStore.open();
  await store.ensureTable(workspace, table("Threats_CL", { name: "Id", type: "string" }, { name: "ID", type: "long" }));
  await store.ensureTable(workspace, table("THREATS_CL", { name: "Id", type: "string" }));
  await insert(store, "Threats_CL", { Id: "'text'", ID: "7" });
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: null, Id: "text", ID: 7n }]);
  expect(await rows(store, "THREATS_CL")).toEqual([]);
});

test("a new column is empty in old rows: strings are never null", async () => {
  await using store = await WorkspaceStore.open();
  await store.ensureTable(workspace, table("Threats_CL"));
  await insert(store, "Threats_CL", { TimeGenerated: "1" });
  await store.ensureTable(
    workspace,
    table("Threats_CL", { name: "Name", type: "string" }, { name: "Count", type: "int" }),
  );
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: 1n, Name: "", Count: null }]);
});

// Azure Monitor docs, "Add or delete tables and columns": a PUT that omits a column deletes it; its name cannot be used again with another type.
test("a column that is gone is hidden, and does not come back with another type", async () => {
  await using store = await WorkspaceStore.open();
  await store.ensureTable(workspace, table("Threats_CL", { name: "Name", type: "string" }));
  await insert(store, "Threats_CL", { Name: "'kept'" });
  await store.ensureTable(workspace, table("Threats_CL"));
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: null }]);
  await expect(store.ensureTable(workspace, table("Threats_CL", { name: "Name", type: "long" }))).rejects.toThrow(
    "Column Name of table Threats_CL has type string and cannot become long",
  );
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: null }]);
});

// Azure Monitor docs, "Manage data retention": a custom table that is created again with its name and schema has its data again.
test("a deleted table gives its rows back when it returns", async () => {
  await using store = await WorkspaceStore.open();
  const threats = table("Threats_CL", { name: "Name", type: "string" });
  await store.ensureTable(workspace, threats);
  await insert(store, "Threats_CL", { Name: "'kept'" });
  await store.deleteTable(workspace, "Threats_CL");
  expect(store.layouts(workspace)).toEqual([]);
  await store.ensureTable(workspace.toUpperCase(), threats);
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: null, Name: "kept" }]);
});

test("work that fails leaves nothing, and the next work is not held up", async () => {
  await using store = await WorkspaceStore.open();
  await store.ensureTable(workspace, table("Threats_CL"));
  const failing = store.write(async (connection) => {
    await connection.run(`INSERT INTO ${store.layout(workspace, "Threats_CL")?.relation} DEFAULT VALUES`);
    throw new Error("halfway");
  });
  const next = insert(store, "Threats_CL", { TimeGenerated: "2" });
  await expect(failing).rejects.toThrow("halfway");
  await next;
  expect(await rows(store, "Threats_CL")).toEqual([{ TimeGenerated: 2n }]);
});

/** Runs a script on the store in a process whose files may grow to `kilobytes` only, and gives what it printed. */
function runLimited(kilobytes: number, body: string): string {
  const script = join(dataDir, "script.mjs");
  const source = join(import.meta.dirname, "../../../../local/azure/workspace/store.ts");
  writeFileSync(script, `import { WorkspaceStore } from ${JSON.stringify(source)};\n${body}`);
  return execFileSync("bash", ["-c", `ulimit -f ${kilobytes}; exec "$0" "$1"`, process.execPath, script], {
    encoding: "utf8",
  });
}

test("a full disk is a 503 that stored nothing, and what was stored before stays", async () => {
  const printed = runLimited(
    // Enough for the log to be moved into the database file once, and to fail at that later.
    20_000,
    `const store = await WorkspaceStore.open(${JSON.stringify(dataDir)});
     const workspace = ${JSON.stringify(workspace)};
     await store.ensureTable(workspace, { name: "T_CL", columns: [{ name: "S", type: "string" }] });
     let stored = 0;
     for (let n = 0; n < 25; n++) {
       try {
         await store.write((connection) => connection.run(
           "INSERT INTO " + store.layout(workspace, "T_CL").relation + ' ("S") SELECT repeat(md5(random()::VARCHAR), 20) FROM range(4000)'));
         stored += 4000;
       } catch (error) {
         console.log(JSON.stringify({ stored, status: error.status, message: error.message }));
         break;
       }
     }
     process.exit();`,
  );
  const { stored, status, message } = JSON.parse(printed) as { stored: number; status: number; message: string };
  expect(status).toBe(503);
  expect(message).toContain("nothing of this request was stored");
  expect(stored).toBeGreaterThan(0);
  await using store = await WorkspaceStore.open(dataDir);
  expect(await rows(store, "T_CL")).toHaveLength(stored);
});

test("a store that another process holds is a clear error", async () => {
  await using store = await WorkspaceStore.open(dataDir);
  const printed = runLimited(
    100_000,
    `await WorkspaceStore.open(${JSON.stringify(dataDir)}).catch((error) => console.log(error.message));`,
  );
  expect(store.layouts(workspace)).toEqual([]);
  expect(printed).toContain(`is in use by process ${process.pid}. End it, or use another data folder.`);
});
