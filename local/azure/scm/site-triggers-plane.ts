import type { LocalCloud } from "../cloud.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import type { RemotePackages } from "./remote-packages.ts";
import { sitePlane } from "./site-plane.ts";

/**
 * Has an app asked what it listens to, which it can only say once its package is there. Source: REST reference, Web Apps - Sync Function
 * Triggers; azure-pipelines-tasks issue 16942 for the refusal.
 */
export const siteTriggersPlane = (
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  packages: Pick<RemotePackages, "load">,
) =>
  sitePlane(cloud, authority, {
    method: "POST",
    path: "syncfunctiontriggers",
    action: "syncfunctiontriggers/Action",
    roles: [builtInRoles.owner, builtInRoles.contributor, builtInRoles.websiteContributor],
    async answer(site) {
      await packages.load(site).catch((error: Error) => {
        const reason = `Encountered an error (ServiceUnavailable) from host runtime: ${error.message}`;
        throw new AzureError(400, "BadRequest", reason);
      });
      return new Response(null, { status: 204 });
    },
  });
