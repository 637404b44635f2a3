import type { ContentChoices, RuleChoice } from "../kql/catalog-choices.ts";
import { readHuntingQueries } from "../kql/catalog-hunting.ts";
import { scheduleProblems } from "../kql/catalog-rule-limits.ts";
import { type Rule, readRules, severities } from "../kql/catalog-rules.ts";
import { readWorkbooks } from "../kql/catalog-workbooks.ts";
import { Fields, isRecord } from "./fields.ts";

const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

/** The setting `content`: which rules, hunting queries and workbooks there are, and what is otherwise about a rule. */
export function parseContent(fields: Fields): ContentChoices {
  const given = fields.object("content", "an object of enabled, rules, hunting and workbooks") ?? {};
  const content = new Fields(given, fields.path("content"), fields.problems);
  const rules = readRules();
  const choices: ContentChoices = {
    enabled: parseSwitch(content, "enabled") ?? true,
    rules: Object.freeze(parseRules(content, rules)),
    hunting: Object.freeze(parseLeftOut(content, "hunting", idsOf(readHuntingQueries()))),
    workbooks: Object.freeze(parseLeftOut(content, "workbooks", idsOf(readWorkbooks()))),
  };
  content.refuseUnknown();
  return Object.freeze(choices);
}

/** YAML and the Pulumi CLI disagree on whether `on` and `off` are words. */
function parseSwitch(fields: Fields, key: string): boolean | undefined {
  const value = fields.raw(key);
  if (value === undefined) return undefined;
  if (["on", "true", true].includes(value as string | boolean)) return true;
  if (["off", "false", false].includes(value as string | boolean)) return false;
  return fields.refuse(key, "on or off");
}

function parseLeftOut(content: Fields, key: "hunting" | "workbooks", ids: readonly string[]): Record<string, "off"> {
  const given = content.object(key, `an object of off, by id; ids: ${ids.join(", ")}`) ?? {};
  const items = new Fields(given, content.path(key), content.problems);
  const off = ids.filter((id) => parseSwitch(items, id) === false);
  items.refuseUnknown();
  return Object.fromEntries(off.map((id) => [id, "off"]));
}

function parseRules(content: Fields, rules: readonly Rule[]): Record<string, RuleChoice> {
  const given = content.object("rules", `an object, by id; ids: ${idsOf(rules).join(", ")}`) ?? {};
  const items = new Fields(given, content.path("rules"), content.problems);
  const choices = rules.flatMap((rule): [string, RuleChoice][] => {
    const choice = isRecord(items.raw(rule.id)) ? parseRule(items, rule) : parseSwitch(items, rule.id);
    if (choice === undefined || choice === true) return [];
    return [[rule.id, choice === false ? "off" : choice]];
  });
  items.refuseUnknown();
  return Object.fromEntries(choices);
}

function parseRule(items: Fields, rule: Rule): RuleChoice {
  const fields = new Fields(items.object(rule.id, "an object") ?? {}, items.path(rule.id), items.problems);
  const enabled = parseSwitch(fields, "enabled");
  const severity = fields.oneOf("severity", severities);
  const frequency = fields.text("frequency", allowedFrequency(rule), (text) => takesFrequency(rule, text));
  fields.refuseUnknown();
  return {
    ...(enabled !== undefined && { enabled }),
    ...(severity !== undefined && { severity }),
    ...(frequency !== undefined && { frequency: isoDuration(frequency) }),
  };
}

/** A query that counts on its own rhythm, as those about the connector's health do, would tell things twice or never in another. */
const hasFreeFrequency = ({ query }: Rule) => /\bfrequency\b/.test(query);

const allowedFrequency = (rule: Rule) =>
  hasFreeFrequency(rule)
    ? `5m to 14d (whole m, h or d), half an hour less than the rule looks back (${rule.period}) or shorter, and 1h or longer where that is two days or more`
    : `nothing: the query of this rule counts on ${rule.frequency}`;

const takesFrequency = (rule: Rule, text: string) =>
  hasFreeFrequency(rule) &&
  /^\d+[mhd]$/.test(text) &&
  scheduleProblems({ ...rule, frequency: isoDuration(text) }).length === 0;

/** `15m` as ISO 8601 writes it. */
function isoDuration(text: string): string {
  return `${text.endsWith("d") ? "P" : "PT"}${text.toUpperCase()}`;
}
