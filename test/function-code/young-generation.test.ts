import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "..", "..", "function-code");
const megabyte = 1024 ** 2;

/** The largest that the space for new objects becomes in a process where many objects survive for a while, as the records of pages do. */
function largestSpace(prepare: string): number {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { holdYoungGeneration } from ${JSON.stringify(join(folder, "young-generation.ts"))};
    ${prepare}
    const pages = [];
    let largest = 0;
    for (let page = 0; page < 200; page++) {
      pages[page % 8] = Array.from({ length: 10_000 }, (_, i) => ({ id: i, text: [page, i] }));
      await new Promise(setImmediate);
      const { space_size: size } = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
      largest = Math.max(largest, size);
    }
    console.log(largest);
    process.exit(0);
  `;
  const args = ["--max-semi-space-size=64", "--input-type=module", "--eval", script];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the space for new objects stays small, however many survive in it", () => {
  expect(largestSpace("")).toBeGreaterThan(64 * megabyte);
  expect(largestSpace("holdYoungGeneration();")).toBeLessThanOrEqual(32 * megabyte);
});
