import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutesOf } from "../../../kql/catalog-rule-limits.ts";
import { type Rule, readRules, scheduledQuery } from "../../../kql/catalog-rules.ts";
import { readScenarios } from "../../kql-content/scenario.ts";
import { now, type Row, TestWorkspace } from "../functions/test-workspace.ts";
import { report } from "./scenario-workspace.ts";

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

/** Alerts of a run at that time, by the scenario that made them. */
async function run(rule: Rule, at: Date): Promise<Map<unknown, Row[]>> {
  const rows = await workspace.runRule(scheduledQuery(rule), minutesOf(rule.period), at);
  return Map.groupBy(rows, ({ Connection }) => Connection);
}

/** As much of an alert as the scenario speaks of; all of one that it does not expect. */
function inTermsOf(expected: Row | undefined, alert: Row): Row {
  return expected ? Object.fromEntries(Object.keys(expected).map((name) => [name, alert[name]])) : alert;
}

describe.each([...scenarios].map(([rule, told]) => ({ id: rule.id, rule, told })))("$id", ({ rule, told }) => {
  test("fires once on what it is for, and on nothing else", async () => {
    const first = await run(rule, now);
    const alerts = told.map(({ when, rows }, index) => ({
      when,
      rows: (first.get(`${rule.id}-${index}`) ?? []).map((alert, i) => inTermsOf(rows[i], alert)),
    }));
    expect(alerts).toEqual(told.map(({ when, rows }) => ({ when, rows })));

    const next = await run(rule, new Date(now.getTime() + minutesOf(rule.frequency) * 60_000));
    const again = told.filter((_, index) => next.has(`${rule.id}-${index}`)).map(({ when }) => when);
    expect(again).toEqual([]);
  });

  test("yields every column that its alerts speak of, in a type that Sentinel takes", () => {
    const columns = new Map(workspace.columns(scheduledQuery(rule)).map(({ name, type }) => [name, type]));
    const spoken = [...`${rule.alertName} ${rule.alertDescription}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    const entities = Object.values(rule.entities).flatMap((identifiers) => Object.values(identifiers));
    const overrides = [rule.severityColumn, rule.tacticsColumn].filter((name) => name !== undefined);
    const missing = [...spoken, ...entities, ...rule.details, ...overrides].filter((name) => !columns.has(name ?? ""));
    expect(missing).toEqual([]);
    expect(entities.filter((name) => columns.get(name) !== "string")).toEqual([]);
    expect(columns.get("Connection")).toBe("string");
  });
});
