import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { zipSync } from "fflate";
import { readCatalog } from "../kql/catalog.ts";
import { digest, keepPackage, unchangedPackage, type WorkerPackage } from "./kept-package.ts";

/** A package that was made just now. */
export interface Bundle extends WorkerPackage {
  /** Which module takes how much of it. */
  readonly metafile: Metafile;
}

const root = join(import.meta.dirname, "..");

/** Stands in the code until its own hash is known, which then takes its place. */
const versionPlaceholder = "bundle-version-placeholder";

let worker: Promise<WorkerPackage> | undefined;

/** The connector's own worker; made once, however often its stack is evaluated, as long as nothing that it is made of changes. */
export function bundleWorker(): Promise<WorkerPackage> {
  return (worker ??= makeWorker());
}

async function makeWorker(): Promise<WorkerPackage> {
  const settings = JSON.stringify(streamRoutes());
  const unchanged = unchangedPackage(settings);
  if (unchanged) return unchanged;
  const readAt = Date.now();
  const { metafile, ...made } = await bundle(join(root, "function-code", "main.ts"));
  // What esbuild calls `<define:…>` is no file.
  const bundled = Object.keys(metafile.inputs).filter((path) => !path.startsWith("<"));
  keepPackage(made, { files: [...bundled, ...besidesCode], settings, readAt });
  return made;
}

/** What else decides how the package looks: this very file, and which package an import means. */
const besidesCode = [
  "components/bundle.ts",
  "function-code/host.json",
  "node_modules/.package-lock.json",
  "package.json",
  "tsconfig.json",
];

/**
 * Bundles a worker into one file, so that it starts quickly and nothing is installed in the cloud.
 * @param entry absolute path of the file that registers the triggers
 */
export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    // Paths in the output are relative to here, so that it does not depend on where the repository lies.
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    outfile: "main.js",
    // The Functions host itself provides it.
    external: ["@azure/functions-core"],
    legalComments: "none",
    define: { STREAM_ROUTES: JSON.stringify(streamRoutes()), BUNDLE_VERSION: JSON.stringify(versionPlaceholder) },
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (!output) throw new Error(`esbuild made nothing of ${entry}.`);
  const version = `${packageVersion()}+${digest(output.contents).slice(0, 12)}`;
  const code = Buffer.from(output.text.replaceAll(versionPlaceholder, version));
  const zip = zipPackage({
    "main.js": code,
    "package.json": Buffer.from(JSON.stringify({ name: "collector", version, main: "main.js" })),
    "host.json": readFileSync(join(root, "function-code", "host.json")),
  });
  return { zip, sha256: digest(zip), version, bytes: code.byteLength, metafile };
}

/** All that the worker learns of `kql/`: the name and rule of each stream, keyed by stream id. */
function streamRoutes(): Record<string, { stream: string; rule: string; table: string }> {
  return Object.fromEntries(
    readCatalog().map(({ id, stream, vendor, rule, table }) => [id, { stream, rule: `${vendor}-${rule}`, table }]),
  );
}

function zipPackage(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  // A zip holds local time without a zone: the parts of the date are given as they shall be read, wherever this runs.
  const mtime = new Date(1980, 0, 1, 0, 0, 0);
  return zipSync(files, { level: 9, mtime });
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}
