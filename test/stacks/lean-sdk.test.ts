import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, test } from "vitest";

const log = createRequire(import.meta.url)("@pulumi/pulumi/log") as { debug: () => Promise<void> };
const { debug } = log;
const { prepareStackTrace } = Error;
const monitor = process.env["PULUMI_NODEJS_MONITOR"];

beforeEach(restore);
afterEach(restore);

function restore() {
  log.debug = debug;
  Error.prepareStackTrace = prepareStackTrace;
  if (monitor === undefined) delete process.env["PULUMI_NODEJS_MONITOR"];
  else process.env["PULUMI_NODEJS_MONITOR"] = monitor;
}

/** Evaluates the module anew. */
const load = async (how: string) => void (await import(`../../stacks/lean-sdk.ts?${how}`));

test("under the engine the SDK keeps its debugging to itself, and an error that says something keeps its trace", async () => {
  process.env["PULUMI_NODEJS_MONITOR"] = "127.0.0.1:1";
  await load("engine");
  expect(log.debug).not.toBe(debug);
  await expect(log.debug()).resolves.toBeUndefined();
  // The SDK makes one of these for each of its promises.
  expect(new Error("").stack).toBe("");
  expect(new Error("told").stack).toMatch(/^Error: told\n {4}at .*lean-sdk\.test\.ts/);
});

test("elsewhere everything stays as it is", async () => {
  await load("elsewhere");
  expect([log.debug, Error.prepareStackTrace]).toEqual([debug, prepareStackTrace]);
});
