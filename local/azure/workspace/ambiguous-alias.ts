import { errorAt, type KqlError } from "../../kql/engine.ts";
import { wordsIn } from "../../kql/words.ts";
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
    for (const word of wordsIn(text)) {
      const named = byAlias.get(word);
      if (named === undefined || reached.has(word)) continue;
      reached.add(word);
      if (named.length > 1) throw ambiguous(query, word, named);
      for (const { query: body } of named) visit(body);
    }
  };
  visit(query);
}

function ambiguous(query: string, alias: string, functions: readonly DeployedFunction[]): KqlError {
  const ids = functions.map(({ id }) => id.slice(id.lastIndexOf("/") + 1)).join(", ");
  return errorAt(
    query,
    Math.max(0, query.search(new RegExp(`\\b${alias}\\b`))),
    "semantic",
    `the function '${alias}' is ambiguous: ${functions.length} saved searches have this alias (${ids}). Delete all but one of them.`,
  );
}
