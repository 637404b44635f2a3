import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeployedSite } from "../../../../local/azure/cloud.ts";
import {
  type ManagedIdentityEndpoint,
  startManagedIdentity,
} from "../../../../local/azure/identity/managed-identity.ts";
import { AppsCloud } from "../apps-cloud.ts";

const cloud = new AppsCloud();
const identity = cloud.newPrincipal();
const stranger = cloud.newPrincipal();
const site: DeployedSite = {
  id: `${cloud.group}/providers/Microsoft.Web/sites/func-a`,
  name: "func-a",
  scmHost: "func-a.scm.azurewebsites.net",
  appSettings: {},
  identities: [identity.clientId],
  runtime: { name: "node", version: "24" },
};
let endpoint: ManagedIdentityEndpoint;
beforeAll(async () => {
  cloud.putSite(site);
  endpoint = await startManagedIdentity(cloud, cloud.authority);
});
afterAll(() => endpoint.close());

async function ask(query: Record<string, string>, header = endpoint.headerFor(site.id)) {
  const parameters = new URLSearchParams({
    "api-version": "2019-08-01",
    resource: "https://vault.azure.net",
    ...query,
  });
  const answer = await fetch(`${endpoint.endpoint}?${parameters.toString()}`, {
    headers: { "x-identity-header": header },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

test("an app gets a token of its own identity, for the audience it asked for", async () => {
  const { status, body } = await ask({ client_id: identity.clientId.toUpperCase() });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    resource: "https://vault.azure.net",
    client_id: identity.clientId,
    token_type: "Bearer",
  });
  const secondsLeft = Number(body["expires_on"]) - Date.now() / 1000;
  expect(secondsLeft).toBeGreaterThan(600);
  const request = new Request("https://vault.azure.net", {
    headers: { authorization: `Bearer ${body["access_token"]}` },
  });
  expect(cloud.authority.authenticate(request, ["https://vault.azure.net"], cloud)).toEqual(identity);
  expect(() => cloud.authority.authenticate(request, ["https://monitor.azure.com"], cloud)).toThrow("is for");
});

// 404 and 410 would send the SDK into retries of up to 82 s.
test.each([
  ["an identity of somebody else", { client_id: stranger.clientId }, "No identity with client id"],
  ["an identity that does not exist", { client_id: randomUUID() }, "No identity with client id"],
  ["no identity, where the app has no system-assigned one", {}, "pass client_id"],
  [
    "another cloud's audience",
    { client_id: identity.clientId, resource: "https://vault.usgovcloudapi.net" },
    "AADSTS500011",
  ],
  ["an older protocol", { client_id: identity.clientId, "api-version": "2017-09-01" }, "2019-08-01"],
])("%s is a 400", async (_, query: Record<string, string>, message) => {
  const { status, body } = await ask(query);
  expect(status).toBe(400);
  expect(body["message"]).toContain(message);
});

test("the secret header decides who asks", async () => {
  expect(await ask({ client_id: identity.clientId }, "wrong")).toMatchObject({ status: 400 });
  expect(await ask({ client_id: identity.clientId }, endpoint.headerFor(`${site.id}-other`))).toMatchObject({
    status: 400,
  });
  expect(await ask({ client_id: identity.clientId }, endpoint.operatorHeader)).toMatchObject({ status: 400 });
  expect(await ask({}, endpoint.operatorHeader)).toMatchObject({
    status: 200,
    body: { client_id: cloud.operator.clientId },
  });
});

test("an app that is deleted gets no more tokens", async () => {
  const header = endpoint.headerFor(site.id);
  cloud.removeSite(site.name);
  expect(await ask({ client_id: identity.clientId }, header)).toMatchObject({ status: 400 });
  cloud.putSite(site);
});
