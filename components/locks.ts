import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "./network.ts";
import type { Storage } from "./storage.ts";
import type { Streams } from "./streams.ts";

export interface LocksArgs {
  readonly storage: Storage;
  readonly streams: Streams;
  readonly network: Network | undefined;
}

/**
 * Locks against deletion, which hold for everybody, owners included. Only on what cannot be made again, and never above what an `up` has
 * to delete: a lock on the workspace would stop each new version of a function, one on the vault each connection that goes.
 */
export class Locks extends pulumi.ComponentResource {
  constructor(name: string, { storage, streams, network }: LocksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Locks", name, {}, opts);
    // Without its memory the worker would deliver again what is stored.
    this.lock(`${name}-storage`, storage.accountId);
    for (const [stream, table] of streams.tables) this.lock(`${name}-${stream}`, table.id);
    // Consoles' allow-lists have it.
    if (network?.addressId) this.lock(`${name}-address`, network.addressId);
    this.registerOutputs({});
  }

  private lock(name: string, scope: pulumi.Input<string>): ManagementLockByScope {
    return new ManagementLockByScope(
      name,
      {
        scope,
        lockName: "keep",
        level: "CanNotDelete",
        notes: "To delete this, set resourceLocks to false and deploy the stack first.",
      },
      { parent: this },
    );
  }
}
