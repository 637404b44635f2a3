import type { SavedSearch } from "@pulumi/azure-native/operationalinsights/savedSearch.js";
import type { Table } from "@pulumi/azure-native/operationalinsights/table.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import type { WorkspaceFunction } from "../kql/catalog-functions.ts";
import type { KnownTablesInputs } from "./ask-workspace.ts";
import type { Cloud } from "./cloud.ts";
import { dynamicModule } from "./dynamic-types.ts";
import type { Workspace } from "./workspace.ts";

export interface KnownTablesArgs {
  readonly cloud: Cloud;
  readonly workspace: Workspace;
  readonly tables: readonly Stream[];
  readonly functions: readonly WorkspaceFunction[];
  /** The tables and functions themselves. */
  readonly dependsOn: readonly (Table | SavedSearch)[];
}

/**
 * A wait, not a thing: it is there as soon as the workspace answers queries about these columns and functions. A table that Azure has
 * just taken is unknown to queries for some minutes, a rule that reads it is refused for as long, and azure-native does not ask twice.
 */
export class KnownTables extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    { cloud, workspace, tables, functions, dependsOn }: KnownTablesArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const inputs: pulumi.Inputs & Record<keyof KnownTablesInputs, unknown> = {
      cloud,
      workspaceId: workspace.customerId,
      questions: [
        ...tables.map(({ table, columns }) => `${table} | project ${columns.map((column) => column.name).join(", ")}`),
        ...functions.map(({ alias, parameters }) => (parameters === "" ? alias : `${alias}()`)),
      ].map((question) => `${question} | take 0`),
    };
    super(
      provider,
      name,
      inputs,
      { ...opts, dependsOn: [...workspace.ready, ...dependsOn] },
      dynamicModule,
      "KnownTables",
    );
  }
}

/** As in `code.ts`: the engine keeps the text of these methods, and runs it in the folder `stacks/`. */
const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs: KnownTablesInputs) {
    const { awaitAnswers } = await import("../components/ask-workspace.ts");
    return awaitAnswers(inputs);
  },
  async update(_id, _olds, news: KnownTablesInputs) {
    const { awaitAnswers } = await import("../components/ask-workspace.ts");
    return awaitAnswers(news);
  },
};
