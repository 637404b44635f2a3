import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import AdmZip from "adm-zip";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundle } from "../../components/bundle.ts";
import { readCatalog } from "../../kql/catalog.ts";

/** Entry points that stand for the worker: they tell what the bundler gave them. */
let folder: string;
const fixture = (name: string) => join(folder, `${name}.js`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
  writeFileSync(fixture("worker"), "export const routes = STREAM_ROUTES; export const version = BUNDLE_VERSION;");
  writeFileSync(fixture("other-worker"), `export * from "./worker.js"; export const more = "code";`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = ({ zip }: Bundle, file: string) => new AdmZip(Buffer.from(zip)).readAsText(file);

/** What the bundled fixture exports, after running it as the Functions host would. */
function run(built: Bundle): { routes: unknown; version: string } {
  const module = { exports: {} };
  runInNewContext(text(built, "main.js"), { module, exports: module.exports });
  return module.exports as { routes: unknown; version: string };
}

describe("the package", () => {
  test("is the same, byte for byte, in another time zone, folder and process", async () => {
    const { sha256 } = await bundle(fixture("worker"));
    const script = `
      const { bundle } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, "..", "..", "components", "bundle.ts")).href)});
      process.stdout.write((await bundle(${JSON.stringify(fixture("worker"))})).sha256);`;
    const elsewhere = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: tmpdir(),
      env: { PATH: process.env["PATH"], TZ: "Pacific/Auckland" },
      encoding: "utf8",
    });
    expect(elsewhere).toBe(sha256);
  });

  test("holds one file of code, what starts it, and the host's settings", async () => {
    const built = await bundle(fixture("worker"));
    const zip = new AdmZip(Buffer.from(built.zip));
    expect(zip.getEntries().map(({ entryName }) => entryName)).toEqual(["main.js", "package.json", "host.json"]);
    // A "type" of module would make Node read main.js as something else than it is.
    expect(JSON.parse(text(built, "package.json"))).toEqual({
      name: "collector",
      version: built.version,
      main: "main.js",
    });
    expect(built.bytes).toBe(Buffer.byteLength(text(built, "main.js")));
  });

  test("names the extension bundle: without it Azure runs no queue trigger at all", async () => {
    expect(JSON.parse(text(await bundle(fixture("worker")), "host.json"))).toMatchObject({
      version: "2.0",
      extensionBundle: { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" },
      // One at a time, so that a run that takes long keeps its own place from others and no more; four in all, for the memory.
      extensions: { queues: { batchSize: 1, newBatchThreshold: 3, messageEncoding: "base64" } },
    });
  });

  test("tells the worker where each stream goes, and nothing else of the catalog", async () => {
    const { routes } = run(await bundle(fixture("worker")));
    expect(routes).toEqual(
      Object.fromEntries(
        readCatalog().map(({ id, stream, vendor, rule, table }) => [id, { stream, table, rule: `${vendor}-${rule}` }]),
      ),
    );
    expect(routes).toHaveProperty("sentinelone-threats");
  });

  test("knows its own version, another one for other code", async () => {
    const one = run(await bundle(fixture("worker"))).version;
    const other = run(await bundle(fixture("other-worker"))).version;
    expect(one).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
    expect(other).not.toBe(one);
  });
});

test("code that cannot be bundled is told with file and reason", async () => {
  await expect(bundle(fixture("missing"))).rejects.toThrow(/missing\.js/);
});
