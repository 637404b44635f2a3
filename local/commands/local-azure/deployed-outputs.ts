import type { Deployed, DeployedSite, LocalCloud } from "../../azure/cloud.ts";
import type { FunctionsHost } from "../../azure/functions/host.ts";

/**
 * What other commands need of the stack that was deployed last, under the names that `pulumi stack output` has for it: read from the app
 * that it deployed, since an engine does not show its providers a stack's outputs. Undefined until the app is there and has its code.
 */
export function deployedOutputs(
  { deployed, environment }: Pick<LocalCloud, "deployed" | "environment">,
  host: Pick<FunctionsHost, "packageVersion">,
): Readonly<Record<string, unknown>> | undefined {
  const found = deployed.sites().flatMap((site) => outputsOf(site, deployed, host.packageVersion(site.name)) ?? []);
  const last = found.at(-1);
  return last && { cloud: environment.name, ...last };
}

function outputsOf({ name, scmHost, appSettings }: DeployedSite, deployed: Deployed, version: string | undefined) {
  const { STATE_TABLE_ENDPOINT, WorkQueue__queueServiceUri, INGESTION_ENDPOINT } = appSettings;
  const { CONNECTIONS, COLLECTION, INGESTION_RULES, WEBSITE_RUN_FROM_PACKAGE } = appSettings;
  if (!STATE_TABLE_ENDPOINT || !CONNECTIONS || !COLLECTION || !INGESTION_RULES || version === undefined)
    return undefined;
  const [immutableId = ""] = Object.values(JSON.parse(INGESTION_RULES) as Record<string, string>);
  const workspaceId = deployed.dataCollectionRule(immutableId)?.flows[0]?.workspaceId;
  const workspace = workspaceId && deployed.workspaceById(workspaceId);
  if (!workspace) return undefined;
  const connections = JSON.parse(CONNECTIONS) as readonly { readonly secretId: string }[];
  return {
    workspaceId: workspace.customerId,
    workspaceResourceId: workspace.id,
    stateTableEndpoint: STATE_TABLE_ENDPOINT,
    queueEndpoint: WorkQueue__queueServiceUri,
    ingestionEndpoint: INGESTION_ENDPOINT,
    vaultUri: connections[0] && `${new URL(connections[0].secretId).origin}/`,
    publishingHost: WEBSITE_RUN_FROM_PACKAGE === undefined ? scmHost : new URL(WEBSITE_RUN_FROM_PACKAGE).host,
    functionAppName: name,
    collection: JSON.parse(COLLECTION) as unknown,
    connections,
    bundle: { version },
  };
}
