import { errorAt, type KqlError, usedNames } from "../../kql/engine.ts";
import { wordsIn } from "../../kql/words.ts";
import type { DeployedWorkspace } from "../cloud.ts";
import { builtInTables } from "./built-in-tables.ts";

/** A table of plan Basic or Auxiliary that a query reads, and the function through which it does, if it is not named in it. */
export interface BasicReading {
  readonly table: string;
  readonly through: string | undefined;
}

/** Operators over several tables. Azure Monitor docs, basic-logs-query, "Kusto Query Language (KQL) language limitations". */
const refusedOperators = ["join", "find", "search"];
const analyticsTables = 5;

/** Tables of plan Basic or Auxiliary that a query reads, itself or through functions. */
export function basicReadings(query: string, { tables, functions }: DeployedWorkspace): readonly BasicReading[] {
  const basic = new Set(tables.filter(({ plan }) => plan !== "Analytics").map(({ name }) => name));
  if (basic.size === 0) return [];
  const readings: BasicReading[] = [];
  const reached = new Set<string>();
  const visit = (text: string, through?: string): void => {
    for (const word of wordsIn(withoutStars(text, tables))) {
      if (reached.has(word)) continue;
      if (basic.has(word)) readings.push({ table: word, through });
      reached.add(word);
      for (const { alias, query: body } of functions) if (alias === word) visit(body, through ?? alias);
    }
  };
  visit(query);
  return readings;
}

/** The query with every table that a union means by a star: `union *`, `union Doors*`. */
const withoutStars = (query: string, tables: DeployedWorkspace["tables"]): string =>
  query.replace(/\bunion\b[^|;]*/g, (operands) =>
    operands.replace(/(\w*)\*/g, (_, start: string) =>
      tables.flatMap(({ name }) => (name.startsWith(start) ? name : [])).join(", "),
    ),
  );

/** Throws `KqlError` for a query of a table of plan Basic or Auxiliary that asks more than one may of such a table. */
export function limitBasicReadings(query: string, workspace: DeployedWorkspace): void {
  const readings = basicReadings(query, workspace);
  if (readings.length === 0) return;
  const words = new Set(wordsIn(withoutStars(query, workspace.tables)));
  const own = workspace.functions.find(({ alias }) => words.has(alias));
  if (own) throw refusal(query, own.alias, "User-defined functions are not supported");
  const { operators } = usedNames(query);
  const operator = refusedOperators.find((name) => operators.has(name));
  if (operator) throw refusal(query, operator, `The operator '${operator}' is not supported`);
  const others = [...workspace.tables, ...builtInTables].filter(
    ({ name }) => words.has(name) && !readings.some(({ table }) => table === name),
  );
  if (readings.length === 1 && others.length <= analyticsTables) return;
  // Azure-Sentinel issue 12172
  const [{ table } = { table: "" }] = readings;
  throw errorAt(
    query,
    Math.max(0, query.indexOf(table)),
    "semantic",
    "The query should contain a single Basic or Auxiliary Logs table. The query should contain up to five Analytics Logs tables.",
  );
}

/** Throws `KqlError` for a query that nothing may run on a schedule. Azure Monitor docs, logs-table-plans: such a table serves no rule. */
export function refuseBasicReadings(query: string, workspace: DeployedWorkspace): void {
  const [reading] = basicReadings(query, workspace);
  if (!reading) return;
  const { table, through } = reading;
  const place = through === undefined ? `'${table}'` : `'${table}', which the function '${through}' reads,`;
  throw errorAt(
    query,
    query.indexOf(through ?? table),
    "semantic",
    `The table ${place} is of plan Basic or Auxiliary, and rules read Analytics tables only.`,
  );
}

const refusal = (query: string, word: string, reason: string): KqlError =>
  errorAt(query, query.indexOf(word), "semantic", `${reason} in a query of a Basic or Auxiliary Logs table.`);
