import { SavedSearch } from "@pulumi/azure-native/operationalinsights/savedSearch.js";
import * as pulumi from "@pulumi/pulumi";
import { sentinelAttack } from "../kql/catalog-attack.ts";
import type { HuntingQuery } from "../kql/catalog-hunting.ts";
import type { Content } from "./content.ts";
import { deterministicGuid } from "./naming.ts";
import type { Workspace } from "./workspace.ts";

export interface HuntingArgs {
  readonly workspace: Workspace;
  readonly queries: readonly HuntingQuery[];
  /** Shown in each query. */
  readonly version: string;
  /** Owner of the functions that the queries call. */
  readonly content: Content;
}

/** Hunting queries of Microsoft Sentinel, which it finds among the workspace's saved searches by their category. */
export class Hunting extends pulumi.ComponentResource {
  constructor(name: string, args: HuntingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Hunting", name, {}, opts);
    for (const query of args.queries) this.createQuery(name, query, args);
    this.registerOutputs({});
  }

  private createQuery(
    name: string,
    { id, displayName, description, attack, query }: HuntingQuery,
    { workspace, version, content }: HuntingArgs,
  ): void {
    const { tactics, techniques, subTechniques } = sentinelAttack(attack);
    const tags = {
      description: `${description} ${id}, content version ${version}.`,
      tactics: tactics.join(","),
      techniques: techniques.join(","),
      subTechniques: subTechniques.join(","),
    };
    new SavedSearch(
      `${name}-${id}`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        savedSearchId: deterministicGuid("hunting", id),
        category: "Hunting Queries",
        displayName,
        query,
        tags: Object.entries(tags)
          .filter(([, value]) => value !== "")
          .map(([name, value]) => ({ name, value })),
        version: 2,
      },
      {
        parent: this,
        dependsOn: [...workspace.ready, ...content.functions],
        // Azure answers 409 to a PUT over a saved search, and azure-native sends no etag.
        replaceOnChanges: ["*"],
        deleteBeforeReplace: true,
      },
    );
  }
}
