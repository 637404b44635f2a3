import type { LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import type { RemotePackages } from "./remote-packages.ts";

const triggersOfSite = /^(\/subscriptions\/.+\/sites\/[^/]+)\/syncfunctiontriggers\/?$/i;
/** Roles with the action `Microsoft.Web/sites/syncfunctiontriggers/Action`. */
const writers = [builtInRoles.owner, builtInRoles.contributor, builtInRoles.websiteContributor];

/**
 * `POST https://management.azure.com/<site id>/syncfunctiontriggers`: the app is asked what it listens to, which it can only say once its
 * package is there. Source: REST reference, Web Apps - Sync Function Triggers; azure-pipelines-tasks issue 16942 for the refusal.
 */
export function siteTriggersPlane(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  packages: Pick<RemotePackages, "load">,
): HttpPlane {
  const { resourceManager } = authority.environment;
  return {
    serves: (name, path) => name === resourceManager && triggersOfSite.test(path),
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const [, siteId] = triggersOfSite.exec(pathname) ?? [];
      const site = cloud.deployed.sites().find(({ id }) => id.toLowerCase() === siteId?.toLowerCase());
      const principal = authority.authenticate(request, [`https://${resourceManager}`], cloud);
      if (request.method !== "POST" || !site)
        throw new AzureError(404, "ResourceNotFound", `The local resource manager has nothing at ${pathname}.`);
      if (!searchParams.get("api-version"))
        throw new AzureError(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
      requireRole(cloud, principal, site.id, writers, "Microsoft.Web/sites/syncfunctiontriggers/Action");
      await packages.load(site).catch((error: Error) => {
        const reason = `Encountered an error (ServiceUnavailable) from host runtime: ${error.message}`;
        throw new AzureError(400, "BadRequest", reason);
      });
      return new Response(null, { status: 204 });
    },
  };
}
