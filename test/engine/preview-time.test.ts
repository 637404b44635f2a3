import { expect, test } from "vitest";
import { pulumiBinary } from "./cli.ts";
import { previewTimes } from "./preview-times.ts";

test.skipIf(!pulumiBinary)("a preview takes at most twice the time of that of one resource group", async () => {
  const times = await previewTimes(3);
  // The quickest of each: others use the machine as well.
  const [connector, one] = [Math.min(...times.connector), Math.min(...times.smallest)];
  console.log(`preview of the connector: ${connector} ms; of one resource group: ${one} ms`);
  expect(connector / one).toBeLessThanOrEqual(2);
});
