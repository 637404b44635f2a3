import { expect } from "vitest";
import { createAzureProvider } from "../../../../local/azure/resource-manager/azure-provider.ts";
import type { Known, Properties } from "../../../../local/azure/resource-manager/provider.ts";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";

export const resourceGroupName = "rg";
export const location = "westeurope";
const place = { resourceGroupName, location };

/** Inputs that Azure takes, by type: each test changes what it is about. */
export const valid = {
  group: { resourceGroupName, location },
  workspace: { ...place, workspaceName: "log-one" },
  table: {
    resourceGroupName,
    workspaceName: "log-one",
    tableName: "Doors_CL",
    schema: {
      name: "Doors_CL",
      columns: [
        { name: "TimeGenerated", type: "dateTime" },
        { name: "Door", type: "string" },
      ],
    },
  },
  savedSearch: {
    resourceGroupName,
    workspaceName: "log-one",
    savedSearchId: "DoorsLatest",
    category: "test",
    displayName: "DoorsLatest",
    functionAlias: "DoorsLatest",
    query: "Doors_CL",
  },
  endpoint: { ...place, dataCollectionEndpointName: "dce-one" },
  vault: {
    ...place,
    vaultName: "kv-one",
    properties: { sku: { family: "A", name: "standard" }, enableRbacAuthorization: true },
  },
  secret: { resourceGroupName, vaultName: "kv-one", secretName: "token", properties: { value: "canary" } },
  account: { ...place, accountName: "stone", kind: "StorageV2", sku: { name: "Standard_LRS" } },
  identity: { ...place, resourceName: "id-one" },
  plan: {
    ...place,
    name: "plan-one",
    kind: "functionapp",
    reserved: true,
    sku: { name: "FC1", tier: "FlexConsumption" },
  },
} as const;

export const types = {
  group: "azure-native:resources:ResourceGroup",
  workspace: "azure-native:operationalinsights:Workspace",
  table: "azure-native:operationalinsights:Table",
  savedSearch: "azure-native:operationalinsights:SavedSearch",
  onboarding: "azure-native:securityinsights:SentinelOnboardingState",
  endpoint: "azure-native:monitor:DataCollectionEndpoint",
  rule: "azure-native:monitor:DataCollectionRule",
  diagnostics: "azure-native:monitor:DiagnosticSetting",
  vault: "azure-native:keyvault:Vault",
  secret: "azure-native:keyvault:Secret",
  account: "azure-native:storage:StorageAccount",
  container: "azure-native:storage:BlobContainer",
  queue: "azure-native:storage:Queue",
  storageTable: "azure-native:storage:Table",
  blobService: "azure-native:storage:BlobServiceProperties",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  role: "azure-native:authorization:RoleAssignment",
  insights: "azure-native:applicationinsights:Component",
  alertRule: "azure-native:securityinsights:ScheduledAlertRule",
  connectorPage: "azure-native:securityinsights:CustomizableConnectorDefinition",
  workbook: "azure-native:applicationinsights:Workbook",
  actionGroup: "azure-native:monitor:ActionGroup",
  metricAlert: "azure-native:monitor:MetricAlert",
  queryRule: "azure-native:monitor:ScheduledQueryRule",
  plan: "azure-native:web:AppServicePlan",
  app: "azure-native:web:WebApp",
  virtualNetwork: "azure-native:network:VirtualNetwork",
  privateEndpoint: "azure-native:network:PrivateEndpoint",
  zoneGroup: "azure-native:network:PrivateDnsZoneGroup",
  privateZone: "azure-native:privatedns:PrivateZone",
  publicAddress: "azure-native:network:PublicIPAddress",
  natGateway: "azure-native:network:NatGateway",
  monitorScope: "azure-native:monitor:PrivateLinkScope",
  monitorScopeMember: "azure-native:monitor:PrivateLinkScopedResource",
  lock: "azure-native:authorization:ManagementLockByScope",
} as const;
type Kind = keyof typeof types;

/** A subscription to create resources in, through azure-native's provider, with the named resources in it already. */
export async function subscription(...kinds: (keyof typeof valid)[]) {
  const cloud: FakeCloud = fakeCloud();
  const provider = createAzureProvider(cloud);

  const create = async (kind: Kind, inputs: object): Promise<Known> => {
    const checked = await provider.check({
      type: types[kind],
      name: kind,
      inputs: inputs as Properties,
      knownInputs: undefined,
      isPartial: false,
    });
    const { id, outputs } = await provider.create(types[kind], checked.inputs);
    return { id, inputs: checked.inputs, outputs };
  };
  const update = async (kind: Kind, known: Known, inputs: object): Promise<Known> => ({
    id: known.id,
    inputs: inputs as Properties,
    outputs: await provider.update(types[kind], known, inputs as Properties),
  });
  const remove = (kind: Kind, known: Known) => provider.delete(types[kind], known);
  /** `valid[kind]` with the tenant that only the cloud knows. */
  const inputsOf = (kind: keyof typeof valid): Properties =>
    kind === "vault"
      ? { ...valid.vault, properties: { ...valid.vault.properties, tenantId: cloud.tenantId } }
      : { ...valid[kind] };

  const known = {} as Record<keyof typeof valid, Known>;
  for (const kind of kinds) known[kind] = await create(kind, inputsOf(kind));
  return { cloud, provider, create, update, remove, inputsOf, known };
}

/** What a refusal looks like to whoever deploys. */
export const refusal = (status: number, code: string, message: string | RegExp) =>
  expect.objectContaining({
    status,
    code,
    message: typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message),
  }) as Error;

/** Inputs of an app that Azure takes on a Flex Consumption plan. */
export const appOn = (serverFarmId: string) => ({
  ...place,
  name: "fn-one",
  kind: "functionapp,linux",
  serverFarmId,
  functionAppConfig: {
    deployment: {
      storage: {
        type: "blobContainer",
        value: "https://stone.blob.core.windows.net/packages",
        authentication: { type: "SystemAssignedIdentity" },
      },
    },
    runtime: { name: "node", version: "24" },
    scaleAndConcurrency: { instanceMemoryMB: 512, maximumInstanceCount: 40 },
  },
});
