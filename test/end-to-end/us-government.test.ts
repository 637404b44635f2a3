import { afterAll, beforeAll, expect, test } from "vitest";
import { askHost } from "../../components/publishing-host.ts";
import { frontAgent } from "../../local/azure/network/front-agent.ts";
import { builtInRoles } from "../../local/azure/resource-manager/roles.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";

let azure: TestAzure;
beforeAll(async () => {
  azure = await localAzure({
    environment: "usgovernment",
    settings: { since: "60d", location: "usgovvirginia", "azure-native:environment": "usgovernment" },
  });
});
afterAll(() => azure[Symbol.asyncDispose]());

const run = ["sentinelone-groups", "valence-alerts"];

test("a worker on Elastic Premium, run from its package, collects in US Government", async () => {
  const { streams } = await azure.collect(...run);
  expect(streams.map(({ vendor, stream, status }) => `${vendor}-${stream} ${status}`)).toEqual(
    run.map((stream) => `${stream} ok`),
  );
  for (const { stored, uploaded } of streams) {
    expect(uploaded).toBeGreaterThan(0);
    expect(stored).toBe(uploaded);
  }
});

test("nothing of it is in the public cloud", () => {
  const { state } = azure.session.azure.cloud;
  const addresses = JSON.stringify(state.registrations.list("urn:").map(({ inputs, outputs }) => [inputs, outputs]));
  expect(addresses).toContain(".usgovcloudapi.net");
  expect(addresses).not.toMatch(/https:\/\/[^"]*\.(windows\.net|azure\.com|azure\.net|azurewebsites\.net)/);
});

// Azure Functions docs, run-functions-from-deployment-package
test("its package is read as its own identity, which needs its role for that", async () => {
  const { cloud, authority, front } = azure.session.azure;
  const site = cloud.deployed.sites()[0];
  const roles = cloud.state.list("azure-native:authorization:RoleAssignment");
  const reading = roles.find(({ inputs }) =>
    String(inputs["roleDefinitionId"]).endsWith(builtInRoles.storageBlobDataOwner),
  );
  if (!site || !reading) throw new Error("The stack has no app, or none that may read blobs.");
  const host = cloud.environment.resourceManager;
  const { token } = authority.issue(cloud.operator, `https://${host}`);
  const path = `${site.id}/syncfunctiontriggers?api-version=2024-04-01`;
  const agent = frontAgent(front);
  const sync = () => askHost(host, token, { method: "POST", path }, agent);
  cloud.state.delete(reading.id);
  expect(await sync()).toMatchObject({
    status: 400,
    json: {
      error: { message: expect.stringMatching(/host runtime: .* cannot read its package: .*\.zip answers 403/) },
    },
  });
  cloud.state.set(reading);
  expect(await sync()).toMatchObject({ status: 204 });
  agent.destroy();
});
