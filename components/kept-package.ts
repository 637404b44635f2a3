import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The worker's code as it is deployed, and what is told of it. */
export interface WorkerPackage {
  /** `main.js`, `package.json` and `host.json`. */
  readonly zip: Uint8Array;
  /** Hex digest of the package. Same sources, same digest, on every machine. */
  readonly sha256: string;
  /** What the code calls itself in every health row. */
  readonly version: string;
  /** Size of `main.js`, minified. */
  readonly bytes: number;
}

/** What a package is made of. */
export interface Sources {
  /** Paths from the program's root. */
  readonly files: readonly string[];
  /** What no file says by itself. */
  readonly settings: string;
  /** When the first of them was read, in milliseconds since 1970. */
  readonly readAt: number;
}

/** Lies beside the package, and says what it was made of. */
interface Note extends Omit<WorkerPackage, "zip"> {
  readonly files: readonly string[];
  /** Of the files' contents and the settings. */
  readonly sources: string;
}

const programRoot = join(import.meta.dirname, "..");
const cache = (root: string) => join(root, "node_modules", ".cache");

/**
 * Leaves a package for the process that publishes it and for the next program; each takes the place of the one before. It is a shortcut and
 * no more: where nothing can be left, the package is made again.
 */
export function keepPackage({ zip, ...told }: WorkerPackage, sources: Sources, root = programRoot): void {
  attempt(() => {
    mkdirSync(cache(root), { recursive: true });
    replace(join(cache(root), "worker.zip"), zip);
    // A file that was changed meanwhile may be in the package as it was before.
    if (sources.files.some((file) => statSync(join(root, file)).ctimeMs >= sources.readAt)) return;
    const note: Note = { ...told, files: sources.files, sources: digestOf(sources.files, sources.settings, root) };
    replace(join(cache(root), "worker.json"), JSON.stringify(note));
  });
}

/** The package that was left, if it has this digest. */
export function keptPackage(sha256: string, root = programRoot): Uint8Array | undefined {
  const zip = attempt(() => readFileSync(join(cache(root), "worker.zip")));
  return zip && digest(zip) === sha256 ? zip : undefined;
}

/** The package that was left, if all that it was made of still is as it was then. */
export function unchangedPackage(settings: string, root = programRoot): WorkerPackage | undefined {
  const note = attempt(() => JSON.parse(readFileSync(join(cache(root), "worker.json"), "utf8")) as Note);
  if (!note || attempt(() => digestOf(note.files, settings, root)) !== note.sources) return undefined;
  const zip = keptPackage(note.sha256, root);
  return zip && { zip, sha256: note.sha256, version: note.version, bytes: note.bytes };
}

/** In hex. */
export const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Throws where one of the files is gone. */
function digestOf(files: readonly string[], settings: string, root: string): string {
  const hash = createHash("sha256").update(JSON.stringify([settings, files]));
  for (const file of files) hash.update(digest(readFileSync(join(root, file))));
  return hash.digest("hex");
}

/** Of two programs at once, none reads half of the other's. */
function replace(file: string, content: Uint8Array | string): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
