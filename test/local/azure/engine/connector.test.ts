import { afterAll, beforeAll, expect, test } from "vitest";
import { ProgramCopy } from "../../../engine/program-copy.ts";
import { type Engine, startEngine } from "./engine.ts";
import { connectorProgram, up } from "./whole-program.ts";

let copy: ProgramCopy;
let started: Engine;

beforeAll(async () => {
  copy = new ProgramCopy();
  started = await startEngine();
});

afterAll(async () => {
  copy[Symbol.dispose]();
  await started[Symbol.asyncDispose]();
});

test("the preview of an empty subscription creates what the up then creates, and then nothing changes", async () => {
  const preview = await up(started, copy, connectorProgram(copy), { preview: true });
  const first = await up(started, copy, connectorProgram(copy));
  expect([...first.steps].sort()).toEqual([...preview.steps].sort());
  expect((await started.engine.again(connectorProgram(copy))).steps).toEqual([]);
  expect(await started.engine.refresh(connectorProgram(copy))).toEqual([]);
});

test("no token is in the state in plain text", () => {
  const exported = started.engine.exported(connectorProgram(copy));
  expect([exported.includes("emea.sentinelone.example"), exported.includes("canary")]).toEqual([true, false]);
});
