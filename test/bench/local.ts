import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { report, spreadOf } from "./figures.ts";

export interface LocalOptions {
  readonly json?: true;
}

const program = join(import.meta.dirname, "..", "..", "local", "commands", "start.ts");
/** A line of a stream that has rows in its table, as `npm start` prints it where there is no terminal. */
const delivered = / [1-9][\d,]* delivered/;

/** `npm run bench -- local`: one pass of `npm start` in a new folder, by the lines that it prints. */
export async function benchLocal({ json }: LocalOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-local-"));
  try {
    const { collecting, firstRow, deployed, whole } = await onePass(folder);
    const findings = [
      { what: "to the first row in a table", measured: spreadOf([firstRow]), unit: "s", target: { atMost: 10 } },
      { what: "whole", measured: spreadOf([whole]), unit: "s", target: { atMost: 40 } },
    ];
    const details = { collecting, deployed, cores: availableParallelism(), load: loadavg()[0] };
    if (!json) console.log(JSON.stringify(details));
    return report(findings, details, json ?? false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds until collecting began, until a stream was told of as delivered, until everything was deployed, and until the end. */
async function onePass(folder: string) {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const child = spawn(process.execPath, [program, "--once", "--data", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let collecting: number | undefined;
  let deployed: number | undefined;
  let firstRow: number | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("collecting ")) collecting = elapsed();
    if (line.startsWith("deployed ")) deployed = elapsed();
    if (delivered.test(line)) firstRow ??= elapsed();
  }
  const code = await ended;
  if (code !== 0 || firstRow === undefined)
    throw new Error(`npm start -- --once ended with ${code}, without all being well.`);
  return { collecting, firstRow, deployed, whole: elapsed() };
}
