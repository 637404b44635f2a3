import * as operationalinsights from "@pulumi/azure-native/operationalinsights/index.js";
import * as pulumi from "@pulumi/pulumi";

/** Somebody else's workspace, read; its table, imported. */
const config = new pulumi.Config();
const workspaceId = config.require("workspaceId");
const workspace = operationalinsights.Workspace.get("workspace", workspaceId);
const table = new operationalinsights.Table(
  "table",
  {
    resourceGroupName: "rg-logs",
    workspaceName: workspace.name,
    tableName: "Doors_CL",
    schema: {
      name: "Doors_CL",
      columns: [
        { name: "TimeGenerated", type: "dateTime" },
        { name: config.get("column") ?? "Door", type: "string" },
      ],
    },
  },
  {
    import: `${workspaceId}/tables/Doors_CL`,
    replaceOnChanges: config.getObject<string[]>("replaceOnChanges") ?? [],
  },
);

export const customerId = workspace.customerId;
export const retentionInDays = operationalinsights
  .getWorkspaceOutput({ resourceGroupName: "rg-logs", workspaceName: workspace.name })
  .apply((found) => found.retentionInDays);
export const tableId = table.id;
