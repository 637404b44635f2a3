/**
 * One of Microsoft's clouds, by the names under which its services are reached. Tokens are for the same names, but those of storage, which
 * are for `https://storage.azure.com` everywhere.
 * Source: Azure Government docs, "Compare Azure Government and global Azure", Guidance for developers; `az cloud show`.
 */
export interface AzureEnvironment {
  /** As azure-native calls it (`azure-native:environment`). */
  readonly name: "public" | "usgovernment";
  /** The regions that the local Azure knows of it. */
  readonly regions: readonly string[];
  /** Host of Microsoft Entra. */
  readonly entra: string;
  /** Host of Azure Resource Manager. */
  readonly resourceManager: string;
  /** Hosts of the query API. */
  readonly logs: readonly string[];
  /** Ends the hosts of Azure Monitor's endpoints. */
  readonly monitor: string;
  /** Ends the hosts that Application Insights is sent to. */
  readonly insights: string;
  /** Ends the hosts of key vaults. */
  readonly vault: string;
  /** Ends the hosts of storage accounts, behind the service's name. */
  readonly storage: string;
  /** Ends the hosts of apps. */
  readonly sites: string;
  /** What App Service has there: its newest API, and whether it offers the Flex Consumption plan. */
  readonly web: { readonly newestApi: string; readonly flex: boolean };
}

/** Source: Azure regions list, learn.microsoft.com/azure/reliability/regions-list. */
const publicRegions = [
  ["australiaeast", "brazilsouth", "canadacentral", "centralindia", "centralus", "eastasia", "eastus", "eastus2"],
  ["francecentral", "germanywestcentral", "italynorth", "japaneast", "koreacentral", "northcentralus", "northeurope"],
  ["norwayeast", "southafricanorth", "southcentralus", "southeastasia", "southindia", "spaincentral", "swedencentral"],
  ["switzerlandnorth", "uaenorth", "uksouth", "ukwest", "westcentralus", "westeurope", "westus", "westus2", "westus3"],
].flat();

export const azureEnvironments: Readonly<Record<AzureEnvironment["name"], AzureEnvironment>> = {
  public: {
    name: "public",
    regions: publicRegions,
    entra: "login.microsoftonline.com",
    resourceManager: "management.azure.com",
    logs: ["api.loganalytics.io", "api.loganalytics.azure.com"],
    monitor: "monitor.azure.com",
    insights: "applicationinsights.azure.com",
    vault: "vault.azure.net",
    storage: "core.windows.net",
    sites: "azurewebsites.net",
    web: { newestApi: "2025-05-01", flex: true },
  },
  usgovernment: {
    name: "usgovernment",
    regions: ["usgovvirginia", "usgovarizona", "usgovtexas"],
    entra: "login.microsoftonline.us",
    resourceManager: "management.usgovcloudapi.net",
    logs: ["api.loganalytics.us"],
    monitor: "monitor.azure.us",
    insights: "applicationinsights.azure.us",
    vault: "vault.usgovcloudapi.net",
    storage: "core.usgovcloudapi.net",
    sites: "azurewebsites.us",
    // azure-cli issue 31943; Microsoft's azure-skills, consumption-to-flex
    web: { newestApi: "2024-04-01", flex: false },
  },
};
