import { randomBytes } from "node:crypto";
import type { Agent } from "node:https";
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerApplication } from "../../../../local/azure/identity/applications.ts";
import { entraPlane } from "../../../../local/azure/identity/entra-plane.ts";
import { TokenAuthority } from "../../../../local/azure/identity/tokens.ts";
import { CertificateAuthority } from "../../../../local/azure/network/ca.ts";
import { type Front, startFront } from "../../../../local/azure/network/front.ts";
import { frontAgent } from "../../../../local/azure/network/front-agent.ts";
import { fakeCloud } from "../fake-cloud.ts";

const cloud = fakeCloud();
const authority = new TokenAuthority(cloud.tenantId, randomBytes(32));
const vendor = registerApplication(cloud, "vendor push");
let front: Front;
let agent: Agent;
beforeAll(async () => {
  front = await startFront({ ca: await CertificateAuthority.open() });
  front.mount(entraPlane(cloud, authority));
  agent = frontAgent(front);
});
afterAll(async () => {
  agent.destroy();
  await front.close();
});

/** A token through Microsoft's own library. */
function tokenOf({
  tenantId = cloud.tenantId,
  clientId = vendor.principal.clientId,
  secret = vendor.clientSecret,
  scope = "https://monitor.azure.com/.default",
}) {
  return new ClientSecretCredential(tenantId, clientId, secret, { agent, retryOptions: { maxRetries: 0 } }).getToken(
    scope,
  );
}

test("an application gets a token for its own service principal with its secret", async () => {
  const { token, expiresOnTimestamp } = await tokenOf({});
  expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
  const request = new Request("https://dce.ingest.monitor.azure.com", {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(authority.authenticate(request, ["https://monitor.azure.com"], cloud)).toEqual(vendor.principal);
});

test.each([
  ["a wrong secret", { secret: "wrong" }, "AADSTS7000215"],
  ["an application that is not registered", { clientId: cloud.operator.clientId }, "AADSTS700016"],
  ["another tenant", { tenantId: "00000000-0000-4000-8000-000000000000" }, "AADSTS90002"],
  ["another cloud's audience", { scope: "https://monitor.azure.us/.default" }, "AADSTS500011"],
])("%s is refused", async (_, asked, message) => {
  const error = await tokenOf(asked).catch((error: unknown) => error);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain(vendor.clientSecret);
});
