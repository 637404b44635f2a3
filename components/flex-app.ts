import { AppServicePlan } from "@pulumi/azure-native/web/appServicePlan.js";
import { WebApp } from "@pulumi/azure-native/web/webApp.js";
import { azureName, globalName } from "./naming.ts";
import { nodeVersion, type WorkerApp, type WorkerAppArgs, type WorkerAppOptions } from "./worker-app.ts";

/** The Function App on Flex Consumption, and its plan. */
export function createFlexApp(name: string, args: WorkerAppArgs, opts: WorkerAppOptions): WorkerApp {
  const { scope, identity, storage } = args;
  const plan = new AppServicePlan(
    `${name}-asp`,
    {
      ...scope.place,
      name: azureName("plan", scope.stack),
      kind: "functionapp",
      reserved: true,
      sku: { name: "FC1", tier: "FlexConsumption" },
      tags: scope.tags,
    },
    { parent: opts.parent },
  );
  const app = new WebApp(
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
        runtime: { name: "node", version: nodeVersion },
        scaleAndConcurrency: {
          instanceMemoryMB: args.instanceMemoryMb,
          maximumInstanceCount: args.maximumInstances,
        },
      },
      siteConfig: { minTlsVersion: "1.2", appSettings: [...args.settings] },
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
    opts,
  );
  const host = app.hostNameSslStates.apply(scmHost);
  return { resource: app, id: app.id, name: app.name, publishingHost: host, publishing: { scmHost: host } };
}

/** Where the app takes its package: Azure names the host, since it may carry a hash that cannot be guessed. */
function scmHost(states: readonly { hostType?: string; name?: string }[] | undefined): string {
  const host = states?.find(({ hostType }) => hostType === "Repository")?.name;
  if (!host) throw new Error("The Function App has no publishing host (hostNameSslStates without type Repository).");
  return host;
}
