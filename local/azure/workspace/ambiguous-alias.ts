import { KqlError } from "../../kql/schema.ts";
import type { DeployedFunction } from "../cloud.ts";

/**
 * Azure takes a second saved search with the alias of another and then fails every query that uses it, itself or through another
 * function. Throws `KqlError` for such a query.
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/functions
 */
export function refuseAmbiguousAlias(query: string, functions: readonly DeployedFunction[]): void {
  const byAlias = Map.groupBy(functions, ({ alias }) => alias);
  if (byAlias.size === functions.length) return;
  const reached = new Set<string>();
  const visit = (text: string): void => {
    for (const word of words(text)) {
      const named = byAlias.get(word);
      if (named === undefined || reached.has(word)) continue;
      reached.add(word);
      if (named.length > 1) throw ambiguous(query, word, named);
      for (const { query: body } of named) visit(body);
    }
  };
  visit(query);
}

/** Names in a query, without its texts and comments. */
const words = (kql: string): readonly string[] =>
  kql.replace(/@?"(?:[^"\\\n]|\\.)*"|@?'(?:[^'\\\n]|\\.)*'|\/\/.*/g, " ").match(/\b[A-Za-z_]\w*/g) ?? [];

function ambiguous(query: string, alias: string, functions: readonly DeployedFunction[]): KqlError {
  const before = query.slice(0, Math.max(0, query.search(new RegExp(`\\b${alias}\\b`)))).split("\n");
  const ids = functions.map(({ id }) => id.slice(id.lastIndexOf("/") + 1)).join(", ");
  return new KqlError(
    "semantic",
    `the function '${alias}' is ambiguous: ${functions.length} saved searches have this alias (${ids}). Delete all but one of them.`,
    before.length,
    (before.at(-1) ?? "").length + 1,
  );
}
