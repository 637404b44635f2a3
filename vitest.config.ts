import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { DearestFirst } from "./test/dearest-first.ts";

// Every worker, and every command that a test starts, would compile the same modules again.
const compiled = (process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".cache", "v8"));
// Copies of the program that tests load from folders of their own are never asked for again.
const age = Date.now() - (statSync(compiled, { throwIfNoEntry: false })?.birthtimeMs ?? Date.now());
if (age > 7 * 86_400_000) rmSync(compiled, { recursive: true, force: true });

/** Tests share a process per worker (imports of Pulumi, Kusto and DuckDB are most of their cost) and run as native Node modules, as Pulumi does. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/engine/**"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: DearestFirst },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    experimental: { viteModuleRunner: false },
  },
});
