import { readFileSync, writeFileSync } from "node:fs";
import { pulumiBinary, pulumiCli } from "./cli.ts";
import { rehearse } from "./rehearsal.ts";
import { type Stack, type Subscription, settings } from "./subject.ts";

/** What is previewed: the connector, deployed and unchanged; one resource group, in a plain project; the same with the connector's `nodeargs`. */
export const previewed = ["connector", "smallest", "smallestKept"] as const;

/** Milliseconds of previews, made in turn. */
export type PreviewTimes = Readonly<Record<(typeof previewed)[number], readonly number[]>> & {
  /** Whose time it is. */
  readonly of: string;
};

/** A program of one resource group, in the place of the connector's. */
const smallest = `import { ResourceGroup } from "@pulumi/azure-native/resources/index.js";
new ResourceGroup("group", { resourceGroupName: "rg-smallest", location: "westeurope" });
`;

/**
 * Under the Pulumi CLI where there is one, else the program's own process under the engine's double.
 * @param nodeArguments without a CLI, arguments for the program's Node
 */
export async function previewTimes(rounds: number, nodeArguments: readonly string[] = []): Promise<PreviewTimes> {
  const subject = pulumiBinary ? pulumiCli : rehearse(nodeArguments);
  await using azure = await subject.open();
  const stack = await azure.stack("one", settings);
  await stack.up();
  const other = await azure.stack("smallest", settings);
  writeFileSync(azure.copy.path("stacks/smallest.ts"), smallest);
  const preview = {
    connector: () => timeOf(stack),
    smallest: () => withProject(azure, { ...smallestEntry, [keptCode]: "" }, () => timeOf(other)),
    smallestKept: () => withProject(azure, smallestEntry, () => timeOf(other)),
  };
  const times = { connector: [] as number[], smallest: [] as number[], smallestKept: [] as number[] };
  // The first of each leaves compiled code behind for the others.
  for (const side of previewed) await preview[side]();
  for (let round = 0; round < rounds; round++) {
    for (const side of previewed) times[side].push(await preview[side]());
  }
  return { of: subject.name, ...times };
}

async function timeOf(stack: Stack): Promise<number> {
  const start = performance.now();
  await stack.preview();
  return Math.round(performance.now() - start);
}

const smallestEntry = { "main: stacks/index.ts": "main: stacks/smallest.ts" };
const keptCode = "    nodeargs: --require ../tools/require-node.cjs\n";

/** Runs something with other texts in `Pulumi.yaml`. */
async function withProject<T>({ copy }: Subscription, texts: object, run: () => Promise<T>): Promise<T> {
  const before = readFileSync(copy.path("Pulumi.yaml"));
  for (const [text, other] of Object.entries(texts)) copy.replace("Pulumi.yaml", text, String(other));
  try {
    return await run();
  } finally {
    writeFileSync(copy.path("Pulumi.yaml"), before);
  }
}
