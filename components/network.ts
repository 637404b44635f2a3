import { PrivateLinkScopedResource } from "@pulumi/azure-native/monitor/privateLinkScopedResource.js";
import { NatGateway as AzureNatGateway } from "@pulumi/azure-native/network/natGateway.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { Provider } from "@pulumi/azure-native/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "./cloud.ts";
import type { ConnectorScope, PrivateNetwork } from "./connector-scope.ts";
import type { Health } from "./health.ts";
import { azureName } from "./naming.ts";
import type { Streams } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface NetworkArgs {
  readonly scope: ConnectorScope;
  readonly cloud: Cloud;
  readonly network: PrivateNetwork;
  readonly streams: Streams;
  readonly health: Health;
  readonly workspace: Workspace;
}

/** A NAT gateway, which the network's owner puts on the worker's subnet. */
export interface NatGateway {
  readonly id: string;
  /** The address that consoles then see. */
  readonly address: string;
}

/** What ties the connector to a private network besides private endpoints: Azure Monitor's scope, and an address to be known by. */
export class Network extends pulumi.ComponentResource {
  readonly natGateway: pulumi.Output<NatGateway> | undefined;
  /** Resource id of the NAT gateway's address. */
  readonly addressId: pulumi.Output<string> | undefined;
  /** What must exist before rows can be delivered from within the network. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Network", name, {}, opts);
    this.ready = this.joinScope(name, args);
    const address = args.network.natGateway ? this.createAddress(name, args) : undefined;
    this.addressId = address?.id;
    this.natGateway = address && this.createGateway(name, address, args);
    this.registerOutputs({});
  }

  private joinScope(
    name: string,
    { scope, cloud, network: { monitorScopeId }, streams, health, workspace }: NetworkArgs,
  ) {
    const { subscriptionId, ...monitorScope } = partsOf(monitorScopeId);
    // azure-native puts things into its own subscription only, and a scope lies where the network's owner keeps it.
    const provider = new Provider(`${name}-provider`, { subscriptionId, environment: cloud }, { parent: this });
    const members = {
      endpoint: streams.endpointId,
      insights: health.insightsId,
      // An existing workspace's network is its owner's.
      ...(workspace.isOwn && { workspace: workspace.resourceId }),
    };
    return Object.entries(members).map(
      ([member, linkedResourceId]) =>
        new PrivateLinkScopedResource(
          `${name}-${member}-ampls`,
          { ...monitorScope, name: azureName("monitorScopeMember", scope.stack, member), linkedResourceId },
          { parent: this, provider },
        ),
    );
  }

  private createAddress(name: string, { scope }: NetworkArgs): PublicIPAddress {
    return new PublicIPAddress(
      `${name}-pip`,
      {
        ...scope.place,
        publicIpAddressName: azureName("publicAddress", scope.stack),
        // A NAT gateway takes no other.
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        publicIPAddressVersion: "IPv4",
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  private createGateway(name: string, address: PublicIPAddress, { scope }: NetworkArgs): pulumi.Output<NatGateway> {
    const gateway = new AzureNatGateway(
      `${name}-ng`,
      {
        ...scope.place,
        natGatewayName: azureName("natGateway", scope.stack),
        sku: { name: "Standard" },
        publicIpAddresses: [{ id: address.id }],
        tags: scope.tags,
      },
      { parent: this },
    );
    return pulumi.output({ id: gateway.id, address: address.ipAddress.apply((ip) => ip ?? "") });
  }
}

const monitorScopePattern =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Insights\/privateLinkScopes\/([^/]+)$/i;

/** Whether the text is the resource id of an Azure Monitor private link scope. */
export function isMonitorScopeId(text: string): boolean {
  return monitorScopePattern.test(text);
}

function partsOf(monitorScopeId: string) {
  const [, subscriptionId, resourceGroupName, scopeName] = monitorScopePattern.exec(monitorScopeId) ?? [];
  if (!(subscriptionId && resourceGroupName && scopeName)) {
    throw new Error(`"${monitorScopeId}" is not the resource id of an Azure Monitor private link scope.`);
  }
  return { subscriptionId, resourceGroupName, scopeName };
}
