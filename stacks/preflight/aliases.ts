import { contentCategory } from "../../components/content.ts";
import type { ResourceDocument } from "../../components/resource-manager.ts";
import type { FunctionChoices, WorkspaceFunction } from "../../kql/catalog-functions.ts";

/** What the saved searches API tells, as far as it matters here. */
interface SavedSearchProperties {
  readonly category?: string;
  readonly displayName?: string;
  readonly functionAlias?: string;
}

export interface AliasFindings {
  /** Aliases that somebody else has and the stack says nothing about. */
  readonly problems: readonly string[];
  /** Aliases that the stack takes nevertheless. */
  readonly warnings: readonly string[];
}

/**
 * Two saved searches of one alias break every query that uses it; Azure takes the second without a word. One under the connector's own id is
 * the stack's, from an `up` that did not come to its end.
 */
export function compareAliases(
  functions: readonly WorkspaceFunction[],
  found: readonly ResourceDocument[],
  choices: FunctionChoices,
): AliasFindings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const aliases = new Set(functions.map(({ alias }) => alias));
  for (const { id, name, properties } of found) {
    const { functionAlias: alias = "", category = "", displayName = "" } = (properties ?? {}) as SavedSearchProperties;
    const isOurs = category === contentCategory && name.toLowerCase() === alias.toLowerCase();
    if (!aliases.has(alias) || isOurs) continue;
    const theirs = `The workspace has a function "${alias}" already: saved search "${displayName}" (category "${category}"), ${id}.`;
    const remove = `az rest --method delete --url "${id}?api-version=2023-09-01"`;
    if (choices[alias] === "ours")
      warnings.push(`${theirs} Every query that uses the alias fails until it is gone: ${remove}`);
    else
      problems.push(
        `${theirs} Two of one alias break every query that uses it. Leave it to them: pulumi config set --path 'functions.${alias}' skip. Or delete theirs: ${remove}`,
      );
  }
  return { problems, warnings };
}
