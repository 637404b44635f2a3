import type { AnyResourceType } from "./define-type.ts";
import { component } from "./types/applicationinsights.ts";
import { roleAssignment } from "./types/authorization.ts";
import { managementLock } from "./types/authorization-lock.ts";
import { connectorDefinition } from "./types/connector-definition.ts";
import { secret, vault } from "./types/keyvault.ts";
import { userAssignedIdentity } from "./types/managedidentity.ts";
import { actionGroup, metricAlert, scheduledQueryRule } from "./types/monitor-alerts.ts";
import { diagnosticSetting } from "./types/monitor-diagnostics.ts";
import { dataCollectionEndpoint } from "./types/monitor-endpoint.ts";
import { privateLinkScope, privateLinkScopedResource } from "./types/monitor-private-link.ts";
import { dataCollectionRule } from "./types/monitor-rule.ts";
import { natGateway, publicIpAddress, virtualNetwork } from "./types/network.ts";
import { privateDnsZoneGroup, privateEndpoint, privateZone } from "./types/network-private-endpoint.ts";
import { savedSearch, workspace } from "./types/operationalinsights.ts";
import { table } from "./types/operationalinsights-table.ts";
import { resourceGroup } from "./types/resources.ts";
import { scheduledAlertRule, sentinelOnboardingState } from "./types/securityinsights.ts";
import {
  blobContainer,
  blobServiceProperties,
  queue,
  queueServiceProperties,
  storageAccount,
  storageTable,
  tableServiceProperties,
} from "./types/storage.ts";
import { appServicePlan, webApp } from "./types/web.ts";
import { workbook } from "./types/workbook.ts";

/** Every Azure type that the local Azure knows; a type comes after those that its resources depend on. */
export const azureTypes: readonly AnyResourceType[] = [
  resourceGroup,
  virtualNetwork,
  privateZone,
  publicIpAddress,
  natGateway,
  workspace,
  table,
  savedSearch,
  sentinelOnboardingState,
  dataCollectionEndpoint,
  dataCollectionRule,
  diagnosticSetting,
  vault,
  secret,
  storageAccount,
  blobContainer,
  queue,
  storageTable,
  blobServiceProperties,
  queueServiceProperties,
  tableServiceProperties,
  userAssignedIdentity,
  roleAssignment,
  component,
  appServicePlan,
  webApp,
  scheduledAlertRule,
  workbook,
  connectorDefinition,
  actionGroup,
  metricAlert,
  scheduledQueryRule,
  privateEndpoint,
  privateDnsZoneGroup,
  privateLinkScope,
  privateLinkScopedResource,
  managementLock,
];

const byType = new Map(azureTypes.map((type) => [type.type, type]));

/** The handler of a type; an unknown type is an error that names it. */
export function resourceType(type: string): AnyResourceType {
  const handler = byType.get(type);
  if (handler) return handler;
  throw new Error(
    `The local Azure does not know the type ${type}. Add a handler below local/azure/resource-manager/types/ and list it in registry.ts.`,
  );
}
