import { Workbook as AzureWorkbook } from "@pulumi/azure-native/applicationinsights/workbook.js";
import * as pulumi from "@pulumi/pulumi";
import type { Workbook } from "../kql/catalog-workbooks.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import type { Content } from "./content.ts";
import { deterministicGuid } from "./naming.ts";
import { notebook } from "./notebook.ts";
import type { Workspace } from "./workspace.ts";

export interface WorkbooksArgs {
  readonly scope: ConnectorScope;
  readonly workspace: Workspace;
  readonly workbooks: readonly Workbook[];
  /** Shown in each workbook. */
  readonly version: string;
  /** Owner of the functions that the workbooks call. */
  readonly content: Content;
}

/** Workbooks of Microsoft Sentinel: what people look at. */
export class Workbooks extends pulumi.ComponentResource {
  constructor(name: string, args: WorkbooksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Workbooks", name, {}, opts);
    for (const workbook of args.workbooks) this.createWorkbook(name, workbook, args);
    this.registerOutputs({});
  }

  private createWorkbook(
    name: string,
    workbook: Workbook,
    { scope, workspace, version, content }: WorkbooksArgs,
  ): void {
    new AzureWorkbook(
      `${name}-${workbook.id}`,
      {
        // Sentinel lists the workbooks of its workspace's own resource group.
        resourceGroupName: workspace.resourceGroupName,
        location: workspace.location,
        resourceName: deterministicGuid("workbook", scope.stack, workbook.id),
        kind: "shared",
        category: "sentinel",
        displayName: workbook.displayName,
        description: workbook.description,
        // Azure gives it back in lower case.
        sourceId: workspace.resourceId.apply((id) => id.toLowerCase()),
        serializedData: notebook(workbook, version),
        version: "Notebook/1.0",
        tags: scope.tags,
      },
      { parent: this, dependsOn: [...workspace.ready, ...content.functions] },
    );
  }
}
