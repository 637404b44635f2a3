import { randomUUID } from "node:crypto";
import { defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

type ComponentInputs = {
  resourceGroupName: string;
  resourceName: string;
  location: string;
  kind: string;
  applicationType: string;
  workspaceResourceId: string;
  retentionInDays?: number;
};

/** REST reference, Components: retention in days. */
const retentionDays = [30, 60, 90, 120, 180, 270, 365, 550, 730];

export const component = defineType<ComponentInputs>({
  type: "azure-native:applicationinsights:Component",
  replaceOn: ["resourceGroupName", "resourceName", "location"],
  autoname: { property: "resourceName", as: "random" },
  id: ({ resourceGroupName, resourceName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/components/${resourceName}`),
  check: ({ resourceName, location, applicationType, retentionInDays, workspaceResourceId }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Insights
    ...mustMatch(
      "resourceName",
      resourceName,
      /^[^%&\\?/]{0,259}[^%&\\?/. ]$/,
      "1 to 260 characters, none of % & \\ ? /, not ending with a space or period",
    ),
    ...locationRules(location),
    ...mustBeOneOf("applicationType", applicationType, ["web", "other"]),
    ...mustBeOneOf("retentionInDays", retentionInDays, retentionDays),
    // Classic Application Insights was retired: a component needs a workspace
    ...failIf(workspaceResourceId === "", "workspaceResourceId", "a workspace is required"),
  ],
  put(id, inputs, cloud) {
    if (!cloud.state.get(inputs.workspaceResourceId)) {
      throw new AzureError(400, "WorkspaceNotFound", `The workspace '${inputs.workspaceResourceId}' was not found.`);
    }
    const before = outputsBefore(id, cloud);
    const location = normalLocation(inputs.location);
    const instrumentationKey = madeOnce(before, "instrumentationKey", randomUUID);
    const appId = madeOnce(before, "appId", randomUUID);
    return Promise.resolve({
      retentionInDays: 90,
      ...echo(id, inputs, ["resourceGroupName", "resourceName"]),
      location,
      appId,
      applicationId: inputs.resourceName,
      tenantId: cloud.tenantId,
      instrumentationKey,
      connectionString: [
        `InstrumentationKey=${instrumentationKey}`,
        `IngestionEndpoint=https://${location}-1.in.${cloud.environment.insights}/`,
        `LiveEndpoint=https://${location}.livediagnostics.${cloud.environment.monitor}/`,
        `ApplicationId=${appId}`,
      ].join(";"),
      creationDate: madeOnce(before, "creationDate", () => new Date().toISOString()),
      provisioningState: "Succeeded",
    });
  },
});
