import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { FunctionsHost } from "../functions/host.ts";
import type { FunctionMetadata } from "../functions/worker-messages.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";

const functionsOfSite = /^(\/subscriptions\/.+\/sites\/[^/]+)\/functions\/?$/i;
const readers = [builtInRoles.owner, builtInRoles.contributor, builtInRoles.reader, builtInRoles.websiteContributor];

/** `GET https://management.azure.com/<site id>/functions`: what an app runs. Source: REST reference, Web Apps - List Functions. */
export function siteFunctionsPlane(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  host: Pick<FunctionsHost, "functions">,
): HttpPlane {
  return {
    serves: (name, path) => name === authority.environment.resourceManager && functionsOfSite.test(path),
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const [, siteId] = functionsOfSite.exec(pathname) ?? [];
      const site = cloud.deployed.sites().find(({ id }) => id.toLowerCase() === siteId?.toLowerCase());
      const principal = authority.authenticate(request, [`https://${authority.environment.resourceManager}`], cloud);
      if (request.method !== "GET" || !site)
        throw new AzureError(404, "ResourceNotFound", `The local resource manager has nothing at ${pathname}.`);
      if (!searchParams.get("api-version"))
        throw new AzureError(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
      requireRole(cloud, principal, site.id, readers, "Microsoft.Web/sites/functions/read");
      return Promise.resolve(Response.json({ value: host.functions(site.name).map((entry) => describe(site, entry)) }));
    },
  };
}

const describe = (site: DeployedSite, { name, bindings }: FunctionMetadata) => ({
  id: `${site.id}/functions/${name}`,
  name: `${site.name}/${name}`,
  type: "Microsoft.Web/sites/functions",
  properties: { name, isDisabled: false, language: "node", config: { bindings: Object.values(bindings) } },
});
