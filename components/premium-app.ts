import { Resource as GenericResource } from "@pulumi/azure-native/resources/resource.js";
import * as pulumi from "@pulumi/pulumi";
import { azureName, globalName } from "./naming.ts";
import { nodeVersion, type WorkerApp, type WorkerAppArgs, type WorkerAppOptions } from "./worker-app.ts";

/**
 * The newest API of Microsoft.Web in US Government (azure-cli issue 31943). azure-native's typed resources use a later one, so its
 * generic resource is used, with ARM's own document.
 */
const webApi = {
  apiVersion: "2024-04-01",
  resourceProviderNamespace: "Microsoft.Web",
  parentResourcePath: "",
} as const;

/** As many as Elastic Premium goes up to in every region. */
const mostInstances = 20;

/** The Function App on Elastic Premium, and its plan: for clouds without Flex Consumption. */
export function createPremiumApp(name: string, args: WorkerAppArgs, opts: WorkerAppOptions): WorkerApp {
  const { scope, identity, storage, sha256 } = args;
  const plan = new GenericResource(
    `${name}-asp`,
    {
      ...webApi,
      ...scope.place,
      resourceType: "serverfarms",
      resourceName: azureName("plan", scope.stack),
      kind: "elastic",
      // 3.5 GB an instance, or 7 where the worker is to have more than that.
      sku: { name: args.instanceMemoryMb > 3584 ? "EP2" : "EP1", tier: "ElasticPremium" },
      properties: { reserved: true, maximumElasticWorkerCount: Math.min(args.maximumInstances, mostInstances) },
      tags: scope.tags,
    },
    { parent: opts.parent },
  );
  const packageUrl = pulumi.interpolate`${storage.packageContainerUrl}/${sha256}.zip`;
  const settings = {
    FUNCTIONS_EXTENSION_VERSION: "~4",
    FUNCTIONS_WORKER_RUNTIME: "node",
    // Without a file share, which would need the account's keys, the code comes from a blob that the app's identity reads.
    WEBSITE_RUN_FROM_PACKAGE: packageUrl,
    WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identity.id,
  };
  const app = new GenericResource(
    `${name}-func`,
    {
      ...webApi,
      ...scope.place,
      resourceType: "sites",
      resourceName: scope.suffix.apply((suffix) => globalName("functionApp", scope.stack, suffix)),
      kind: "functionapp,linux",
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      properties: {
        serverFarmId: plan.id,
        reserved: true,
        httpsOnly: true,
        publicNetworkAccess: "Enabled",
        siteConfig: {
          linuxFxVersion: `Node|${nodeVersion}`,
          minTlsVersion: "1.2",
          minimumElasticInstanceCount: 1,
          appSettings: [...args.settings, ...Object.entries(settings).map(([key, value]) => ({ name: key, value }))],
        },
      },
      tags: scope.tags,
    },
    opts,
  );
  const publishingHost = packageUrl.apply((url) => new URL(url).host);
  return { resource: app, id: app.id, name: app.name, publishingHost, publishing: { packageUrl } };
}
