import { SavedSearch } from "@pulumi/azure-native/operationalinsights/savedSearch.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import type { WorkspaceFunction } from "../kql/catalog-functions.ts";
import type { Streams } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface ContentArgs {
  readonly workspace: Workspace;
  readonly functions: readonly WorkspaceFunction[];
  readonly streams: readonly Stream[];
  /** Owner of the tables that the functions read. */
  readonly tables: Streams["tables"];
}

/** What analysts query through: workspace functions. */
export class Content extends pulumi.ComponentResource {
  readonly functions: readonly SavedSearch[];

  constructor(name: string, args: ContentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Content", name, {}, opts);
    this.functions = args.functions.map((workspaceFunction) => this.createFunction(name, workspaceFunction, args));
    this.registerOutputs({});
  }

  private createFunction(
    name: string,
    { id, alias, description, parameters, query }: WorkspaceFunction,
    { workspace, streams, tables }: ContentArgs,
  ): SavedSearch {
    return new SavedSearch(
      `${name}-${id}`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        savedSearchId: alias,
        category: contentCategory,
        displayName: alias,
        functionAlias: alias,
        ...(parameters !== "" && { functionParameters: parameters }),
        query,
        tags: [{ name: "description", value: description }],
        version: 2,
      },
      {
        parent: this,
        dependsOn: streams.filter(({ table }) => query.includes(table)).flatMap(({ id }) => tables.get(id) ?? []),
        // Azure answers 409 to a PUT over a saved search, and azure-native sends no etag.
        replaceOnChanges: ["*"],
        deleteBeforeReplace: true,
      },
    );
  }
}

/** By its category a saved search is known to be the connector's. */
export const contentCategory = "SentinelOne and Valence connector";
