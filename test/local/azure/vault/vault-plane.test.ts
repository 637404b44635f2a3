import { randomBytes, randomUUID } from "node:crypto";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Principal } from "../../../../local/azure/cloud.ts";
import { principalCredential } from "../../../../local/azure/identity/credential.ts";
import { TokenAuthority } from "../../../../local/azure/identity/tokens.ts";
import { CertificateAuthority } from "../../../../local/azure/network/ca.ts";
import { type Front, startFront } from "../../../../local/azure/network/front.ts";
import { frontAgent } from "../../../../local/azure/network/front-agent.ts";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { vaultPlane } from "../../../../local/azure/vault/vault-plane.ts";
import { fakeCloud } from "../fake-cloud.ts";

const cloud = fakeCloud();
const authority = new TokenAuthority(cloud.tenantId, randomBytes(32));
const group = `/subscriptions/${cloud.subscriptionId}/resourceGroups/rg`;
const vault = { id: `${group}/providers/Microsoft.KeyVault/vaults/kv-test`, host: "kv-test.vault.azure.net" };
const reader = newPrincipal("reader");
const stranger = newPrincipal("stranger");
let front: Front;
let agent: ReturnType<typeof frontAgent>;

function newPrincipal(name: string): Principal {
  const principal = { clientId: randomUUID(), principalId: randomUUID(), displayName: name };
  const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  cloud.state.set({
    id,
    type: "azure-native:managedidentity:UserAssignedIdentity",
    inputs: {},
    outputs: { ...principal },
  });
  return principal;
}

function grant({ principalId }: Principal, role: string, scope: string): void {
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const inputs = { principalId, scope, roleDefinitionId };
  cloud.state.set({ id, type: "azure-native:authorization:RoleAssignment", inputs, outputs: {} });
}

beforeAll(async () => {
  const outputs = { properties: { vaultUri: `https://${vault.host}/` } };
  cloud.state.set({ id: vault.id, type: "azure-native:keyvault:Vault", inputs: {}, outputs });
  for (const name of ["console-token", "old-token", "missing"])
    grant(reader, builtInRoles.keyVaultSecretsUser, `${vault.id}/secrets/${name}`);
  front = await startFront({ ca: await CertificateAuthority.open() });
  front.mount(vaultPlane(cloud, authority));
  agent = frontAgent(front);
  const operator = client(cloud.operator);
  for (const name of ["console-token", "old-token", "other-token"]) await operator.setSecret(name, "s3cret");
  disable("old-token");
});

function disable(name: string): void {
  const id = `${vault.id}/secrets/${name}`;
  const stored = cloud.state.get(id);
  if (!stored) throw new Error(`${name} is not there`);
  const properties = stored.outputs["properties"] as object;
  cloud.state.set({ ...stored, outputs: { properties: { ...properties, attributes: { enabled: false } } } });
}
afterAll(async () => {
  agent.destroy();
  await front.close();
});

/** Microsoft's client, with its check that the challenge belongs to the vault. */
function client(principal = reader, host = vault.host) {
  return new SecretClient(`https://${host}`, principalCredential(authority, principal), {
    agent,
    retryOptions: { maxRetries: 0 },
  });
}

test("a secret is read with and without its version, after the challenge", async () => {
  const secret = await client().getSecret("console-token");
  expect(secret).toMatchObject({ value: "s3cret", name: "console-token" });
  const version = secret.properties.version ?? "";
  expect(version).toMatch(/^[0-9a-f]{32}$/);
  expect(await client().getSecret("console-token", { version })).toMatchObject({ value: "s3cret" });
});

test.each([
  ["missing", 404, "SecretNotFound"],
  ["old-token", 403, "Forbidden"],
  ["other-token", 403, "Forbidden"],
])("secret %s: %i %s", async (name, statusCode, code) => {
  const error = await client()
    .getSecret(name)
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ statusCode, code });
  expect(JSON.stringify(error)).not.toContain("s3cret");
});

test("a version that is gone is not found", async () => {
  await expect(client().getSecret("console-token", { version: "f".repeat(32) })).rejects.toMatchObject({
    statusCode: 404,
  });
});

test("somebody without a role on the secret is refused", async () => {
  await expect(client(stranger).getSecret("console-token")).rejects.toMatchObject({
    statusCode: 403,
    code: "Forbidden",
  });
});

test("a new value is a new version, and only an officer sets it", async () => {
  const before = await client(cloud.operator).getSecret("other-token");
  await client(cloud.operator).setSecret("other-token", "rotated");
  const after = await client(cloud.operator).getSecret("other-token");
  expect(after.value).toBe("rotated");
  expect(after.properties.version).not.toBe(before.properties.version);
  await expect(client().setSecret("console-token", "mine")).rejects.toMatchObject({ statusCode: 403 });
  expect(await client().getSecret("console-token")).toMatchObject({ value: "s3cret" });
});

test("a token for another service is answered with the challenge again", async () => {
  const plane = vaultPlane(cloud, authority);
  const answer = await plane.fetch(
    new Request(`https://${vault.host}/secrets/console-token?api-version=7.6`, {
      headers: { authorization: `Bearer ${authority.issue(reader, "https://monitor.azure.com").token}` },
    }),
  );
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toMatch(
    /^Bearer authorization="https:[^"]+", resource="https:\/\/vault\.azure\.net"$/,
  );
});

test("a vault that does not exist is named", async () => {
  await expect(client(reader, "kv-other.vault.azure.net").getSecret("console-token")).rejects.toThrow(
    "There is no key vault kv-other.vault.azure.net",
  );
});

// Azure Key Vault docs, network-security and common-error-codes
test("a vault that is closed to public networks answers nobody outside, whatever his role", async () => {
  const stored = cloud.state.get(vault.id);
  if (!stored) throw new Error("The vault is not there.");
  const properties = { ...(stored.outputs["properties"] as object), publicNetworkAccess: "Disabled" };
  cloud.state.set({ ...stored, outputs: { properties } });
  await expect(client(reader).getSecret("console-token")).rejects.toMatchObject({
    statusCode: 403,
    message: expect.stringContaining("Public network access is disabled") as string,
  });
  cloud.state.set(stored);
});
