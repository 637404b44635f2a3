import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Vendor, vendors, withoutCommentLines } from "./catalog.ts";
import { attackFile } from "./catalog-attack.ts";
import { problemsOf } from "./catalog-rule-limits.ts";

/** Whole minutes, hours or days, as ISO 8601 writes them. */
const duration = z.string().regex(/^P(T\d+[MH]|\d+D)$/);

export const severities = ["High", "Medium", "Low", "Informational"] as const;
export type Severity = (typeof severities)[number];

/** Entities that the Defender portal shows in an alert, and the identifiers of each that a column may fill. */
const entityFile = z.partialRecord(
  z.enum(["Account", "Host", "IP", "File", "FileHash", "Process", "CloudApplication"]),
  z.record(z.string(), z.string()),
);

const ruleFile = z.strictObject({
  displayName: z.string().min(1),
  description: z.string().min(1),
  severity: z.enum(severities),
  /** How often the query runs, and how far back it sees rows by their `TimeGenerated`. */
  frequency: duration,
  period: duration,
  /** What the rule is for. Rules about the connector's own health are for no technique. */
  attack: attackFile.default({}),
  /** Columns of the result that say who and what is concerned, `{ "Account": { "FullName": "User" } }`. */
  entities: entityFile.default({}),
  /** Columns that an alert shows as its details. */
  details: z.array(z.string()).default([]),
  /** What an alert is called and says; `{{Column}}` is the row's value. */
  alertName: z.string().min(1),
  alertDescription: z.string().min(1),
  /** Columns that have an alert's own severity and tactics, as Sentinel spells them. */
  severityColumn: z.string().optional(),
  tacticsColumn: z.string().optional(),
  /** Alerts that agree in these entities and details become one incident; without a word those of one name. */
  groupBy: z
    .strictObject({ entities: z.array(z.string()).default([]), details: z.array(z.string()).default([]) })
    .optional(),
});

/** A scheduled rule of Microsoft Sentinel, from `kql/<vendor>/rules/<name>/`: each row of its query is an alert. */
export interface Rule extends Readonly<z.infer<typeof ruleFile>> {
  readonly vendor: Vendor;
  readonly name: string;
  /** `<vendor>-<name>`. */
  readonly id: string;
  /** Without the comment lines of its file; may speak of `frequency`, and of the tables that `withExpectations` gives it. */
  readonly query: string;
}

/** Every rule, or those of one vendor, by name. Throws one error that lists everything wrong. */
export function readRules(only?: Vendor, root: string = import.meta.dirname): readonly Rule[] {
  const problems: string[] = [];
  const rules = (only === undefined ? vendors : [only]).flatMap((vendor) =>
    ruleFolders(root, vendor).flatMap((name): Rule[] => {
      const folder = join(root, vendor, "rules", name);
      try {
        const own = ruleFile.parse(JSON.parse(readFileSync(join(folder, "rule.json"), "utf8")));
        const query = withoutCommentLines(readFileSync(join(folder, "query.kql"), "utf8"));
        const rule = { ...own, vendor, name, id: `${vendor}-${name}`, query };
        problems.push(...problemsOf(rule).map((problem) => `${vendor}/rules/${name}: ${problem}`));
        return [rule];
      } catch (error) {
        const told = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
        problems.push(`${vendor}/rules/${name}: ${told}`);
        return [];
      }
    }),
  );
  const names = rules.map(({ displayName }) => displayName);
  problems.push(
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `"${name}" is there twice`),
  );
  if (problems.length > 0) {
    throw new Error(`The rules below kql/ are not valid:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  }
  return rules;
}

function ruleFolders(root: string, vendor: Vendor): string[] {
  const folder = join(root, vendor, "rules");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** The query with the rule's own `frequency` and `period`, so that windows in it follow what the stack decides. */
export function scheduledQuery(rule: Pick<Rule, "query" | "frequency" | "period">): string {
  const spoken = (["frequency", "period"] as const).filter((name) => new RegExp(`\\b${name}\\b`).test(rule.query));
  return [...spoken.map((name) => `let ${name} = ${timespan(rule[name])};`), rule.query].join("\n");
}

/** A duration as KQL writes it: `PT15M` is `15m`. */
function timespan(duration: string): string {
  return duration.replace(/^PT?/, "").toLowerCase();
}

/** What a connection is to deliver. */
export interface Expectation {
  readonly connection: string;
  readonly vendor: (typeof vendors)[number];
  /** Names of its streams, the tables that they fill, and whether a rule can read those: it cannot where their plan is Basic. */
  readonly streams: readonly { readonly name: string; readonly table: string; readonly readable: boolean }[];
}

/**
 * A query with what it is to expect in its own text, so that it notices what never began: `expected` (Connection, Vendor, Stream), and
 * `stored` (the same, and Stored), the rows that came into the tables in the last eight hours; more than can be where no rule can tell.
 */
export function withExpectations(query: string, expectations: readonly Expectation[]): string {
  const preludes = [
    ...(/\bexpected\b/.test(query) ? [`let expected = ${expected(expectations)};`] : []),
    ...(/\bstored\b/.test(query) ? [`let stored = ${stored(expectations)};`] : []),
  ];
  return [...preludes, query].join("\n");
}

/** One line for all connections with the same streams: Sentinel takes 10,000 characters, and there may be fifty consoles. */
function expected(expectations: readonly Expectation[]): string {
  const groups = Map.groupBy(expectations, ({ vendor, streams }) =>
    JSON.stringify([vendor, streams.map(({ name }) => name)]),
  );
  const lines = [...groups].map(([key, members]) => {
    const [vendor, streams] = JSON.parse(key) as [string, string[]];
    const connections = members.map(({ connection }) => connection);
    return `    ${quote(vendor)}, dynamic(${JSON.stringify(streams)}), dynamic(${JSON.stringify(connections)})`;
  });
  return [
    "datatable (Vendor: string, Streams: dynamic, Connections: dynamic) [",
    lines.join(",\n"),
    "]",
    "| mv-expand Stream = Streams to typeof(string)",
    "| mv-expand Connection = Connections to typeof(string)",
    "| project Connection, Vendor, Stream",
  ].join("\n");
}

/** A rule whose query does not bind raises no alert, so it binds to a table that somebody took the column Connection from as well. */
function stored(expectations: readonly Expectation[]): string {
  const streams = new Map(
    expectations.flatMap(({ vendor, streams }) =>
      streams.filter(({ readable }) => readable).map(({ name, table }) => [table, { vendor, name, table }] as const),
    ),
  );
  const legs = [...streams.values()].map(
    ({ vendor, name, table }) =>
      `    (${table} | where ingestion_time() > ago(8h) | summarize Stored = count() by Connection = column_ifexists("Connection", "") | extend Vendor = ${quote(vendor)}, Stream = ${quote(name)})`,
  );
  const unread = expectations.flatMap(({ connection, vendor, streams }) =>
    streams
      .filter(({ readable }) => !readable)
      .map(({ name }) => `${quote(connection)}, long(9223372036854775807), ${quote(vendor)}, ${quote(name)}`),
  );
  const untold = `    (datatable (Connection: string, Stored: long, Vendor: string, Stream: string) [${unread.join(", ")}])`;
  return `union\n${[untold, ...legs].join(",\n")}`;
}

const quote = (text: string) => JSON.stringify(text);
