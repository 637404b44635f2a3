import { expect, test } from "vitest";
import type { Deployed, DeployedSite } from "../../../../local/azure/cloud.ts";
import { azureEnvironments } from "../../../../local/azure/environments.ts";
import { deployedOutputs } from "../../../../local/commands/local-azure/deployed-outputs.ts";

const workspace = { id: "/w", customerId: "guid-of-w", tables: [], functions: [] };
const site: DeployedSite = {
  id: "/app",
  name: "func-one",
  scmHost: "func-one.scm.azurewebsites.net",
  appSettings: {
    STATE_TABLE_ENDPOINT: "https://st.table.core.windows.net",
    WorkQueue__queueServiceUri: "https://st.queue.core.windows.net",
    INGESTION_ENDPOINT: "https://dce.ingest.monitor.azure.com",
    INGESTION_RULES: JSON.stringify({ "sentinelone-events": "dcr-1" }),
    COLLECTION: JSON.stringify({ sinceHours: 24 }),
    CONNECTIONS: JSON.stringify([{ name: "emea", secretId: "https://kv.vault.azure.net/secrets/connection-emea" }]),
  },
  identities: [],
  runtime: { name: "node", version: "24" },
};
const cloud = (sites: readonly DeployedSite[]) => ({
  environment: azureEnvironments.usgovernment,
  deployed: {
    sites: () => sites,
    dataCollectionRule: (id: string) => (id === "dcr-1" ? { flows: [{ workspaceId: "/w" }] } : undefined),
    workspaceById: (id: string) => (id === "/w" ? workspace : undefined),
  } as unknown as Deployed,
});
const host = { packageVersion: () => "1.0.0+abc" };

test("the commands that look after a stack find it by the app that it deployed", () => {
  expect(deployedOutputs(cloud([site]), host)).toMatchObject({
    workspaceId: "guid-of-w",
    workspaceResourceId: "/w",
    stateTableEndpoint: "https://st.table.core.windows.net",
    vaultUri: "https://kv.vault.azure.net/",
    connections: [{ name: "emea" }],
    collection: { sinceHours: 24 },
    bundle: { version: "1.0.0+abc" },
    cloud: "usgovernment",
    publishingHost: site.scmHost,
  });
});

test("an app that runs from a blob is published to where that is", () => {
  const packageUrl = "https://st.blob.core.usgovcloudapi.net/deployment-package/abc.zip";
  const premium = { ...site, appSettings: { ...site.appSettings, WEBSITE_RUN_FROM_PACKAGE: packageUrl } };
  expect(deployedOutputs(cloud([premium]), host)).toMatchObject({
    publishingHost: "st.blob.core.usgovcloudapi.net",
  });
});

test("an app that is not the connector's, or not all there yet, tells nothing", () => {
  expect(deployedOutputs(cloud([]), host)).toBeUndefined();
  expect(deployedOutputs(cloud([{ ...site, appSettings: {} }]), host)).toBeUndefined();
  const astray = { ...site, appSettings: { ...site.appSettings, INGESTION_RULES: '{"sentinelone-events":"dcr-2"}' } };
  expect(deployedOutputs(cloud([astray]), host)).toBeUndefined();
  expect(deployedOutputs(cloud([site]), { packageVersion: () => undefined })).toBeUndefined();
});
