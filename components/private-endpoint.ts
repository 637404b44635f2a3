import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup.js";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope, PrivateService } from "./connector-scope.ts";
import { azureName } from "./naming.ts";

export interface PrivateTarget {
  readonly service: PrivateService;
  /** Resource id of what is reached. */
  readonly targetId: pulumi.Input<string>;
  readonly scope: ConnectorScope;
}

/** Lets a private network reach one service of a resource. Returns what must exist before it does; nothing where there is no such network. */
export function connectPrivately(
  name: string,
  { service, targetId, scope }: PrivateTarget,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  const { network: own, place, stack, tags } = scope;
  if (!own) return [];
  const endpoint = new PrivateEndpoint(
    `${name}-${service}-pep`,
    {
      ...place,
      privateEndpointName: azureName("privateEndpoint", stack, service),
      subnet: { id: own.endpointSubnetId },
      privateLinkServiceConnections: [{ name: service, privateLinkServiceId: targetId, groupIds: [service] }],
      tags,
    },
    opts,
  );
  if (!own.dnsZoneIds) return [endpoint];
  const entry = new PrivateDnsZoneGroup(
    `${name}-${service}-dns`,
    {
      resourceGroupName: place.resourceGroupName,
      privateEndpointName: endpoint.name,
      privateDnsZoneGroupName: "default",
      privateDnsZoneConfigs: [{ name: service, privateDnsZoneId: own.dnsZoneIds[service] }],
    },
    opts,
  );
  return [endpoint, entry];
}
