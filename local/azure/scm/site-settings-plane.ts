import type { LocalCloud } from "../cloud.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import { sitePlane } from "./site-plane.ts";

/** An app's settings. Source: REST reference, Web Apps - List Application Settings. */
export const siteSettingsPlane = (cloud: Pick<LocalCloud, "deployed">, authority: TokenAuthority) =>
  sitePlane(cloud, authority, {
    method: "POST",
    path: "config/appsettings/list",
    action: "config/list/Action",
    // Reader is none of them, since settings may hold secrets.
    roles: [builtInRoles.owner, builtInRoles.contributor, builtInRoles.websiteContributor],
    answer: ({ id, appSettings }) =>
      Response.json({
        id: `${id}/config/appsettings`,
        name: "appsettings",
        type: "Microsoft.Web/sites/config",
        properties: appSettings,
      }),
  });
