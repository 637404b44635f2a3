import type { Deployed, Principal, PrivatePart, ResourceState } from "../cloud.ts";
import { canonical } from "./resource-id.ts";
import type { ResourceId } from "./resource-type.ts";
import { privateLinkScopedResource } from "./types/monitor-private-link.ts";
import { privateEndpoint } from "./types/network-private-endpoint.ts";

/** What is asked: the state, and the apps in it. */
export interface Surroundings {
  readonly state: ResourceState;
  readonly sites: Deployed["sites"];
}

/**
 * Whether the network lets an app's identity reach a resource: one that is open to all, or one that has a private endpoint in the network
 * that the app has joined.
 * Source: Azure docs, private-link/private-endpoint-overview; Azure Monitor docs, private-link-configure.
 */
export function reaches(cloud: Surroundings, { clientId }: Principal, id: ResourceId, part: PrivatePart): boolean {
  if (!isClosed(cloud, id)) return true;
  const networks = networksOf(cloud, clientId);
  if (part === "azuremonitor") {
    const members = cloud.state.list(privateLinkScopedResource.type);
    return networks.length > 0 && members.some(({ inputs }) => sameId(inputs["linkedResourceId"], id));
  }
  return cloud.state.list(privateEndpoint.type).some(({ inputs }) => {
    const { subnet, privateLinkServiceConnections: connections } = inputs as EndpointInputs;
    const leadsThere = connections.some(
      ({ privateLinkServiceId, groupIds }) => sameId(privateLinkServiceId, id) && groupIds.includes(part),
    );
    return leadsThere && networks.includes(networkOf(subnet.id));
  });
}

type EndpointInputs = {
  readonly subnet: { readonly id: ResourceId };
  readonly privateLinkServiceConnections: readonly {
    readonly privateLinkServiceId: ResourceId;
    readonly groupIds: readonly string[];
  }[];
};

/** Vaults say it among their properties, endpoints among their rules, and all others directly. */
function isClosed({ state }: Surroundings, id: ResourceId): boolean {
  const outputs = state.get(id)?.outputs ?? {};
  const places = [outputs, outputs["properties"], outputs["networkAcls"]] as readonly (
    | { readonly publicNetworkAccess?: string }
    | undefined
  )[];
  return places.some((place) => place?.publicNetworkAccess === "Disabled");
}

/** Networks that the apps have joined which act as an identity. */
function networksOf({ state, sites }: Surroundings, clientId: string): readonly string[] {
  return sites()
    .filter(({ identities }) => identities.includes(clientId))
    .flatMap(({ id }) => {
      const subnet = state.get(id)?.inputs["virtualNetworkSubnetId"];
      return typeof subnet === "string" ? [networkOf(subnet)] : [];
    });
}

const networkOf = (subnet: ResourceId) => canonical(subnet).replace(/\/subnets\/[^/]+$/, "");
const sameId = (one: unknown, other: ResourceId) => typeof one === "string" && canonical(one) === canonical(other);
