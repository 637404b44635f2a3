import * as pulumi from "@pulumi/pulumi";
import { assignRole, type PrincipalType } from "./roles.ts";
import type { Storage } from "./storage.ts";
import type { Workspace } from "./workspace.ts";

/** Somebody who looks after the connector with `npm run connector`. */
export interface Operator {
  /** Object id in Entra ID. */
  readonly principalId: string;
  readonly principalType: PrincipalType;
}

export interface OperatorsArgs {
  readonly operators: readonly Operator[];
  readonly storage: Storage;
  readonly workspace: Workspace;
}

/** Lets operators see where the streams stand and ask for windows of their past. Never the tokens: who probes feeds is let into the vault by hand. */
export class Operators extends pulumi.ComponentResource {
  constructor(name: string, args: OperatorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Operators", name, {}, opts);
    for (const operator of args.operators) this.admit(`${name}-${operator.principalId}`, operator, args);
    this.registerOutputs({});
  }

  private admit(name: string, operator: Operator, { storage, workspace }: OperatorsArgs): void {
    const parent = { parent: this };
    const { Checkpoints, Ledger, Windows } = storage.tableIds;
    // Without it `status` sees no stream. It changes none: a checkpoint is its worker's alone.
    assignRole(`${name}-checkpoints`, { ...operator, role: "storageTableDataReader", scope: Checkpoints }, parent);
    // Without it no window can be asked for.
    assignRole(`${name}-windows`, { ...operator, role: "storageTableDataContributor", scope: Windows }, parent);
    // Without it a window cannot be told what is stored already.
    assignRole(`${name}-ledger`, { ...operator, role: "storageTableDataContributor", scope: Ledger }, parent);
    // Without it `doctor` sees neither the queue nor the messages that were given up.
    assignRole(`${name}-queues`, { ...operator, role: "storageQueueDataReader", scope: storage.accountId }, parent);
    // Without it what is stored cannot be read: no window of a past that the ledger has forgotten, no replay.
    assignRole(`${name}-logs`, { ...operator, role: "logAnalyticsReader", scope: workspace.resourceId }, parent);
  }
}
