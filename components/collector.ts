import type * as managedidentity from "@pulumi/azure-native/managedidentity/index.js";
import * as web from "@pulumi/azure-native/web/index.js";
import * as pulumi from "@pulumi/pulumi";
import { type CollectionSettings, type WorkerConnection, workerSettings } from "./app-settings.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import type { Health } from "./health.ts";
import { azureName, globalName } from "./naming.ts";
import type { Network } from "./network.ts";
import { connectPrivately } from "./private-endpoint.ts";
import { assignRole } from "./roles.ts";
import type { Storage } from "./storage.ts";
import type { Streams } from "./streams.ts";
import type { Vault } from "./vault.ts";

export interface CollectorArgs {
  readonly scope: ConnectorScope;
  readonly identity: managedidentity.UserAssignedIdentity;
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
}

/** The Function App that collects, on Flex Consumption: its plan, its settings, and its right to deliver rows. */
export class Collector extends pulumi.ComponentResource {
  readonly app: web.WebApp;
  /** What must exist before the app can be reached. */
  readonly reachable: readonly pulumi.Resource[];

  constructor(name: string, args: CollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Collector", name, {}, opts);
    const plan = this.createPlan(name, args);
    const delivery = this.openRules(name, args);
    this.app = this.createApp(name, plan, delivery, args);
    this.reachable = connectPrivately(
      name,
      { service: "sites", targetId: this.app.id, scope: args.scope },
      { parent: this },
    );
    this.registerOutputs({ appName: this.app.name });
  }

  private createPlan(name: string, { scope }: CollectorArgs): web.AppServicePlan {
    return new web.AppServicePlan(
      `${name}-asp`,
      {
        ...scope.place,
        name: azureName("plan", scope.stack),
        kind: "functionapp",
        reserved: true,
        sku: { name: "FC1", tier: "FlexConsumption" },
        tags: scope.tags,
      },
      { parent: this },
    );
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

  private createApp(
    name: string,
    plan: web.AppServicePlan,
    delivery: readonly pulumi.Resource[],
    args: CollectorArgs,
  ): web.WebApp {
    const { scope, identity, storage, vault, health, network } = args;
    return new web.WebApp(
      `${name}-func`,
      {
        ...scope.place,
        name: scope.suffix.apply((suffix) => globalName("functionApp", scope.stack, suffix)),
        kind: "functionapp,linux",
        serverFarmId: plan.id,
        httpsOnly: true,
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        functionAppConfig: {
          deployment: {
            storage: {
              type: "blobContainer",
              value: storage.packageContainerUrl,
              authentication: { type: "UserAssignedIdentity", userAssignedIdentityResourceId: identity.id },
            },
          },
          runtime: { name: "node", version: "24" },
          scaleAndConcurrency: {
            instanceMemoryMB: args.instanceMemoryMb,
            maximumInstanceCount: args.maximumInstances,
          },
        },
        siteConfig: { minTlsVersion: "1.2", appSettings: workerSettings(args) },
        ...(scope.network
          ? {
              publicNetworkAccess: "Disabled",
              virtualNetworkSubnetId: scope.network.workerSubnetId,
              // Both: the first is what policies look at, and turns the second on in the portal only (bicep-types-az issue 2529).
              outboundVnetRouting: { allTraffic: true, applicationTraffic: true },
            }
          : { publicNetworkAccess: "Enabled" }),
        tags: scope.tags,
      },
      // Roles first: an app that starts before them fails until it is restarted.
      {
        parent: this,
        dependsOn: [...storage.ready, ...vault.ready, ...health.grants, ...delivery, ...(network?.ready ?? [])],
      },
    );
  }
}
