import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";
import { type Attack, techniqueName } from "../../kql/catalog-attack.ts";
import { readFunctions } from "../../kql/catalog-functions.ts";
import { type HuntingQuery, readHuntingQueries } from "../../kql/catalog-hunting.ts";
import { namesIn } from "../../kql/catalog-names.ts";
import { type Rule, readRules } from "../../kql/catalog-rules.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "kql", "CONTENT.md"), "utf8");
const streams = readCatalog();
const ours = [...streams.map(({ table }) => table), ...readFunctions(streams).map(({ alias }) => alias)];

/** Our tables and functions that a query names. */
const basesOf = (query: string) => ours.filter((name) => namesIn(query).has(name)).map(quoted);
const quoted = (text: string) => `\`${text}\``;
const techniquesOf = (attack: Attack) => Object.values(attack).flat().map(techniqueName).join(", ") || "–";
const timespan = (duration: string) => duration.replace(/^PT?/, "").toLowerCase();

const ruleRow = ({ id, displayName, attack, severity, severityColumn, frequency, period, query }: Rule) =>
  `| ${quoted(id)} | ${displayName} | ${techniquesOf(attack)} | ${severity}${severityColumn ? " (by data)" : ""} | ${timespan(frequency)} / ${timespan(period)} | ${basesOf(query).join(" ") || quoted(query.split(/\s/, 1)[0] ?? "")} |`;
const queryRow = ({ id, displayName, attack, query }: HuntingQuery) =>
  `| ${quoted(id)} | ${displayName} | ${techniquesOf(attack)} | ${basesOf(query).join(" ")} |`;

test.each([
  ["rules", readRules().map(ruleRow)],
  ["hunting queries", readHuntingQueries().map(queryRow)],
])("kql/CONTENT.md lists the %s as they are", (heading, rows) => {
  const section = page.split(/^## /m).find((text) => text.toLowerCase().startsWith(heading)) ?? "";
  expect(section.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
});

test("no rule or hunting query calls a function that another solution may define", () => {
  const shared = /^(SentinelOne|Valence\w*Logs?|ValenceAlerts?|_?ASim\w*|_?Im_\w*|vim\w*)$/;
  const calls = [...readRules(), ...readHuntingQueries()].flatMap(({ id, query }) =>
    ours.filter((name) => shared.test(name) && namesIn(query).has(name)).map((name) => `${id}: ${name}`),
  );
  expect(calls).toEqual([]);
});
