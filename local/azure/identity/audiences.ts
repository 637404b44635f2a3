import type { AzureEnvironment } from "../environments.ts";
import { AzureError } from "../resource-manager/resource-type.ts";

/** The audience as it was asked for; throws `AzureError` 400 for one that is no resource of this tenant, such as another cloud's. */
export function knownAudience(resource: string, environment: AzureEnvironment): string {
  const audience = resource.replace(/\/+$/, "");
  if (resourcesOf(environment).includes(audience) || isStorageService(audience, environment)) return resource;
  throw new AzureError(
    400,
    "invalid_resource",
    `AADSTS500011: The resource principal named ${resource} was not found in this tenant.`,
  );
}

/** Resources that tokens are issued for. */
const resourcesOf = ({ vault, monitor, resourceManager, logs, storage }: AzureEnvironment) =>
  [vault, monitor, "storage.azure.com", resourceManager, `management.${storage}`, ...logs].map(
    (host) => `https://${host}`,
  );

/** `https://<account>.blob.core.windows.net`, and its like. */
function isStorageService(audience: string, { storage }: AzureEnvironment): boolean {
  const [, domain] = /^https:\/\/[a-z0-9]{3,24}\.(?:blob|queue|table)\.(.+)$/.exec(audience) ?? [];
  return domain === storage;
}

/** `https://vault.azure.net/.default` → `https://vault.azure.net`. */
export const audienceOfScope = (scope: string): string => scope.replace(/\/\.default$/, "");
