import type { LocalCloud, Principal } from "../cloud.ts";
import { requireRole } from "../identity/tokens.ts";
import type { Properties } from "./provider.ts";
import { resourceDocument } from "./resource-document.ts";
import { canonical, groupOf, nameOf, parentOf, typeOf } from "./resource-id.ts";
import { AzureError, type ResourceId } from "./resource-type.ts";
import { builtInRoles } from "./roles.ts";
import { refuse } from "./rules.ts";
import { savedSearch } from "./types/operationalinsights.ts";

/** Roles with the action `Microsoft.OperationalInsights/workspaces/savedSearches/write`. Source: Azure built-in roles. */
const writers = [
  builtInRoles.owner,
  builtInRoles.contributor,
  builtInRoles.logAnalyticsContributor,
  builtInRoles.sentinelContributor,
];

export const isSavedSearch = (id: ResourceId): boolean =>
  canonical(typeOf(id)) === "microsoft.operationalinsights/workspaces/savedsearches";

/** `PUT` and `DELETE` of a saved search. Source: REST reference, Saved Searches - Create Or Update, Delete. */
export async function changeSavedSearch(
  cloud: LocalCloud,
  principal: Principal,
  request: Request,
  id: ResourceId,
): Promise<Response> {
  requireRole(cloud, principal, id, writers, `${typeOf(id)}/write`);
  const workspace = parentOf(id) ?? id;
  if (!cloud.state.get(workspace)) {
    throw new AzureError(404, "ParentResourceNotFound", `The parent resource '${workspace}' could not be found.`);
  }
  if (request.method === "DELETE") {
    cloud.state.delete(id);
    return new Response(null, { status: 200 });
  }
  if (request.method !== "PUT") {
    throw new AzureError(405, "MethodNotAllowed", `Saved searches are not changed by ${request.method}.`);
  }
  const { properties } = (await request.json()) as { readonly properties?: Properties };
  const inputs = {
    ...properties,
    resourceGroupName: groupOf(id),
    workspaceName: nameOf(workspace),
    savedSearchId: nameOf(id),
  };
  refuse("BadRequest", savedSearch.check?.(inputs) ?? []);
  const outputs = await savedSearch.put(id, inputs, cloud);
  const made = { id, type: savedSearch.type, inputs, outputs };
  cloud.state.set(made);
  return Response.json(resourceDocument(made));
}
