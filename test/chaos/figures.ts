import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Holding } from "./cases.ts";
import { isGood, type Outcome } from "./run.ts";

/** What came of many seeds. */
export interface Figures {
  readonly runs: number;
  /** By kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Distinct rows in the tables. */
  readonly rows: number;
  readonly lost: number;
  readonly twiceOutside: number;
  readonly twiceInFlight: number;
  readonly failedSeeds: readonly number[];
}

const noFigures: Figures = {
  runs: 0,
  faults: {},
  rows: 0,
  lost: 0,
  twiceOutside: 0,
  twiceInFlight: 0,
  failedSeeds: [],
};

export function withOutcome(figures: Figures, outcome: Outcome): Figures {
  const faults = { ...figures.faults };
  for (const [kind, count] of Object.entries(outcome.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    runs: figures.runs + 1,
    faults: Object.fromEntries(Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1))),
    rows: figures.rows + outcome.rows,
    lost: figures.lost + outcome.lost.length,
    twiceOutside: figures.twiceOutside + outcome.twiceOutside.length,
    twiceInFlight: figures.twiceInFlight + outcome.twiceInFlight,
    failedSeeds: isGood(outcome) ? figures.failedSeeds : [...figures.failedSeeds, outcome.seed],
  };
}

/** Figures so far of seeds from `seed` on; those that were kept there before, if any. */
export function readFigures(file: string | undefined, seed: number): Figures {
  if (file === undefined || !existsSync(file)) return noFigures;
  const kept = JSON.parse(readFileSync(file, "utf8")) as { seed: number; figures: Figures };
  if (kept.seed === seed) return kept.figures;
  throw new Error(`${file} holds the figures of runs from seed ${kept.seed} on, not from ${seed}: name another file.`);
}

export function keepFigures(file: string | undefined, seed: number, figures: Figures): void {
  if (file === undefined) return;
  writeFileSync(`${file}.new`, JSON.stringify({ seed, figures }));
  renameSync(`${file}.new`, file);
}

/** The figures as people read them. */
export function describe({ runs, faults, rows, lost, twiceOutside, twiceInFlight, failedSeeds }: Figures): string {
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const lines = Object.entries(faults).map(([kind, count]) => `  ${String(count).padStart(7)}  ${kind}`);
  return [
    `${runs} runs, ${rows} rows, ${total} faults:`,
    ...lines,
    `lost: ${lost}`,
    `twice, outside what was in flight: ${twiceOutside}`,
    `twice, in flight when something broke: ${twiceInFlight}`,
    failedSeeds.length === 0 ? "no seed failed" : `failed seeds: ${failedSeeds.join(", ")}`,
  ].join("\n");
}

/** Nothing of the source is missing. */
export const isWhole = ({ source, stored }: Holding): boolean => stored === source;

/** What tables hold, as Markdown. */
export function describeHoldings(of: string, holdings: readonly Holding[]): string {
  const row = (...cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => cell.toLocaleString("en-US")).join(" | ")} |`;
  return [
    row(of, "keys at the source", "of these in the table", "rows twice"),
    "|---|---|---|---|",
    ...holdings.map(({ what, source, stored, twice }) => row(what, source, stored, twice)),
  ].join("\n");
}
