import Table from "cli-table3";
import { type Comparison, compareWithSql, medianOf, type Spread } from "./kql-comparison.ts";

/** A translated query may take so many times as long as the same question by hand, at the median of all questions. */
const maxRatio = 1.5;
/** Binding and translating a query may take so long, at the median of all questions. */
const maxTranslationMs = 15;

export interface KqlBenchOptions {
  readonly rows: number;
  readonly rounds: number;
  readonly json?: true;
}

/** `npm run bench -- kql`: what an analyst asks, in KQL and by hand in SQL. Exit code 1 if KQL takes too long. */
export async function kql({ rows, rounds, json }: KqlBenchOptions): Promise<number> {
  const comparisons = await compareWithSql(rows, rounds);
  const ratio = medianOf(comparisons.map((comparison) => comparison.ratio));
  const translationMs = medianOf(comparisons.map(({ translation }) => translation.median));
  if (json) console.log(JSON.stringify({ rows, rounds, ratio, translationMs, comparisons }));
  else {
    console.log(tableOf(comparisons));
    console.log(
      `${rows} rows, ${rounds} rounds in turn: KQL takes ${ratio.toFixed(2)} times as long as SQL by hand (allowed: ${maxRatio}); ` +
        `bound and translated in ${translationMs.toFixed(1)} ms (allowed: ${maxTranslationMs}).`,
    );
  }
  return ratio <= maxRatio && translationMs < maxTranslationMs ? 0 : 1;
}

function tableOf(comparisons: readonly Comparison[]): string {
  const table = new Table({
    head: ["question", "KQL ms", "SQL ms", "times", "bind + translate ms"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const { title, kql: ours, sql, ratio, translation } of comparisons) {
    table.push([title, spread(ours), spread(sql), ratio.toFixed(2), spread(translation)]);
  }
  return table.toString();
}

function spread({ median, least, most }: Spread): string {
  return `${median.toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})`;
}
