import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Every worker, and every command that a test starts, would compile the same modules again.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".cache", "v8");

/** Tests share a process per worker (imports of Pulumi, Kusto and DuckDB are most of their cost) and run as native Node modules, as Pulumi does. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/engine/**"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    experimental: { viteModuleRunner: false },
  },
});
