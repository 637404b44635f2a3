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

// pulumi, pkg/resource/deploy/step_generator.go: an import is followed by a step of its own; an id that is still given is not replaced
test("what exists is imported, then updated to what the program wants, and never replaced", async () => {
  await using started = await startEngine();
  const { engine, cloud } = started;
  await engine.up(program("workspace"));
  const workspaceId = cloud.state.list("azure-native:operationalinsights:Workspace")[0]?.id ?? "";
  engine.kept.clear();
  const adopting = { workspaceId, column: "Window" };
  expect((await engine.up(program("adopting", adopting))).steps).toEqual(["import table", "update table"]);
  expect((await engine.up(program("adopting", adopting))).steps).toEqual([]);
  const gate = program("adopting", { workspaceId, column: "Gate", replaceOnChanges: ["schema"] });
  expect((await engine.up(gate, { preview: true })).steps).toEqual(["replace table"]);
  await expect(engine.up(gate)).rejects.toThrow("previously-imported resources that still specify an ID");
});
