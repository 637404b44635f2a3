import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import * as pulumi from "@pulumi/pulumi";
import { type Storage, storageServices } from "./storage.ts";
import type { Vault } from "./vault.ts";
import type { WorkerApp } from "./worker-app.ts";
import type { Workspace } from "./workspace.ts";

export interface DiagnosticsArgs {
  /** Where the logs are kept. */
  readonly workspace: Workspace;
  readonly vault: Vault;
  readonly storage: Storage;
  readonly app: WorkerApp;
}

/** Who did what with the connector's own resources, for auditors. What its rules could not store is recorded by `Health` in any case. */
export class Diagnostics extends pulumi.ComponentResource {
  constructor(name: string, args: DiagnosticsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Diagnostics", name, {}, opts);
    const { workspace, vault, storage, app } = args;
    const targets: Readonly<Record<string, pulumi.Input<string>>> = {
      vault: vault.resourceId,
      app: app.id,
      // What an existing workspace records about its queries is its owner's to say.
      ...(workspace.isOwn && { workspace: workspace.resourceId }),
      // An account itself has metrics only: its services have the logs.
      ...Object.fromEntries(
        storageServices.map((service) => [
          service,
          pulumi.interpolate`${storage.accountId}/${service}Services/default`,
        ]),
      ),
    };
    for (const [target, resourceUri] of Object.entries(targets)) this.record(name, target, resourceUri, workspace);
    this.registerOutputs({});
  }

  private record(name: string, target: string, resourceUri: pulumi.Input<string>, workspace: Workspace) {
    return new DiagnosticSetting(
      `${name}-${target}`,
      {
        resourceUri,
        name: "audit",
        workspaceId: workspace.resourceId,
        logs: [{ categoryGroup: "allLogs", enabled: true }],
      },
      { parent: this },
    );
  }
}
