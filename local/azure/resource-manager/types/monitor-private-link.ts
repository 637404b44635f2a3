import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { canonical, idInGroup, typeOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, mustBeOneOf } from "../rules.ts";

type ScopeInputs = {
  resourceGroupName: string;
  scopeName: string;
  location: string;
  accessModeSettings?: { ingestionAccessMode?: string; queryAccessMode?: string };
};

const scopePath = (name: string) => `Microsoft.Insights/privateLinkScopes/${name}`;

export const privateLinkScope = defineType<ScopeInputs>({
  type: "azure-native:monitor:PrivateLinkScope",
  replaceOn: ["resourceGroupName", "scopeName"],
  autoname: { property: "scopeName", as: "random" },
  id: ({ resourceGroupName, scopeName }, cloud) => idInGroup(cloud, resourceGroupName, scopePath(scopeName)),
  check: ({ accessModeSettings }) => [
    // Azure Monitor docs, private-link-design: access modes
    ...mustBeOneOf("accessModeSettings.ingestionAccessMode", accessModeSettings?.ingestionAccessMode, modes),
    ...mustBeOneOf("accessModeSettings.queryAccessMode", accessModeSettings?.queryAccessMode, modes),
  ],
  put: (id, inputs) =>
    Promise.resolve({ ...echo(id, inputs, ["resourceGroupName", "scopeName"]), provisioningState: "Succeeded" }),
});

const modes = ["Open", "PrivateOnly"];

type MemberInputs = { resourceGroupName: string; scopeName: string; name: string; linkedResourceId?: string };

/** Azure Monitor docs, private-link-configure: what a scope can hold. */
const linkable = [
  "microsoft.operationalinsights/workspaces",
  "microsoft.insights/components",
  "microsoft.insights/datacollectionendpoints",
];

/** Azure Monitor docs, private-link-design: limits of one resource and of one scope. */
const mostScopesOfResource = 100;
const mostMembersOfScope = 3000;

export const privateLinkScopedResource = defineType<MemberInputs>({
  type: "azure-native:monitor:PrivateLinkScopedResource",
  replaceOn: ["resourceGroupName", "scopeName", "name", "linkedResourceId"],
  autoname: { property: "name", as: "random" },
  id: ({ resourceGroupName, scopeName, name }, cloud) =>
    idInGroup(cloud, resourceGroupName, `${scopePath(scopeName)}/scopedResources/${name}`),
  check: ({ linkedResourceId }) => [
    ...failIf(
      linkedResourceId !== undefined && !linkable.includes(typeOf(linkedResourceId).toLowerCase()),
      "linkedResourceId",
      `'${linkedResourceId ?? ""}' is no workspace, Application Insights component or data collection endpoint`,
    ),
  ],
  put(id, inputs, cloud) {
    const linked = inputs.linkedResourceId ?? "";
    if (!cloud.state.get(linked)) {
      throw new AzureError(404, "ResourceNotFound", `The linked resource '${linked}' was not found.`);
    }
    const others = cloud.state.list(privateLinkScopedResource.type).filter((other) => other.id !== id);
    const scope = canonical(id).replace(/\/scopedresources\/[^/]+$/, "");
    const members = others.filter((other) => canonical(other.id).startsWith(`${scope}/`));
    if (members.length >= mostMembersOfScope || linkedTo(linked, others).length >= mostScopesOfResource) {
      throw new AzureError(400, "LimitExceeded", `The private link scope or '${linked}' has as many links as it can.`);
    }
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "scopeName"]),
      provisioningState: "Succeeded",
    });
  },
});

const linkedTo = (resource: ResourceId, members: ReturnType<LocalCloud["state"]["list"]>) =>
  members.filter(({ inputs }) => canonical(String(inputs["linkedResourceId"])) === canonical(resource));

/** Azure Monitor docs, private-link-configure: a resource that a scope holds cannot be deleted. */
export function requireUnlinked(id: ResourceId, cloud: LocalCloud): void {
  const [link] = linkedTo(id, cloud.state.list(privateLinkScopedResource.type));
  if (!link) return;
  throw new AzureError(
    409,
    "Conflict",
    `'${id}' is connected to a private link scope. Disconnect it first: delete ${link.id}.`,
  );
}
