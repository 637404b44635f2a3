import type { LocalCloud } from "../../../local/azure/cloud.ts";
import { createAzureProvider } from "../../../local/azure/resource-manager/azure-provider.ts";

const zones = [
  "vaultcore.azure.net",
  "blob.core.windows.net",
  "queue.core.windows.net",
  "table.core.windows.net",
  "azurewebsites.net",
];

/** What exists before a hardened stack does: a network with its private link scope and DNS zones, and a vault with the console's token. */
export async function createHub(cloud: LocalCloud): Promise<void> {
  const provider = createAzureProvider(cloud);
  const place = { resourceGroupName: "rg-hub", location: "westeurope" };
  const create = async (type: string, inputs: Record<string, unknown>) => {
    const token = `azure-native:${type}`;
    const checked = await provider.check({
      type: token,
      name: "hub",
      inputs,
      knownInputs: undefined,
      isPartial: false,
    });
    await provider.create(token, checked.inputs);
  };
  await create("resources:ResourceGroup", place);
  await create("network:VirtualNetwork", {
    ...place,
    virtualNetworkName: "vnet-hub",
    addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    subnets: [
      {
        name: "worker",
        addressPrefix: "10.0.1.0/27",
        delegations: [{ name: "flex", serviceName: "Microsoft.App/environments" }],
      },
      { name: "endpoints", addressPrefix: "10.0.2.0/27" },
    ],
  });
  await create("monitor:PrivateLinkScope", {
    resourceGroupName: "rg-hub",
    location: "Global",
    scopeName: "ampls-hub",
    accessModeSettings: { ingestionAccessMode: "Open", queryAccessMode: "Open" },
  });
  for (const zone of zones) {
    await create("privatedns:PrivateZone", {
      resourceGroupName: "rg-hub",
      location: "Global",
      privateZoneName: `privatelink.${zone}`,
    });
  }
  await create("keyvault:Vault", {
    ...place,
    vaultName: "kv-soc",
    properties: {
      tenantId: cloud.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
    },
  });
  await create("keyvault:Secret", {
    resourceGroupName: "rg-hub",
    vaultName: "kv-soc",
    secretName: "sentinelone-emea",
    properties: { value: "token" },
  });
}
