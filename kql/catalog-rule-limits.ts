import { attackProblems } from "./catalog-attack.ts";
import type { Rule } from "./catalog-rules.ts";

/**
 * What Sentinel takes of a scheduled rule; kql/CONTENT.md says where each was read.
 */
const ruleLimits = {
  queryCharacters: 10_000,
  displayNameCharacters: 256,
  descriptionCharacters: 5_000,
  entities: 10,
  identifiers: 3,
  details: 20,
  detailCharacters: 20,
  columnsInName: 3,
} as const;

/** Minutes of late rows that a rule must still see: an event that shows up later than its period allows is never looked at. */
const lateMinutes = 30;

const minutesIn = { M: 1, H: 60, D: 1440 } as const;

/** Minutes of a duration in ISO 8601 that is whole minutes, hours or days. */
export function minutesOf(duration: string): number {
  const [, count, unit] = /(\d+)([MHD])$/.exec(duration) ?? [];
  return Number(count) * minutesIn[unit as keyof typeof minutesIn];
}

/** Whether Sentinel runs a query that looks so far back so often, and no row is ever between two runs. */
export function scheduleProblems({
  frequency,
  period,
  vendor,
}: Pick<Rule, "frequency" | "period" | "vendor">): string[] {
  const [every, back] = [minutesOf(frequency), minutesOf(period)];
  const late = vendor === "health" ? 0 : lateMinutes;
  return [
    ...is(every < 5 || back > 14 * 1440, `runs every ${frequency} over ${period}; Sentinel takes 5 minutes to 14 days`),
    ...is(back >= 2 * 1440 && every < 60, `looks back ${period}, and may then run once an hour at most`),
    ...is(
      back < every + late,
      `looks back ${period}; to see rows ${late} minutes late it needs that besides ${frequency}`,
    ),
  ];
}

/** What Sentinel would refuse in a rule, in words for whoever wrote it; empty where it is right. */
export function problemsOf(rule: Rule): string[] {
  const { attack, entities, details, query, vendor } = rule;
  const identifiers = Object.entries(entities).map(([type, fields]) => ({ type, count: Object.keys(fields).length }));
  const spoken = (text: string) => new Set(text.match(/\{\{\w+\}\}/g)).size;
  const grouped = rule.groupBy ?? { entities: [], details: [] };
  return [
    ...attackProblems(attack),
    ...scheduleProblems(rule),
    ...is(vendor !== "health" && Object.keys(attack).length === 0, "names no technique"),
    ...is(vendor !== "health" && identifiers.length === 0, "maps no entity"),
    ...is(query.length > ruleLimits.queryCharacters, `query.kql has ${query.length} characters`),
    ...is(rule.displayName.length > ruleLimits.displayNameCharacters, "displayName is too long"),
    ...is(rule.description.length > ruleLimits.descriptionCharacters, "description is too long"),
    ...is(identifiers.length > ruleLimits.entities, `maps ${identifiers.length} entities`),
    ...identifiers
      .filter(({ count }) => count === 0 || count > ruleLimits.identifiers)
      .map(({ type, count }) => `${type} has ${count} identifiers; 1 to ${ruleLimits.identifiers} are taken`),
    ...is(details.length > ruleLimits.details, `has ${details.length} details; ${ruleLimits.details} are taken`),
    ...details
      .filter((name) => name.length > ruleLimits.detailCharacters)
      .map((name) => `detail ${name} is longer than ${ruleLimits.detailCharacters} characters`),
    ...is(spoken(rule.alertName) > ruleLimits.columnsInName, "alertName speaks of more than three columns"),
    ...is(
      spoken(rule.alertDescription) > ruleLimits.columnsInName,
      "alertDescription speaks of more than three columns",
    ),
    ...grouped.entities.filter((type) => !(type in entities)).map((type) => `groups by ${type}, which it does not map`),
    ...grouped.details.filter((name) => !details.includes(name)).map((name) => `groups by ${name}, which is no detail`),
  ];
}

function is(wrong: boolean, problem: string): string[] {
  return wrong ? [problem] : [];
}
