import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, madeOnce, outputsBefore, stored } from "../define-type.ts";
import { canonical, idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

type SubnetInputs = {
  name?: string;
  addressPrefix?: string;
  delegations?: { name?: string; serviceName?: string }[];
};
type NetworkInputs = {
  resourceGroupName: string;
  virtualNetworkName: string;
  location: string;
  addressSpace?: { addressPrefixes?: string[] };
  subnets?: SubnetInputs[];
};

/** Naming rules and restrictions for Azure resources, Microsoft.Network: what most of its names look like. */
const networkName = /^[a-z0-9]([\w.-]{0,78}\w)?$/i;
const networkNameAllowed =
  "1 to 80 letters, digits, underscores, dots and hyphens, beginning with a letter or digit, not ending with a dot or hyphen";

export const virtualNetwork = defineType<NetworkInputs>({
  type: "azure-native:network:VirtualNetwork",
  replaceOn: ["resourceGroupName", "virtualNetworkName", "location"],
  autoname: { property: "virtualNetworkName", as: "random" },
  id: ({ resourceGroupName, virtualNetworkName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Network/virtualNetworks/${virtualNetworkName}`),
  check: ({ virtualNetworkName, location, addressSpace }) => [
    ...mustMatch("virtualNetworkName", virtualNetworkName, networkName, networkNameAllowed),
    ...locationRules(location),
    ...failIf(!addressSpace?.addressPrefixes?.length, "addressSpace", "at least one address prefix is required"),
  ],
  put: (id, inputs) =>
    Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "virtualNetworkName"]),
      location: normalLocation(inputs.location),
      subnets: (inputs.subnets ?? []).map((subnet) => ({ ...subnet, id: `${id}/subnets/${subnet.name ?? ""}` })),
      provisioningState: "Succeeded",
    }),
});

/** A subnet of a virtual network that exists, with the network's region. */
export function findSubnet(id: ResourceId, cloud: LocalCloud) {
  const network = stored(id.replace(/\/subnets\/[^/]+$/i, ""), cloud)?.outputs;
  const subnets = (network?.["subnets"] ?? []) as (SubnetInputs & { id: ResourceId })[];
  const found = subnets.find((subnet) => canonical(subnet.id) === canonical(id));
  if (!(network && found)) {
    throw new AzureError(400, "InvalidResourceReference", `Resource ${id} referenced by the request was not found.`);
  }
  const delegations = (found.delegations ?? []).map(({ serviceName }) => serviceName ?? "");
  return { id: found.id, name: nameOf(id), delegations, location: String(network["location"]) };
}

type PublicAddressInputs = {
  resourceGroupName: string;
  publicIpAddressName: string;
  location: string;
  sku?: { name?: string };
  publicIPAllocationMethod?: string;
};

const publicIpAddressType = "azure-native:network:PublicIPAddress";

export const publicIpAddress = defineType<PublicAddressInputs>({
  type: publicIpAddressType,
  replaceOn: ["resourceGroupName", "publicIpAddressName", "location", "sku"],
  autoname: { property: "publicIpAddressName", as: "random" },
  id: ({ resourceGroupName, publicIpAddressName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Network/publicIPAddresses/${publicIpAddressName}`),
  check: ({ publicIpAddressName, location, sku, publicIPAllocationMethod }) => [
    ...mustMatch("publicIpAddressName", publicIpAddressName, networkName, networkNameAllowed),
    ...locationRules(location),
    // Azure docs, ip-services/public-ip-basic-upgrade-guidance: Basic addresses ended in September 2025
    ...mustBeOneOf("sku.name", sku?.name, ["Standard", "StandardV2"]),
    // Azure docs, ip-services/public-ip-addresses: a Standard address is static
    ...mustBeOneOf("publicIPAllocationMethod", publicIPAllocationMethod, ["Static"]),
  ],
  put: (id, inputs, cloud) =>
    Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "publicIpAddressName"]),
      location: normalLocation(inputs.location),
      // From the block that documentation uses (RFC 5737).
      ipAddress: madeOnce(
        outputsBefore(id, cloud),
        "ipAddress",
        () => `203.0.113.${cloud.state.list(publicIpAddressType).length + 1}`,
      ),
      provisioningState: "Succeeded",
    }),
  delete(id, cloud) {
    const used = cloud.state
      .list(natGateway.type)
      .find(({ inputs }) => addressesOf(inputs).some((address) => canonical(address) === canonical(id)));
    if (!used) return Promise.resolve();
    throw new AzureError(
      400,
      "PublicIPAddressCannotBeDeleted",
      `Public IP address ${id} can not be deleted since it is still allocated to resource ${used.id}.`,
    );
  },
});

type NatGatewayInputs = {
  resourceGroupName: string;
  natGatewayName: string;
  location: string;
  sku?: { name?: string };
  publicIpAddresses?: { id?: string }[];
};

const addressesOf = (inputs: Readonly<Record<string, unknown>>): readonly ResourceId[] =>
  ((inputs as NatGatewayInputs).publicIpAddresses ?? []).map(({ id }) => id ?? "");

export const natGateway = defineType<NatGatewayInputs>({
  type: "azure-native:network:NatGateway",
  replaceOn: ["resourceGroupName", "natGatewayName", "location", "sku"],
  autoname: { property: "natGatewayName", as: "random" },
  id: ({ resourceGroupName, natGatewayName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Network/natGateways/${natGatewayName}`),
  check: ({ natGatewayName, location, sku }) => [
    ...mustMatch("natGatewayName", natGatewayName, networkName, networkNameAllowed),
    ...locationRules(location),
    // Azure docs, nat-gateway/nat-sku
    ...mustBeOneOf("sku.name", sku?.name, ["Standard", "StandardV2"]),
  ],
  put(id, inputs, cloud) {
    for (const address of addressesOf(inputs)) {
      const found = cloud.state.get(address);
      if (found?.outputs["location"] !== normalLocation(inputs.location)) {
        throw new AzureError(
          400,
          "InvalidResourceReference",
          `Resource ${address} referenced by resource ${id} was not found in ${inputs.location}.`,
        );
      }
    }
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "natGatewayName"]),
      location: normalLocation(inputs.location),
      provisioningState: "Succeeded",
    });
  },
});
