import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { FunctionsHost } from "../functions/host.ts";
import type { FunctionMetadata } from "../functions/worker-messages.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import { sitePlane } from "./site-plane.ts";

/** What an app runs. Source: REST reference, Web Apps - List Functions. */
export const siteFunctionsPlane = (
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  host: Pick<FunctionsHost, "functions">,
) =>
  sitePlane(cloud, authority, {
    method: "GET",
    path: "functions",
    action: "functions/read",
    roles: [builtInRoles.owner, builtInRoles.contributor, builtInRoles.reader, builtInRoles.websiteContributor],
    answer: (site) => Response.json({ value: host.functions(site.name).map((entry) => describe(site, entry)) }),
  });

const describe = (site: DeployedSite, { name, bindings }: FunctionMetadata) => ({
  id: `${site.id}/functions/${name}`,
  name: `${site.name}/${name}`,
  type: "Microsoft.Web/sites/functions",
  properties: { name, isDisabled: false, language: "node", config: { bindings: Object.values(bindings) } },
});
