import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { previewed, previewTimes } from "../engine/preview-times.ts";
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
    const findings = compared(`preview under ${previews.of}`, previews);
    const seconds = readSeconds(file).slice(-previewed.length * times);
    if (seconds.length > 0) {
      const of = (side: number) => seconds.filter((_, index) => index % previewed.length === side);
      const processor = { connector: of(0), smallest: of(1), smallestKept: of(2) };
      findings.push(...compared("processor time of the program's process", processor));
    }
    return report(findings, { previews, processorSeconds: seconds }, json ?? false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Sides = Readonly<Record<(typeof previewed)[number], readonly number[]>>;

/** What keeping compiled code gains is the connector's own, so that the target is beside a plain project; the other figure is shown, too. */
const compared = (what: string, { connector, smallest, smallestKept }: Sides): Finding[] => [
  { what: `${what}, of one resource group's`, measured: ratios(connector, smallest), unit: "times", target },
  {
    what: `${what}, of one resource group's that keeps compiled code, too`,
    measured: ratios(connector, smallestKept),
    unit: "times",
  },
];

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
