import { defineConfig } from "vitest/config";

const timed = "test/engine/preview-time.test.ts";

/** `npm run test:engine`: deployments of the whole connector, under the real Pulumi CLI where there is one. */
export default defineConfig({
  test: {
    pool: "forks",
    isolate: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
    experimental: { viteModuleRunner: false },
    projects: [
      // Each file has an Azure of its own.
      {
        extends: true,
        test: { name: "engine", include: ["test/engine/**/*.test.ts"], exclude: [timed], maxWorkers: 2 },
      },
      // When nothing else runs.
      { extends: true, test: { name: "time", include: [timed], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
