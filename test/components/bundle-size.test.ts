import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Bundle, bundle } from "../../components/bundle.ts";

/**
 * Kilobytes of minified code that each part of the worker may take, so that a failure names what grew. A cold start reads all of it.
 * Raise a line only with a reason, and keep the sum at 1,100.
 */
const budget: Readonly<Record<string, number>> = {
  "@azure/msal-common": 130,
  "@azure/msal-node": 105,
  "@azure/identity": 50,
  "@azure/functions": 85,
  "@azure/data-tables": 60,
  "@typespec/ts-http-runtime": 60,
  "@azure/core-client": 35,
  "@azure/keyvault-secrets": 30,
  "@azure-rest/core-client": 15,
  "fast-xml-parser": 35,
  semver: 35,
  "function-code": 120,
  "everything else": 340,
};

const kilobyte = 1000;
let built: Bundle;
beforeAll(async () => {
  built = await bundle(join(import.meta.dirname, "..", "..", "function-code", "main.ts"));
});

/** `node_modules/@azure/identity/…` → `@azure/identity`; nested copies count as what they are. */
function part(path: string): string {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split("/")[0] ?? path;
  return name in budget ? name : "everything else";
}

test("the worker's code stays within 1,100 kB, and each part of it within its own budget", () => {
  const used = new Map<string, number>();
  for (const { inputs } of Object.values(built.metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      used.set(part(path), (used.get(part(path)) ?? 0) + bytesInOutput);
    }
  }
  const grown = Object.entries(budget)
    .map(([name, kilobytes]) => ({ name, kilobytes, used: Math.ceil((used.get(name) ?? 0) / kilobyte) }))
    .filter(({ kilobytes, used: now }) => now > kilobytes);
  expect(grown).toEqual([]);
  expect(built.bytes).toBeLessThanOrEqual(1100 * kilobyte);
});

test("the budgets add up to the limit", () => {
  expect(Object.values(budget).reduce((sum, kilobytes) => sum + kilobytes)).toBe(1100);
});
