import { defineConfig } from "vitest/config";

/** Tests share a process per worker (imports of Pulumi, Kusto and DuckDB are most of their cost) and run as native Node modules, as Pulumi does. */
const shared = {
  pool: "forks" as const,
  isolate: false,
  testTimeout: 180_000,
  hookTimeout: 180_000,
  experimental: { viteModuleRunner: false },
};

export default defineConfig({
  test: {
    ...shared,
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/local/**", "test/end-to-end/**", "test/engine/**"],
        },
      },
      { test: { ...shared, name: "local", include: ["test/local/**/*.test.ts", "test/end-to-end/**/*.test.ts"] } },
    ],
  },
});
