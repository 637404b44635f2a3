import type { LocalCloud } from "../cloud.ts";
import type { ResourceId } from "./resource-type.ts";

/** Ids are compared without regard to case. */
export const canonical = (id: ResourceId): string => id.toLowerCase().replace(/\/+$/, "");

/** Whether a resource is the scope itself or lies below it. */
export function isWithin(id: ResourceId, scope: ResourceId): boolean {
  return `${canonical(id)}/`.startsWith(`${canonical(scope)}/`);
}

export const resourceGroupId = (cloud: Pick<LocalCloud, "subscriptionId">, name: string): ResourceId =>
  `/subscriptions/${cloud.subscriptionId}/resourceGroups/${name}`;

/** Id of a resource in a group: `idInGroup(cloud, "rg", "Microsoft.KeyVault/vaults/kv")`. */
export const idInGroup = (
  cloud: Pick<LocalCloud, "subscriptionId">,
  resourceGroup: string,
  providerPath: string,
): ResourceId => `${resourceGroupId(cloud, resourceGroup)}/providers/${providerPath}`;

/** The last segment. */
export const nameOf = (id: ResourceId): string => id.slice(id.lastIndexOf("/") + 1);

/** Name of the resource group that an id lies in, if it lies in one. */
export const groupOf = (id: ResourceId): string | undefined => /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];

/** Azure's type of an id, e.g. `Microsoft.KeyVault/vaults/secrets`. */
export function typeOf(id: ResourceId): string {
  const at = id.lastIndexOf("/providers/");
  if (at === -1) return /\/resourceGroups\/[^/]+$/i.test(id) ? "Microsoft.Resources/resourceGroups" : "";
  const [namespace = "", ...segments] = id.slice(at + "/providers/".length).split("/");
  return [namespace, ...segments.filter((_, index) => index % 2 === 0)].join("/");
}

/** What must exist before a resource can: its parent resource, its resource group, or the resource that it extends. */
export function parentOf(id: ResourceId): ResourceId | undefined {
  const at = id.lastIndexOf("/providers/");
  if (at === -1) return undefined;
  const segments = id.slice(at + "/providers/".length).split("/");
  const parent = segments.length <= 3 ? id.slice(0, at) : id.slice(0, id.lastIndexOf("/", id.lastIndexOf("/") - 1));
  // A storage account's services exist with it.
  return parent.replace(/\/(blob|queue|table)Services\/default$/i, "");
}
