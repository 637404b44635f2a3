import type { LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";

const settingsOfSite = /^(\/subscriptions\/.+\/sites\/[^/]+)\/config\/appsettings\/list\/?$/i;
/** Roles with the action `Microsoft.Web/sites/config/list/Action`: Reader is none of them, since settings may hold secrets. */
const readers = [builtInRoles.owner, builtInRoles.contributor, builtInRoles.websiteContributor];

/** `POST https://management.azure.com/<site id>/config/appsettings/list`. Source: REST reference, Web Apps - List Application Settings. */
export function siteSettingsPlane(cloud: Pick<LocalCloud, "deployed" | "state">, authority: TokenAuthority): HttpPlane {
  return {
    serves: (name, path) => name === authority.environment.resourceManager && settingsOfSite.test(path),
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const [, siteId = ""] = settingsOfSite.exec(pathname) ?? [];
      const site = cloud.state.get(siteId);
      const principal = authority.authenticate(request, [`https://${authority.environment.resourceManager}`], cloud);
      if (request.method !== "POST" || !site)
        throw new AzureError(404, "ResourceNotFound", `The local resource manager has nothing at ${pathname}.`);
      if (!searchParams.get("api-version"))
        throw new AzureError(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
      requireRole(cloud, principal, site.id, readers, "Microsoft.Web/sites/config/list/Action");
      const { appSettings = [] } = (site.inputs["siteConfig"] ?? {}) as {
        readonly appSettings?: readonly { readonly name: string; readonly value: string }[];
      };
      return Promise.resolve(
        Response.json({
          id: `${site.id}/config/appsettings`,
          name: "appsettings",
          type: "Microsoft.Web/sites/config",
          properties: Object.fromEntries(appSettings.map(({ name, value }) => [name, value])),
        }),
      );
    },
  };
}
