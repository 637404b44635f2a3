import { isoMicros, isoSeconds } from "../../time.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import type { Product } from "../world/products.ts";
import { cpeOf, type Installation } from "../world/software.ts";
import type { World } from "../world/world.ts";

interface InventoryRow {
  readonly product: Product;
  readonly installations: readonly Installation[];
}

/** Applications that at least one endpoint has: names and counts only. */
export function applicationInventoryFeed(world: World): Feed<InventoryRow> {
  const name = ({ product }: InventoryRow) => product.name;
  const id = ({ product }: InventoryRow) => String(product.index);
  const versions = (row: InventoryRow) => new Set(row.installations.map(({ version }) => version)).size;
  const groups = (row: InventoryRow) => row.installations.map(({ agent }) => agent.slot.group);
  return {
    stream: "application-inventory",
    path: "/application-management/inventory",
    permission: "Applications Page.view",
    times: {},
    // What is there in a scope; the counts stay those of the whole tenant.
    sets: {
      vendors: ({ product }) => product.vendor,
      accountIds: (row) => groups(row).map(({ site }) => site.account.id),
      siteIds: (row) => groups(row).map(({ site }) => site.id),
      groupIds: (row) => groups(row).map((group) => group.id),
    },
    oneScope: true,
    sorts: {
      applicationName: name,
      applicationVendor: ({ product }) => product.vendor,
      applicationVersionsCount: versions,
      endpointsCount: ({ installations }) => installations.length,
      id,
    },
    rows: (now) =>
      [...Map.groupBy(world.software.installations(now), ({ product }) => product)].map(([product, installations]) => ({
        product,
        installations,
      })),
    id,
    key: name,
    render: (row) =>
      JSON.stringify({
        applicationName: row.product.name,
        applicationVendor: row.product.vendor,
        applicationVersionsCount: versions(row),
        endpointsCount: row.installations.length,
        estimate: false,
      }),
  };
}

interface EndpointRow {
  readonly installation: Installation;
  readonly cpe: string | null;
}

/** One application's endpoints: the console answers for no more than one at a time, and names no vendor in the rows. */
export function applicationsFeed(world: World): Feed<EndpointRow> {
  const slot = ({ installation }: EndpointRow) => installation.agent.slot;
  const detected = ({ installation }: EndpointRow) => installation.detectedAt;
  const id = ({ installation }: EndpointRow) => installation.id;
  return {
    stream: "applications",
    path: "/application-management/inventory/endpoints",
    permission: "Applications Page.view",
    times: { detectionDate: { value: detected, operators: COMPARISONS_AND_BETWEEN } },
    required: {
      applicationName: ({ installation }) => installation.product.name,
      applicationVendor: ({ installation }) => installation.product.vendor,
    },
    sets: {
      accountIds: (row) => slot(row).group.site.account.id,
      siteIds: (row) => slot(row).group.site.id,
      groupIds: (row) => slot(row).group.id,
      osTypes: (row) => slot(row).platform.osType,
      versions: ({ installation }) => installation.version,
    },
    oneScope: true,
    sorts: {
      detectionDate: detected,
      endpointName: ({ installation }) => installation.agent.computerName,
      version: ({ installation }) => installation.version,
      siteName: (row) => slot(row).group.site.name,
      id,
    },
    rows: (now) =>
      world.software.installations(now).map((installation) => ({ installation, cpe: cpeOf(installation, now) })),
    id,
    key: (row) => `${id(row)}|${row.cpe ?? ""}`,
    render: ({ installation, cpe }) => {
      const { agent, product } = installation;
      const { group, platform } = agent.slot;
      return JSON.stringify({
        accountName: group.site.account.name,
        applicationInstallationDate: isoSeconds(installation.installedAt),
        applicationInstallationPath: platform.osType === "linux" ? `/opt/${product.index}` : null,
        applicationName: product.name,
        coreCount: platform.cores,
        cpe,
        cpuCount: 1,
        detectionDate: isoMicros(installation.detectedAt),
        endpointId: agent.id,
        endpointName: agent.computerName,
        endpointType: platform.machineType,
        endpointUuid: agent.uuid,
        fileSize: product.index % 3 === 0 ? null : 4000 + product.index * 211,
        groupName: group.name,
        id: installation.id,
        osArch: "64 bit",
        osName: platform.osName,
        osType: platform.osType,
        osVersion: `${platform.osName} ${platform.osRevision}`,
        siteName: group.site.name,
        version: installation.version,
      });
    },
  };
}
