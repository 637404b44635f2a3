import { writeFileSync } from "node:fs";
import { pulumiBinary, pulumiCli } from "./cli.ts";
import { rehearse } from "./rehearsal.ts";
import { type Stack, type Subscription, settings } from "./subject.ts";

/** Previews of the connector, deployed and unchanged, beside those of one resource group; in milliseconds, in turn. */
export interface PreviewTimes {
  /** Whose time it is. */
  readonly of: string;
  readonly connector: readonly number[];
  readonly smallest: readonly number[];
}

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
  const times = { connector: [] as number[], smallest: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.connector.push(await timeOf(stack));
    times.smallest.push(await withEntry(azure, "stacks/smallest.ts", () => timeOf(other)));
  }
  return { of: subject.name, ...times };
}

async function timeOf(stack: Stack): Promise<number> {
  const start = performance.now();
  await stack.preview();
  return Math.round(performance.now() - start);
}

/** Runs something with another `main` in `Pulumi.yaml`. */
async function withEntry<T>({ copy }: Subscription, main: string, run: () => Promise<T>): Promise<T> {
  copy.replace("Pulumi.yaml", "main: stacks/index.ts", `main: ${main}`);
  try {
    return await run();
  } finally {
    copy.replace("Pulumi.yaml", `main: ${main}`, "main: stacks/index.ts");
  }
}
