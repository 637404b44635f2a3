/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) };
}

/** What was measured, beside what it must reach. Of one machine and one run: sides taken in turn. */
export interface Finding {
  readonly what: string;
  readonly measured: Spread;
  readonly unit: string;
  /** Absent where the figure only explains another. */
  readonly target?: Target;
}

type Target = { readonly atMost: number } | { readonly atLeast: number };

const isReached = ({ measured, target }: Finding): boolean => {
  if (!target) return true;
  return "atMost" in target ? measured.median <= target.atMost : measured.median >= target.atLeast;
};

/** One line a finding, ratios first by the order in which they are given; exit code 1 where one is missed. */
export function report(findings: readonly Finding[], details: object, json: boolean): number {
  const isFine = findings.every(isReached);
  if (json) {
    console.log(
      JSON.stringify({ findings: findings.map((finding) => ({ ...finding, reached: isReached(finding) })), details }),
    );
  } else for (const finding of findings) console.log(lineOf(finding));
  return isFine ? 0 : 1;
}

function lineOf(finding: Finding): string {
  const { what, measured, unit, target } = finding;
  const spread = measured.least === measured.most ? "" : ` (${plain(measured.least)} to ${plain(measured.most)})`;
  const figure = `${what}: ${plain(measured.median)}${spread} ${unit}`;
  if (!target) return `         ${figure}`;
  return `${isReached(finding) ? "reached" : "MISSED "}  ${figure}, ${wanted(target)}`;
}

const wanted = (target: Target) =>
  "atMost" in target ? `at most ${plain(target.atMost)}` : `at least ${plain(target.atLeast)}`;

const plain = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
