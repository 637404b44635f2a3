import * as monitor from "@pulumi/azure-native/monitor/index.js";
import * as operationalinsights from "@pulumi/azure-native/operationalinsights/index.js";
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";

/** A workspace with a table, a function over it, and many resources that depend on the table. */
const config = new pulumi.Config();
const group = new resources.ResourceGroup("group", {
  resourceGroupName: config.get("group") ?? "rg-logs",
  location: "westeurope",
});
const place = { resourceGroupName: group.name };
const workspace = new operationalinsights.Workspace("workspace", { ...place, workspaceName: "log-test" });
const inWorkspace = { ...place, workspaceName: workspace.name };
const table = new operationalinsights.Table("table", {
  ...inWorkspace,
  tableName: "Doors_CL",
  schema: {
    name: "Doors_CL",
    columns: [
      { name: "TimeGenerated", type: "dateTime" },
      { name: "Door", type: config.get("columnType") ?? "string" },
    ],
  },
});
const latest = new operationalinsights.SavedSearch(
  "latest",
  {
    ...inWorkspace,
    savedSearchId: "DoorsLatest",
    category: "test",
    displayName: "DoorsLatest",
    functionAlias: "DoorsLatest",
    query: config.get("query") ?? "Doors_CL",
  },
  { dependsOn: table, replaceOnChanges: ["*"], deleteBeforeReplace: config.getBoolean("deleteFirst") ?? true },
);
const endpoints = Array.from(
  { length: 20 },
  (_, index) =>
    new monitor.DataCollectionEndpoint(
      `endpoint-${index}`,
      {
        ...place,
        dataCollectionEndpointName: pulumi.interpolate`dce-${index}-${table.name.apply((name) => name.length)}`,
      },
      { dependsOn: table },
    ),
);

export const customerId = workspace.customerId;
export const functionId = latest.id;
export const hosts = endpoints.map(({ logsIngestion }) => logsIngestion.apply((api) => api?.endpoint));
