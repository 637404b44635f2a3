import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { canonical, groupOf, idInGroup, nameOf, typeOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, locationRules, mustMatch, normalLocation } from "../rules.ts";
import { findSubnet } from "./network.ts";

type Connection = { name?: string; privateLinkServiceId?: string; groupIds?: string[] };
type EndpointInputs = {
  resourceGroupName: string;
  privateEndpointName: string;
  location: string;
  subnet?: { id?: string };
  privateLinkServiceConnections?: Connection[];
};

/** Azure docs, private-link/private-endpoint-overview, "Private-link resource": the sub-resources of each type. */
const groups: Readonly<Record<string, readonly string[]>> = {
  "microsoft.keyvault/vaults": ["vault"],
  "microsoft.storage/storageaccounts": ["blob", "queue", "table", "file", "web", "dfs"],
  "microsoft.web/sites": ["sites"],
  "microsoft.insights/privatelinkscopes": ["azuremonitor"],
};

const endpointPath = (name: string) => `Microsoft.Network/privateEndpoints/${name}`;

export const privateEndpoint = defineType<EndpointInputs>({
  type: "azure-native:network:PrivateEndpoint",
  replaceOn: ["resourceGroupName", "privateEndpointName", "location", "subnet", "privateLinkServiceConnections"],
  autoname: { property: "privateEndpointName", as: "random" },
  id: ({ resourceGroupName, privateEndpointName }, cloud) =>
    idInGroup(cloud, resourceGroupName, endpointPath(privateEndpointName)),
  check: ({ privateEndpointName, location, subnet, privateLinkServiceConnections: connections }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Network privateEndpoints
    ...mustMatch(
      "privateEndpointName",
      privateEndpointName,
      /^[a-z0-9]([\w.-]{0,62}\w)?$/i,
      "1 to 64 letters, digits, underscores, dots and hyphens, beginning with a letter or digit, not ending with a dot or hyphen",
    ),
    ...locationRules(location),
    ...failIf(!subnet?.id, "subnet.id", "a subnet is required"),
    ...failIf(connections?.length !== 1, "privateLinkServiceConnections", "exactly one connection is required"),
    ...(connections ?? []).flatMap(({ groupIds }) =>
      failIf(
        groupIds?.length !== 1,
        "privateLinkServiceConnections[0].groupIds",
        "exactly one sub-resource is required",
      ),
    ),
  ],
  put(id, inputs, cloud) {
    const [connection = {}] = inputs.privateLinkServiceConnections ?? [];
    requireSubnet(inputs, cloud);
    requireTarget(connection, cloud);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "privateEndpointName"]),
      location: normalLocation(inputs.location),
      networkInterfaces: [
        { id: id.replace(endpointPath(nameOf(id)), `Microsoft.Network/networkInterfaces/${nameOf(id)}.nic`) },
      ],
      privateLinkServiceConnections: [
        { ...connection, privateLinkServiceConnectionState: { status: "Approved", description: "Auto-approved" } },
      ],
      provisioningState: "Succeeded",
    });
  },
});

/** Azure docs, private-link/private-endpoint-overview: in the network's region; a delegated subnet belongs to its service alone. */
function requireSubnet({ subnet, location }: EndpointInputs, cloud: LocalCloud) {
  const found = findSubnet(subnet?.id ?? "", cloud);
  if (found.delegations.length > 0) {
    throw new AzureError(
      400,
      "PrivateEndpointCreationNotAllowedAsSubnetIsDelegated",
      `Private endpoint cannot be created as subnet ${found.id} is delegated.`,
    );
  }
  if (found.location !== normalLocation(location)) {
    throw new AzureError(
      400,
      "InvalidResourceReference",
      `The private endpoint is in ${location}, and its subnet ${found.id} in ${found.location}: they have to be in the same region.`,
    );
  }
}

function requireTarget({ privateLinkServiceId = "", groupIds: [group = ""] = [] }: Connection, cloud: LocalCloud) {
  if (!cloud.state.get(privateLinkServiceId)) {
    throw new AzureError(404, "ResourceNotFound", `The resource '${privateLinkServiceId}' was not found.`);
  }
  const known = groups[typeOf(privateLinkServiceId).toLowerCase()] ?? [];
  if (known.includes(group)) return;
  throw new AzureError(
    400,
    "InvalidPrivateLinkServiceConnectionGroupId",
    `'${group}' is no sub-resource of '${privateLinkServiceId}': allowed are ${known.join(", ") || "none"}.`,
  );
}

type ZoneInputs = { resourceGroupName: string; privateZoneName: string; location: string };

export const privateZone = defineType<ZoneInputs>({
  type: "azure-native:privatedns:PrivateZone",
  replaceOn: ["resourceGroupName", "privateZoneName"],
  autoname: { property: "privateZoneName", as: "copy" },
  id: ({ resourceGroupName, privateZoneName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Network/privateDnsZones/${privateZoneName}`),
  put: (id, inputs) => Promise.resolve(echo(id, inputs, ["resourceGroupName", "privateZoneName"])),
});

type ZoneGroupInputs = {
  resourceGroupName: string;
  privateEndpointName: string;
  privateDnsZoneGroupName: string;
  privateDnsZoneConfigs?: { name?: string; privateDnsZoneId?: string }[];
};

export const privateDnsZoneGroup = defineType<ZoneGroupInputs>({
  type: "azure-native:network:PrivateDnsZoneGroup",
  replaceOn: ["resourceGroupName", "privateEndpointName", "privateDnsZoneGroupName"],
  autoname: { property: "privateDnsZoneGroupName", as: "random" },
  id: ({ resourceGroupName, privateEndpointName, privateDnsZoneGroupName }, cloud) =>
    idInGroup(
      cloud,
      resourceGroupName,
      `${endpointPath(privateEndpointName)}/privateDnsZoneGroups/${privateDnsZoneGroupName}`,
    ),
  put(id, inputs, cloud) {
    for (const { privateDnsZoneId = "" } of inputs.privateDnsZoneConfigs ?? []) {
      if (cloud.state.get(privateDnsZoneId)?.type === privateZone.type) continue;
      throw new AzureError(404, "NotFound", `The private DNS zone '${privateDnsZoneId}' was not found.`);
    }
    requireOnlyGroup(id, inputs, cloud);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "privateEndpointName", "privateDnsZoneGroupName"]),
      provisioningState: "Succeeded",
    });
  },
});

/** Azure docs, private-link/private-endpoint-dns-integration: an endpoint has one group of DNS zones. */
function requireOnlyGroup(id: ResourceId, { privateEndpointName }: ZoneGroupInputs, cloud: LocalCloud) {
  const other = cloud.state
    .list(privateDnsZoneGroup.type)
    .find(
      (group) =>
        canonical(group.id) !== canonical(id) &&
        group.inputs["privateEndpointName"] === privateEndpointName &&
        groupOf(group.id) === groupOf(id),
    );
  if (!other) return;
  throw new AzureError(
    400,
    "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
    `Private endpoint ${privateEndpointName} has the DNS zone group ${nameOf(other.id)} already.`,
  );
}
