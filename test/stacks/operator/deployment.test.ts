import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localDeployment } from "../../../stacks/operator/deployment.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deployment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const running = (details: object) =>
  writeFileSync(join(folder, "running.json"), JSON.stringify({ pid: process.pid, ...details }));

test("a local Azure that the connector is deployed in is found by its folder", () => {
  running({ environment: { KEY: "value" }, outputs: { workspaceId: "w" } });
  expect(localDeployment(folder)).toEqual({ environment: { KEY: "value" }, deployment: { workspaceId: "w" } });
});

test.each<[string, () => void, RegExp]>([
  ["there is none", () => {}, /npm start/],
  ["`npm start` is at work", () => running({}), /still deploying.*Try again/],
  ["nobody has deployed into it", () => running({ environment: {} }), /Nothing is deployed.*pulumi\.sh && pulumi up/],
])("the way out is named where %s", (_, write, expected) => {
  write();
  expect(() => localDeployment(folder)).toThrow(expected);
});
