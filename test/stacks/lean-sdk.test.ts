import { createRequire } from "node:module";
import { expect, test } from "vitest";
import "../../stacks/lean-sdk.ts";

/** As the SDK's own modules see each other. */
const require = createRequire(import.meta.url);
const { Resource } = require("@pulumi/pulumi") as { Resource: { callsites: () => readonly object[] } };
const debuggable = require("@pulumi/pulumi/runtime/debuggable") as {
  debuggablePromise: <T>(promise: Promise<T>, context: string) => Promise<T>;
};

test("the SDK takes no stack trace for each promise and each resource", async () => {
  const promise: Promise<number> & { readonly _debugStackTrace?: string } = Promise.resolve(1);
  expect(await debuggable.debuggablePromise(promise, "tried")).toBe(1);
  expect(promise._debugStackTrace).toBe("Error");
  expect(Resource.callsites()).toEqual([]);
});

test("an error that is thrown has its own", async () => {
  await debuggable.debuggablePromise(Promise.resolve(1), "tried");
  expect(new Error("told").stack).toMatch(/^Error: told\n {4}at .*lean-sdk\.test\.ts/);
});
