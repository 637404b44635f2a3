import { defineConfig } from "vitest/config";

/** `npm run test:engine`: deployments of the whole connector, under the real Pulumi CLI where there is one. Each file has an Azure of its own. */
export default defineConfig({
  test: {
    include: ["test/engine/**/*.test.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 900_000,
    hookTimeout: 900_000,
    experimental: { viteModuleRunner: false },
  },
});
