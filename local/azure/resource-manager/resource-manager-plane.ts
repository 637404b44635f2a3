import type { LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { azureTypes } from "./registry.ts";
import { resourceDocument } from "./resource-document.ts";
import { canonical, nameOf, parentOf, typeOf } from "./resource-id.ts";
import { AzureError, type ResourceId } from "./resource-type.ts";
import { builtInRoles } from "./roles.ts";
import { changeSavedSearch, isSavedSearch } from "./saved-search-requests.ts";

/** Roles with the action `* /read`, or `*`. Source: Azure built-in roles. */
const readers = [
  builtInRoles.owner,
  builtInRoles.contributor,
  builtInRoles.reader,
  builtInRoles.monitoringReader,
  builtInRoles.monitoringContributor,
  builtInRoles.logAnalyticsReader,
  builtInRoles.logAnalyticsContributor,
];

/**
 * `https://management.azure.com`, as far as it tells what is deployed: one resource by its id, or the resources of one collection. Only
 * saved searches are changed through it.
 * Source: REST reference, Resources - Get By Id; "Azure Resource Manager resource IDs".
 */
export function resourceManagerPlane(cloud: LocalCloud, authority: TokenAuthority): HttpPlane {
  return {
    serves: (host) => host === authority.environment.resourceManager,
    fetch(request) {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname).replace(/\/+$/, "");
      const principal = authority.authenticate(request, [`https://${authority.environment.resourceManager}`], cloud);
      if (!url.searchParams.get("api-version"))
        throw new AzureError(
          400,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.",
        );
      if (isSavedSearch(path) && request.method !== "GET") return changeSavedSearch(cloud, principal, request, path);
      if (request.method !== "GET")
        throw new AzureError(
          405,
          "MethodNotAllowed",
          `The local resource manager does not serve ${request.method} ${path}.`,
        );
      const collection = collectionOf(path);
      requireRole(cloud, principal, collection?.parent ?? path, readers, `${collection?.type ?? typeOf(path)}/read`);
      requireGroup(cloud, path);
      if (!collection) return Promise.resolve(Response.json(one(cloud, path)));
      one(cloud, collection.parent);
      return Promise.resolve(Response.json({ value: all(cloud, collection) }));
    },
  };
}

interface Collection {
  readonly parent: ResourceId;
  /** `Microsoft.OperationalInsights/workspaces/savedSearches`. */
  readonly type: string;
}

/** A path that ends with a type and not with a name. */
function collectionOf(path: string): Collection | undefined {
  const at = path.lastIndexOf("/providers/");
  if (at === -1 || path.slice(at + "/providers/".length).split("/").length % 2 === 1) return undefined;
  const member = `${path}/-`;
  return { parent: parentOf(member) ?? path, type: typeOf(member) };
}

function one(cloud: Pick<LocalCloud, "state">, id: ResourceId) {
  const found = cloud.state.get(id);
  // What is deleted and can be recovered lies in the state too, and no GET shows it.
  if (found && azureTypes.some(({ type }) => type === found.type)) return resourceDocument(found);
  throw new AzureError(404, "ResourceNotFound", `The Resource '${typeOf(id)}/${nameOf(id)}' was not found.`);
}

function all(cloud: Pick<LocalCloud, "state">, { parent, type }: Collection) {
  return azureTypes
    .flatMap(({ type: token }) => cloud.state.list(token))
    .filter(
      ({ id }) => canonical(typeOf(id)) === canonical(type) && canonical(parentOf(id) ?? "") === canonical(parent),
    )
    .map(resourceDocument);
}

function requireGroup(cloud: Pick<LocalCloud, "state">, path: string) {
  const [group] = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(path) ?? [];
  if (group === undefined || cloud.state.get(group)) return;
  throw new AzureError(404, "ResourceGroupNotFound", `Resource group '${nameOf(group)}' could not be found.`);
}
