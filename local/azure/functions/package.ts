import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import { assignedIdentity } from "../identity/assigned-identity.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import { type HostSettings, parseHostJson } from "./host-json.ts";

export interface Package {
  readonly settings: HostSettings;
  /** Of `package.json`, where it has one. */
  readonly version: string | undefined;
}

/** Reads what the host needs of an unpacked package before it starts the worker; throws where Azure's host would find nothing to run. */
export async function readPackage(folder: string): Promise<Package> {
  const read = (file: string) =>
    readFile(join(folder, file), "utf8").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new Error(`The package has no ${file} at its root.`) : error;
    });
  const hostJson = await read("host.json");
  const packageJson = await read("package.json");
  const { main, version } = JSON.parse(packageJson) as { main?: unknown; version?: unknown };
  if (typeof main !== "string") throw new Error('package.json has no "main": the app has no entry.');
  return { settings: parseHostJson(hostJson), version: typeof version === "string" ? version : undefined };
}

/** What an app that runs from a package has to set, and a Flex Consumption app must not. Source: "App settings reference for Azure Functions". */
const outsideFlex = { FUNCTIONS_EXTENSION_VERSION: "~4", FUNCTIONS_WORKER_RUNTIME: "node" };

/** Throws unless the site is one that this host can run as Azure would. */
export function requireRunnable(site: DeployedSite): void {
  const { name, version } = site.runtime;
  if (name !== "node" || version !== "24") {
    throw new Error(`${site.name} asks for runtime ${name} ${version}; the local host has node 24.`);
  }
  if (site.appSettings["WEBSITE_RUN_FROM_PACKAGE"] !== undefined) {
    for (const [setting, needed] of Object.entries(outsideFlex)) {
      if (site.appSettings[setting] !== needed)
        throw new Error(`App setting ${setting} has to be ${needed}: it is ${site.appSettings[setting] ?? "not set"}.`);
    }
  }
  for (const [setting, value] of Object.entries(site.appSettings)) {
    if (value.startsWith("@Microsoft.KeyVault("))
      throw new Error(`App setting ${setting} is a Key Vault reference, which the local host does not resolve.`);
  }
}

/**
 * The host keeps timer locks and keys in the account of `AzureWebJobsStorage`, and does not start without access to it.
 * Source: "App settings reference for Azure Functions", AzureWebJobsStorage; "Connect to host storage with an identity": Storage Blob
 * Data Owner.
 */
export function requireHostStorage(site: DeployedSite, cloud: Pick<LocalCloud, "deployed">): void {
  const setting = (property: string) => site.appSettings[`AzureWebJobsStorage__${property}`];
  const accountName = setting("accountName") ?? /^https:\/\/([^.]+)\.blob\./.exec(setting("blobServiceUri") ?? "")?.[1];
  const clientId = setting("clientId");
  if (!accountName || setting("credential") !== "managedidentity" || !clientId) {
    throw new Error(
      "The host has no storage: set AzureWebJobsStorage__accountName, AzureWebJobsStorage__credential=managedidentity and AzureWebJobsStorage__clientId.",
    );
  }
  const account = cloud.deployed.storageAccount(accountName);
  if (!account) throw new Error(`AzureWebJobsStorage__accountName: there is no storage account ${accountName}.`);
  const principal = assignedIdentity(site, clientId, cloud);
  if (!principal)
    throw new Error(`AzureWebJobsStorage__clientId: no identity ${clientId} is assigned to ${site.name}.`);
  if (!cloud.deployed.reaches(principal, account.id, "blob")) {
    throw new Error(`The host cannot reach its storage: ${accountName} is closed to the network that the app is in.`);
  }
  if (!cloud.deployed.roles(principal.principalId, account.id).includes(builtInRoles.storageBlobDataOwner)) {
    throw new Error(
      `The host cannot use its storage: identity ${clientId} lacks the role Storage Blob Data Owner on ${accountName}.`,
    );
  }
}
