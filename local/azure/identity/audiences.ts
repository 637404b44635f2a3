import { AzureError } from "../resource-manager/resource-type.ts";

/** Resources of the public cloud that tokens are issued for. A wrong cloud's audience is a common mistake, and Entra refuses it too. */
const audiences = [
  /^https:\/\/vault\.azure\.net$/,
  /^https:\/\/monitor\.azure\.com$/,
  /^https:\/\/storage\.azure\.com$/,
  /^https:\/\/[a-z0-9]{3,24}\.(blob|queue|table)\.core\.windows\.net$/,
  /^https:\/\/management\.(azure\.com|core\.windows\.net)$/,
  /^https:\/\/api\.loganalytics\.io$/,
];

/** The audience as it was asked for; throws `AzureError` 400 for one that is no resource of this tenant. */
export function knownAudience(resource: string): string {
  if (!audiences.some((audience) => audience.test(resource.replace(/\/+$/, "")))) {
    throw new AzureError(
      400,
      "invalid_resource",
      `AADSTS500011: The resource principal named ${resource} was not found in this tenant.`,
    );
  }
  return resource;
}

/** `https://vault.azure.net/.default` → `https://vault.azure.net`. */
export const audienceOfScope = (scope: string): string => scope.replace(/\/\.default$/, "");
