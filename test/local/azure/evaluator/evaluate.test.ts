import { join } from "node:path";
import { expect, test } from "vitest";
import { type EvaluationOptions, evaluate } from "../../../../local/azure/evaluator/evaluate.ts";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";

const programs = join(import.meta.dirname, "programs");

function run(cloud: FakeCloud, program: string, config: Record<string, string> = {}, options: EvaluationOptions = {}) {
  return evaluate(
    cloud,
    {
      entry: join(programs, `${program}.ts`),
      project: "test",
      stack: "local",
      config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`test:${key}`, value])),
      secretKeys: ["test:token"],
    },
    options,
  );
}

test("a program is brought about once, and found unchanged the second time", async () => {
  const cloud = fakeCloud();
  const first = await run(cloud, "vault", { token: "canary" });
  console.log(first);
  const second = await run(cloud, "vault", { token: "canary" });
  console.log(second);
  expect(second.changes.same).toBe(first.changes.create);
});
