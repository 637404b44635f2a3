import * as operationalinsights from "@pulumi/azure-native/operationalinsights/index.js";
import * as pulumi from "@pulumi/pulumi";
import { latestFunction, type Stream } from "../kql/catalog.ts";
import type { Streams } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface ContentArgs {
  readonly workspace: Workspace;
  readonly streams: readonly Stream[];
  /** Owner of the tables that the functions read. */
  readonly tables: Streams["tables"];
}

/** What analysts query through: workspace functions. */
export class Content extends pulumi.ComponentResource {
  readonly functions: readonly operationalinsights.SavedSearch[];

  constructor(name: string, args: ContentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Content", name, {}, opts);
    this.functions = args.streams.map((stream) => this.createLatest(name, stream, args));
    this.registerOutputs({});
  }

  /** One row per object, the newest: hides what a crash delivered twice, and versions that were back-filled. */
  private createLatest(
    name: string,
    stream: Stream,
    { workspace, tables }: ContentArgs,
  ): operationalinsights.SavedSearch {
    const latest = latestFunction(stream);
    const table = tables.get(stream.id);
    return new operationalinsights.SavedSearch(
      `${name}-${stream.id}-latest`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        savedSearchId: latest.name,
        category: "SentinelOne and Valence connector",
        displayName: latest.name,
        functionAlias: latest.name,
        query: latest.query,
        version: 2,
      },
      {
        parent: this,
        dependsOn: table ? [table] : [],
        // Azure answers 409 to a PUT over a saved search, and azure-native sends no etag.
        replaceOnChanges: ["*"],
        deleteBeforeReplace: true,
      },
    );
  }
}
