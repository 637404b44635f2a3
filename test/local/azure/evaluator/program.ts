import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../../../local/azure/evaluator/deployment.ts";
import { DynamicProcesses } from "../../../../local/azure/evaluator/dynamic-provider.ts";
import { type EvaluationOptions, evaluate } from "../../../../local/azure/evaluator/evaluate.ts";
import type { FakeCloud } from "../fake-cloud.ts";

export const programs = join(import.meta.dirname, "programs");

/** Evaluates one of the programs beside this file. */
export async function run(
  cloud: FakeCloud,
  program: string,
  config: Record<string, unknown> = {},
  options: Partial<EvaluationOptions> = {},
) {
  await using ofThisRun = new DynamicProcesses({});
  const entries = Object.entries(config).map(([key, value]) => [
    `test:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return await evaluate(
    cloud,
    {
      entry: join(programs, `${program}.ts`),
      project: "test",
      stack: "local",
      config: Object.fromEntries(entries) as Record<string, string>,
      secretKeys: ["test:token"],
    },
    { dynamic: ofThisRun, ...options },
  );
}

/** What changed, without what stayed. */
export async function changesOf(cloud: FakeCloud, program: string, config: Record<string, unknown>) {
  const seen: string[] = [];
  const onProgress = ({ kind, name }: Progress) => {
    if (kind !== "same") seen.push(`${kind} ${name}`);
  };
  await run(cloud, program, config, { onProgress });
  return seen;
}

/** Runs a test with a folder of its own, and the name of another one. */
export async function withFolders(body: (folder: string, other: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "evaluator-"));
  const other = `${folder}-other`;
  try {
    await body(folder, other);
  } finally {
    for (const path of [folder, other]) rmSync(path, { recursive: true, force: true });
  }
}
