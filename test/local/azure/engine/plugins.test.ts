import { expect, test } from "vitest";
import { program, startEngine } from "./engine.ts";

test("a program is previewed, deployed, and then has no changes", async () => {
  await using started = await startEngine();
  const { engine, cloud } = started;
  const preview = await engine.up(program("vault", { token: "canary" }), { preview: true });
  expect(preview.steps).toEqual(
    expect.arrayContaining(["create group", "create safe", "create safe-token", "create safe-reads"]),
  );
  expect([...engine.kept.keys(), ...cloud.calls]).toEqual([]);
  const up = await engine.up(program("vault", { token: "canary" }));
  expect([...up.steps].sort()).toEqual([...preview.steps].sort());
  expect(up.outputs["vaultUri"]).toMatch(/^https:\/\/kv-\w{6}\.vault\.azure\.net\/$/);
  expect((await engine.up(program("vault", { token: "canary" }))).steps).toEqual([]);
  expect((await engine.up(program("vault", { token: "canary" }), { preview: true })).steps).toEqual([]);
});
