import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the program leaves the worker's package for the process that publishes it; each program takes the place of the one before. */
const place = join(import.meta.dirname, "..", "node_modules", ".cache", "worker.zip");

/** Leaves a package behind. Where it cannot be left, whoever publishes makes it again. */
export function keepPackage(
  { zip, sha256 }: { readonly zip: Uint8Array; readonly sha256: string },
  file = place,
): void {
  if (keptPackage(sha256, file)) return;
  // Of two programs at once, neither reads half of the other's.
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(unfinished, zip);
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  } catch {
    // It is a shortcut and no more.
  }
}

/** The package that was left behind, if it has this digest. */
export function keptPackage(sha256: string, file = place): Uint8Array | undefined {
  try {
    const zip = readFileSync(file);
    return digest(zip) === sha256 ? zip : undefined;
  } catch {
    return undefined;
  }
}

/** In hex. */
export const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
