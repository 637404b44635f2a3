import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";

/** Something that the resource manager asks App Service about one app. */
export interface SiteRequest {
  readonly method: "GET" | "POST";
  /** Path below the app's id, e.g. `functions`. */
  readonly path: string;
  /** What it needs, below `Microsoft.Web/sites/`, and the roles that have it. */
  readonly action: string;
  readonly roles: readonly string[];
  readonly answer: (site: DeployedSite) => Response | Promise<Response>;
}

/** `https://management.azure.com/<site id>/<path>`, or what the cloud has for that host. */
export function sitePlane(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  { method, path, action, roles, answer }: SiteRequest,
): HttpPlane {
  const { resourceManager } = authority.environment;
  const ofSite = new RegExp(`^(/subscriptions/.+/sites/[^/]+)/${path}/?$`, "i");
  return {
    serves: (host, pathname) => host === resourceManager && ofSite.test(pathname),
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const [, siteId] = ofSite.exec(pathname) ?? [];
      const site = cloud.deployed.sites().find(({ id }) => id.toLowerCase() === siteId?.toLowerCase());
      const principal = authority.authenticate(request, [`https://${resourceManager}`], cloud);
      if (request.method !== method || !site)
        throw new AzureError(404, "ResourceNotFound", `The local resource manager has nothing at ${pathname}.`);
      if (!searchParams.get("api-version"))
        throw new AzureError(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
      requireRole(cloud, principal, site.id, roles, `Microsoft.Web/sites/${action}`);
      return answer(site);
    },
  };
}
