import { afterAll, beforeAll, expect, test } from "vitest";
import { minutesOf } from "../../../kql/catalog-rule-limits.ts";
import { type Rule, readRules, scheduledQuery } from "../../../kql/catalog-rules.ts";
import { readScenarios } from "../../kql-content/scenario.ts";
import { now, TestWorkspace } from "../functions/test-workspace.ts";
import { inTermsOf, report } from "./scenario-workspace.ts";

const rules = readRules().filter(({ vendor }) => vendor !== "health");
const scenarios = new Map(rules.map((rule) => [rule, readScenarios("rules", rule, now.getTime())]));

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await TestWorkspace.create();
  await addHeartbeats();
  await report(workspace, scenarios);
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** A host of another table that is at work, for rules that look beyond the connector's own. */
function addHeartbeats(): Promise<void> {
  const times = [200, 100, 30, 10].map((minutes) => new Date(now.getTime() - minutes * 60_000).toISOString());
  const rows = times.map((time) => `datetime(${time}), "lt-alive.corp.example"`);
  return workspace.addTable("Heartbeat", `datatable (TimeGenerated: datetime, Computer: string) [${rows.join(", ")}]`);
}

/** A run at that time: the query's columns, and its alerts by the scenario that made them. */
async function run(rule: Rule, at: Date) {
  const { columns, rows } = await workspace.runRule(scheduledQuery(rule), minutesOf(rule.period), at);
  return {
    types: new Map(columns.map(({ name, type }) => [name, type])),
    alerts: Map.groupBy(rows, ({ Connection }) => Connection),
  };
}

/** Columns that an alert of the rule speaks of. */
function spokenOf({ alertName, alertDescription, entities, details, severityColumn, tacticsColumn }: Rule): string[] {
  const inText = [...`${alertName} ${alertDescription}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "");
  const overrides = [severityColumn, tacticsColumn].filter((name) => name !== undefined);
  return [...inText, ...Object.values(entities).flatMap(Object.values<string>), ...details, ...overrides];
}

test.each([...scenarios].map(([rule, told]) => ({ id: rule.id, rule, told })))(
  "$id fires once on what it is for, and on nothing else",
  async ({ rule, told }) => {
    const { types, alerts } = await run(rule, now);
    const found = told.map(({ when, rows }, index) => ({
      when,
      rows: (alerts.get(`${rule.id}-${index}`) ?? []).map((alert, i) => inTermsOf(rows[i], alert)),
    }));
    expect(found).toEqual(told.map(({ when, rows }) => ({ when, rows })));

    const next = await run(rule, new Date(now.getTime() + minutesOf(rule.frequency) * 60_000));
    expect(told.filter((_, index) => next.alerts.has(`${rule.id}-${index}`)).map(({ when }) => when)).toEqual([]);

    expect(spokenOf(rule).filter((name) => !types.has(name))).toEqual([]);
    // Sentinel takes identifiers of entities from columns of text only.
    const identifiers = Object.values(rule.entities).flatMap(Object.values<string>);
    expect(identifiers.filter((name) => types.get(name) !== "string")).toEqual([]);
    expect(types.get("Connection")).toBe("string");
  },
);
