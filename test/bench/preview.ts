import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { previewTimes } from "../engine/preview-times.ts";
import { type Finding, report, spreadOf } from "./figures.ts";

export interface PreviewOptions {
  readonly times: number;
  readonly json?: true;
}

const target = { atMost: 2 };

/** `npm run bench -- preview`: what a preview of the whole connector takes beside that of one resource group. */
export async function benchPreview({ times, json }: PreviewOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-preview-"));
  try {
    const file = join(folder, "processor-seconds");
    const previews = await previewTimes(times, ["--import", noting(file)]);
    const findings: Finding[] = [
      {
        what: `preview under ${previews.of}, of one resource group's`,
        measured: ratios(previews.connector, previews.smallest),
        unit: "times",
        target,
      },
    ];
    const seconds = readSeconds(file).slice(-2 * times);
    if (seconds.length > 0) {
      const of = (side: number) => seconds.filter((_, index) => index % 2 === side);
      findings.push({
        what: "processor time of the program's process, of one resource group's",
        measured: ratios(of(0), of(1)),
        unit: "times",
        target,
      });
    }
    return report(findings, { previews, processorSeconds: seconds }, json ?? false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ratios = (values: readonly number[], others: readonly number[]) =>
  spreadOf(values.map((value, index) => value / (others[index] ?? Number.NaN)));

/** A module that has each process leave its processor seconds at the end of a file. */
const noting = (file: string) =>
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from "node:fs";
    process.on("exit", () => {
      const { user, system } = process.cpuUsage();
      appendFileSync(${JSON.stringify(file)}, (user + system) / 1e6 + "\\n");
    });
  `)}`;

/** Nothing where the CLI runs the programs, which it starts as it likes. */
function readSeconds(file: string): number[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n").map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
