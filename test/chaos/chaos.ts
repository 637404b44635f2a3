import { Command, InvalidArgumentError, Option } from "commander";
import { runCommand } from "../../local/commands/user-error.ts";
import { peakOf } from "../bench/memory.ts";
import { playCases, playStreams } from "./cases.ts";
import { Deployment } from "./deployment.ts";
import { startElsewhere } from "./elsewhere.ts";
import { describe, describeHoldings, type Figures, isWhole, keepFigures, readFigures, withOutcome } from "./figures.ts";
import { isGood, type Outcome, playSeed } from "./run.ts";

interface Options {
  readonly cases?: true;
  readonly seed: number;
  readonly runs: number;
  readonly json?: true;
  readonly minutes?: number;
  readonly keep?: string;
}

/** Enough activities for thirty requests, and a fleet of every kind. */
const casesScale = 0.3;
const manyRows = 500_000;

/** `npm run chaos -- --cases`: what was tried on Microsoft's function, and every stream; as Markdown. */
async function showCases({ json }: Options): Promise<number> {
  const { cases, streams } = await holdings();
  const megabytes = Math.round(await peakOf(manyRows));
  if (json) console.log(JSON.stringify({ cases, streams, memory: { rows: manyRows, megabytes } }));
  else {
    console.log(`${describeHoldings("activities, while", cases)}\n\n${describeHoldings("stream", streams)}`);
    console.log(`\nMemory at ${manyRows.toLocaleString("en-US")} rows: ${megabytes} MB`);
  }
  return [...cases, ...streams].every(isWhole) ? 0 : 1;
}

async function holdings() {
  await using deployment = await Deployment.start();
  await using elsewhere = await startElsewhere();
  const cases = await playCases(deployment, elsewhere, casesScale);
  return { cases, streams: await playStreams(deployment, elsewhere, casesScale) };
}

/** `npm run chaos`: plays seeds one after the other, and says what was lost and what came twice. Exit code 1 if any seed failed. */
async function chaos({ seed, runs, json, minutes = Number.POSITIVE_INFINITY, keep }: Options): Promise<number> {
  const until = performance.now() + minutes * 60_000;
  let figures = readFigures(keep, seed);
  if (figures.runs < runs) {
    await using deployment = await Deployment.start();
    await using elsewhere = await startElsewhere();
    while (figures.runs < runs && performance.now() < until) {
      const startedAt = performance.now();
      const outcome = await playSeed(deployment, seed + figures.runs, { elsewhere });
      figures = withOutcome(figures, outcome);
      keepFigures(keep, seed, figures);
      console.error(line(outcome, performance.now() - startedAt));
    }
  }
  console.log(json ? JSON.stringify(figures) : describe(figures));
  if (figures.runs < runs) {
    console.error(`${runs - figures.runs} runs are left: the same command${keep ? "" : " with --keep FILE"} goes on.`);
  }
  return isFine(figures) ? 0 : 1;
}

const isFine = ({ failedSeeds }: Figures) => failedSeeds.length === 0;

function line(outcome: Outcome, milliseconds: number): string {
  const { seed, rows, lost, twiceOutside, twiceInFlight, wrong, faults, trace } = outcome;
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const summary = `seed ${seed}: ${rows} rows, ${total} faults, ${twiceInFlight} twice in flight, ${(milliseconds / 1000).toFixed(1)} s, trace ${trace}`;
  if (isGood(outcome)) return summary;
  const problems = [
    ...lost.map((key) => `lost: ${key}`),
    ...twiceOutside.map((key) => `twice: ${key}`),
    ...wrong.map((what) => `wrong: ${what}`),
  ];
  return [summary, ...problems.slice(0, 20).map((problem) => `  ${problem}`)].join("\n");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

const command = new Command("chaos")
  .description("Collects while everything around the worker misbehaves, then compares the sources with the tables.")
  .option("--seed <number>", "the first seed; a seed plays the same every time", wholeNumber, 1)
  .option("--runs <number>", "how many seeds, one after the other", wholeNumber, 20)
  .option("--json", "the figures as one JSON document")
  .option("--minutes <number>", "stop after so many minutes, between two seeds", wholeNumber)
  .addOption(
    new Option("--cases", "single faults and all streams instead, with what the tables then hold").conflicts([
      "seed",
      "runs",
      "minutes",
      "keep",
    ]),
  )
  .option("--keep <file>", "keep the figures there, and go on from those that are there already")
  .allowExcessArguments(false)
  .parse();

const options = command.opts<Options>();
await runCommand(() => (options.cases ? showCases(options) : chaos(options)));
