import { SavedSearch } from "@pulumi/azure-native/operationalinsights/savedSearch.js";
import * as pulumi from "@pulumi/pulumi";
import { contentCategory } from "./content.ts";
import type { Workspace } from "./workspace.ts";

/** Whose a workspace's tables and functions are. */
export interface Ownership {
  /** `<organization>/<project>/<stack>`. */
  readonly stack: string;
  /** Its tables, and how often each was mended after somebody else had changed it. */
  readonly tables: Readonly<Record<string, number>>;
}

/** Id of the saved search that says whose a workspace is. */
export const ownershipId = "sentinelone-valence-connector";

/** The stack that is being deployed, as no other stack of its backend is called. */
export const stackName = (): string => [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");

/**
 * Says in the workspace itself whose its tables and functions are. A saved search, since whoever may read the workspace sees it, and
 * nothing else of an existing workspace is the stack's to change. It comes last: what it names is the stack's for certain.
 */
export function claimWorkspace(
  name: string,
  workspace: Workspace,
  ownership: Ownership,
  opts: pulumi.CustomResourceOptions,
): SavedSearch {
  return new SavedSearch(
    name,
    {
      resourceGroupName: workspace.resourceGroupName,
      workspaceName: workspace.workspaceName,
      savedSearchId: ownershipId,
      category: contentCategory,
      displayName: `The connector's tables and functions belong to the Pulumi stack ${ownership.stack}`,
      query: ownershipQuery(ownership),
      version: 2,
    },
    // Azure answers 409 to a PUT over a saved search, and azure-native sends no etag.
    { ...opts, replaceOnChanges: ["*"], deleteBeforeReplace: true },
  );
}

/** As a query that shows it to whoever runs it. */
export const ownershipQuery = ({ stack, tables }: Ownership): string =>
  `print Stack = ${JSON.stringify(stack)}, Tables = dynamic(${JSON.stringify(tables)})`;

/** Undefined where somebody wrote something else over it. */
export function readOwnership(query: string): Ownership | undefined {
  const [, stack, tables] = /^print Stack = (".*"), Tables = dynamic\((\{.*\})\)$/.exec(query.trim()) ?? [];
  if (!stack || !tables) return undefined;
  return { stack: JSON.parse(stack) as string, tables: JSON.parse(tables) as Record<string, number> };
}
