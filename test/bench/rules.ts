import { minutesOf } from "../../kql/catalog-rule-limits.ts";
import { readRules, scheduledQuery } from "../../kql/catalog-rules.ts";
import { readScenarios } from "../kql-content/scenario.ts";
import { report } from "../local/detections/scenario-workspace.ts";
import { now, TestWorkspace } from "../local/functions/test-workspace.ts";

export interface RulesBenchOptions {
  /** Activities; the other tables, whose rows are ten times as wide, get a tenth. */
  readonly rows: number;
  readonly json?: true;
}

const days = 14;
const others = ["threats", "alerts-v2", "agents", "policies"].map((name) => `sentinelone-${name}`);

/** Runs every detection once over so many rows of two weeks, made of the rows that their tests use. */
export async function benchRules({ rows, json }: RulesBenchOptions): Promise<number> {
  const rules = readRules().filter(({ vendor }) => vendor !== "health");
  await using workspace = await TestWorkspace.create();
  await workspace.addTable("Heartbeat", "datatable (TimeGenerated: datetime, Computer: string) []");
  await report(workspace, new Map(rules.map((rule) => [rule, readScenarios("rules", rule, now.getTime())])));
  await workspace.multiply("sentinelone-activities", rows, days);
  for (const id of [...others, "valence-alerts", "valence-audit-logs"]) {
    await workspace.multiply(id, Math.ceil(rows / 10), days);
  }
  const figures: { id: string; milliseconds: number; alerts: number }[] = [];
  for (const rule of rules) {
    const started = performance.now();
    const { rows: alerts } = await workspace.runRule(scheduledQuery(rule), minutesOf(rule.period), now);
    figures.push({ id: rule.id, milliseconds: Math.round(performance.now() - started), alerts: alerts.length });
  }
  if (json) console.log(JSON.stringify({ rows, figures }));
  else
    for (const { id, milliseconds, alerts } of figures)
      console.log(`${id.padEnd(48)}${milliseconds} ms, ${alerts} alerts`);
  return 0;
}
