import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pulumiBinary, pulumiCli } from "./cli.ts";
import { type Stack, type Subscription, settings } from "./subject.ts";

/** A program of one resource group, in the place of the connector's. */
const smallest = `import { ResourceGroup } from "@pulumi/azure-native/resources/index.js";
new ResourceGroup("group", { resourceGroupName: "rg-smallest", location: "westeurope" });
`;

/** Previews in turn, so that both meet the same machine; the quickest of each counts. */
const rounds = 3;

test.skipIf(!pulumiBinary)("a preview takes at most twice the time of that of one resource group", async () => {
  await using azure = await pulumiCli.open();
  const stack = await azure.stack("one", settings);
  await stack.up();
  const other = await azure.stack("smallest", settings);
  writeFileSync(azure.copy.path("stacks/smallest.ts"), smallest);
  const times = { connector: [] as number[], smallest: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.connector.push(await timeOf(stack));
    times.smallest.push(await withEntry(azure, "stacks/smallest.ts", () => timeOf(other)));
  }
  const [connector, one] = [Math.min(...times.connector), Math.min(...times.smallest)];
  const ratio = connector / one;
  console.log(`preview of the connector: ${connector} ms; of one resource group: ${one} ms; ${ratio.toFixed(2)} times`);
  expect(ratio).toBeLessThanOrEqual(2);
});

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
