import { randomUUID } from "node:crypto";
import { defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

export const workspacePath = (name: string) => `Microsoft.OperationalInsights/workspaces/${name}`;

type WorkspaceInputs = {
  resourceGroupName: string;
  workspaceName: string;
  location: string;
  sku?: { name: string };
  retentionInDays?: number;
  features?: Record<string, unknown>;
  workspaceCapping?: { dailyQuotaGb?: number };
};

export const workspace = defineType<WorkspaceInputs>({
  type: "azure-native:operationalinsights:Workspace",
  replaceOn: ["resourceGroupName", "workspaceName", "location"],
  autoname: { property: "workspaceName", as: "random" },
  id: ({ resourceGroupName, workspaceName }, cloud) =>
    idInGroup(cloud, resourceGroupName, workspacePath(workspaceName)),
  check: ({ workspaceName, location, sku, retentionInDays, workspaceCapping }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.OperationalInsights
    ...mustMatch(
      "workspaceName",
      workspaceName,
      /^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/i,
      "4 to 63 letters, digits and hyphens, a letter or digit at both ends",
    ),
    ...locationRules(location),
    ...mustBeOneOf("sku.name", sku?.name, ["PerGB2018", "CapacityReservation", "LACluster", "Free", "PerNode"]),
    // Azure Monitor docs, data-retention-configure: 30 to 730 days for pay-as-you-go
    ...failIf(
      retentionInDays !== undefined && (retentionInDays < 30 || retentionInDays > 730),
      "retentionInDays",
      `${retentionInDays} is not valid: 30 to 730 days`,
    ),
    // Azure Monitor docs, daily-cap, and the REST reference: the least cap is 0.023 GB, -1 is none
    ...failIf(
      !isCap(workspaceCapping?.dailyQuotaGb),
      "workspaceCapping.dailyQuotaGb",
      `${workspaceCapping?.dailyQuotaGb} is not valid: at least 0.023 GB, or -1 for no cap`,
    ),
  ],
  put(id, inputs, cloud) {
    // Azure Monitor docs, delete-workspace: a workspace of the name of a deleted one is that one, with its data
    const deleted = cloud.state.get(deletedWorkspaceId(id));
    const before = { ...deleted?.outputs, ...outputsBefore(id, cloud) };
    if (deleted) cloud.state.delete(deleted.id);
    const now = new Date().toISOString();
    return Promise.resolve({
      retentionInDays: 30,
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      ...echo(id, inputs, ["resourceGroupName", "workspaceName"]),
      location: normalLocation(inputs.location),
      sku: { lastSkuUpdate: now, ...(inputs.sku ?? { name: "PerGB2018" }) },
      features: { enableLogAccessUsingOnlyResourcePermissions: true, ...inputs.features },
      workspaceCapping: {
        dataIngestionStatus: "RespectQuota",
        quotaNextResetTime: now,
        dailyQuotaGb: inputs.workspaceCapping?.dailyQuotaGb ?? -1,
      },
      customerId: madeOnce(before, "customerId", randomUUID),
      createdDate: madeOnce(before, "createdDate", () => now),
      modifiedDate: now,
      provisioningState: "Succeeded",
    });
  },
  delete(id, cloud) {
    const deleted = cloud.state.get(id);
    if (deleted)
      cloud.state.set({ ...deleted, id: deletedWorkspaceId(id), type: "deleted:operationalinsights:Workspace" });
    return Promise.resolve();
  },
});

const isCap = (gb: number | undefined) => gb === undefined || gb === -1 || gb >= 0.023;

const deletedWorkspaceId = (id: ResourceId): ResourceId =>
  id.replace(/\/workspaces\/([^/]+)$/i, "/deletedWorkspaces/$1");

type SavedSearchInputs = {
  resourceGroupName: string;
  workspaceName: string;
  savedSearchId: string;
  category: string;
  displayName: string;
  query: string;
  functionAlias?: string;
  functionParameters?: string;
  version?: number;
};

export const savedSearch = defineType<SavedSearchInputs>({
  type: "azure-native:operationalinsights:SavedSearch",
  replaceOn: ["resourceGroupName", "workspaceName", "savedSearchId"],
  autoname: { property: "savedSearchId", as: "copy" },
  id: ({ resourceGroupName, workspaceName, savedSearchId }, cloud) =>
    idInGroup(cloud, resourceGroupName, `${workspacePath(workspaceName)}/savedSearches/${savedSearchId}`),
  check: ({ category, displayName, query, functionAlias, version }) => [
    ...failIf(category === "", "category", "a category is required"),
    ...failIf(displayName === "", "displayName", "a display name is required"),
    ...failIf(query?.trim() === "", "query", "a query is required"),
    ...mustMatch("functionAlias", functionAlias, /^[a-z_]\w*$/i, "letters, digits and underscores"),
    ...mustBeOneOf("version", version, [1, 2]),
  ],
  put(id, inputs, cloud) {
    // azure-native sends no etag, and without one the service refuses a PUT over what exists (azure-docs 49275)
    if (cloud.state.get(id)) {
      throw new AzureError(409, "Conflict", `The saved search ${nameOf(id)} already exists, and no etag was given.`);
    }
    return Promise.resolve({
      version: 2,
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "savedSearchId"]),
      etag: `W/"datetime'${encodeURIComponent(new Date().toISOString())}'"`,
    });
  },
});
