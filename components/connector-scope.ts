import type * as pulumi from "@pulumi/pulumi";

/** Services that are reached through private endpoints, by Azure's name of the part of a resource that an endpoint leads to. */
export const privateServices = ["vault", "blob", "queue", "table", "sites"] as const;
export type PrivateService = (typeof privateServices)[number];

/** A network that exists, and what the connector may use of it. Nothing of it is created or changed: others live there, too. */
export interface PrivateNetwork {
  /** Resource id of the subnet that the worker's traffic leaves through; delegated to `Microsoft.App/environments`. */
  readonly workerSubnetId: string;
  /** Resource id of the subnet that private endpoints are put into. */
  readonly endpointSubnetId: string;
  /** Resource id of the Azure Monitor private link scope that the network has an endpoint to. */
  readonly monitorScopeId: string;
  /** Resource ids of the private DNS zones that endpoints are entered in; absent: somebody else enters them. */
  readonly dnsZoneIds?: Readonly<Record<PrivateService, string>> | undefined;
  /** Whether a NAT gateway with an address of its own is made for the worker's subnet. */
  readonly natGateway: boolean;
}

/** What every part of one connector shares: whose it is, where it lies, how it is labelled, who reaches it, whether it outlives the stack. */
export interface ConnectorScope {
  /** Name of the stack; part of every Azure name. */
  readonly stack: string;
  /** Resource group and location, ready to be spread into a resource's arguments. */
  readonly place: { readonly resourceGroupName: pulumi.Output<string>; readonly location: string };
  readonly tags: Readonly<Record<string, string>>;
  /** Random ending of names that are global. */
  readonly suffix: pulumi.Output<string>;
  /** The only network that reaches the connector; absent: whoever has a role, from anywhere. */
  readonly network?: PrivateNetwork | undefined;
  /** Options of what holds data: kept when the stack is destroyed, and not deleted by mistake. */
  readonly keep: { readonly protect: boolean; readonly retainOnDelete: boolean };
}
