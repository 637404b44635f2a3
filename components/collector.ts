import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { type CollectionSettings, type WorkerConnection, workerSettings } from "./app-settings.ts";
import type { CloudFacts } from "./cloud.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import { createFlexApp } from "./flex-app.ts";
import type { Health } from "./health.ts";
import type { Network } from "./network.ts";
import { createPremiumApp } from "./premium-app.ts";
import { connectPrivately } from "./private-endpoint.ts";
import { assignRole } from "./roles.ts";
import type { Storage } from "./storage.ts";
import type { Streams } from "./streams.ts";
import type { Vault } from "./vault.ts";
import type { WorkerApp } from "./worker-app.ts";

export interface CollectorArgs {
  readonly scope: ConnectorScope;
  readonly identity: UserAssignedIdentity;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly streams: Streams;
  readonly health: Health;
  /** Ties to the private network, where there is one. */
  readonly network: Network | undefined;
  readonly connections: readonly WorkerConnection[];
  readonly collection: CollectionSettings;
  /** Token audience of the Logs Ingestion API in this cloud. */
  readonly ingestionAudience: string;
  /** Memory of one instance, in MB. */
  readonly instanceMemoryMb: number;
  /** Most instances that run at once. */
  readonly maximumInstances: number;
  readonly hosting: CloudFacts["hosting"];
  /** Digest of the package that shall run. */
  readonly sha256: pulumi.Input<string>;
}

/** The Function App that collects: its plan, its settings, and its right to deliver rows. */
export class Collector extends pulumi.ComponentResource {
  readonly app: WorkerApp;
  /** What must exist before the app can be reached. */
  readonly reachable: readonly pulumi.Resource[];

  constructor(name: string, args: CollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Collector", name, {}, opts);
    const delivery = this.openRules(name, args);
    this.app = this.createApp(name, delivery, args);
    this.reachable = connectPrivately(
      name,
      { service: "sites", targetId: this.app.id, scope: args.scope },
      { parent: this },
    );
    this.registerOutputs({ appName: this.app.name });
  }

  private openRules(name: string, { identity, streams }: CollectorArgs): pulumi.Resource[] {
    return streams.rules.map(({ key, resourceId }) =>
      // Without it the ingestion API answers 403 to every batch of this rule's streams: they stay `waiting-for-azure`.
      assignRole(
        `${name}-${key}-sender`,
        { role: "monitoringMetricsPublisher", scope: resourceId, principalId: identity.principalId },
        { parent: this },
      ),
    );
  }

  private createApp(name: string, delivery: readonly pulumi.Resource[], args: CollectorArgs): WorkerApp {
    const { storage, vault, health, network, hosting } = args;
    const create = { flex: createFlexApp, premium: createPremiumApp }[hosting];
    return create(
      name,
      { ...args, settings: workerSettings(args) },
      // Roles first: an app that starts before them fails until it is restarted.
      {
        parent: this,
        dependsOn: [...storage.ready, ...vault.ready, ...health.grants, ...delivery, ...(network?.ready ?? [])],
      },
    );
  }
}
