import type * as pulumi from "@pulumi/pulumi";

/** What every part of one connector shares: whose it is, where it lies, how it is labelled, whether it outlives the stack. */
export interface ConnectorScope {
  /** Name of the stack; part of every Azure name. */
  readonly stack: string;
  /** Resource group and location, ready to be spread into a resource's arguments. */
  readonly place: { readonly resourceGroupName: pulumi.Output<string>; readonly location: string };
  readonly tags: Readonly<Record<string, string>>;
  /** Random ending of names that are global. */
  readonly suffix: pulumi.Output<string>;
  /** Options of what holds data: kept when the stack is destroyed, and not deleted by mistake. */
  readonly keep: { readonly protect: boolean; readonly retainOnDelete: boolean };
}
