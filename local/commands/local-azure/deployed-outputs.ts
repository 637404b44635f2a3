import type { Deployed, DeployedSite } from "../../azure/cloud.ts";

/**
 * What other commands need of the stack that was deployed last, and `pulumi stack output` would tell them: read from the app that it
 * deployed, since an engine does not show its providers a stack's outputs. Undefined until the app is there.
 */
export function deployedOutputs(deployed: Deployed): Readonly<Record<string, unknown>> | undefined {
  const found = deployed.sites().flatMap((site) => outputsOf(site, deployed) ?? []);
  return found.at(-1);
}

function outputsOf({ name, appSettings }: DeployedSite, deployed: Deployed) {
  const { STATE_TABLE_ENDPOINT, CONNECTIONS, INGESTION_RULES } = appSettings;
  if (!STATE_TABLE_ENDPOINT || !CONNECTIONS || !INGESTION_RULES) return undefined;
  const [immutableId = ""] = Object.values(JSON.parse(INGESTION_RULES) as Record<string, string>);
  const workspaceId = deployed.dataCollectionRule(immutableId)?.flows[0]?.workspaceId;
  const workspace = workspaceId && deployed.workspaceById(workspaceId);
  if (!workspace) return undefined;
  return {
    cloud: "public",
    workspaceId: workspace.customerId,
    workspaceResourceId: workspace.id,
    stateTableEndpoint: STATE_TABLE_ENDPOINT,
    connections: JSON.parse(CONNECTIONS) as unknown,
    functionAppName: name,
  };
}
