import { expect, test } from "vitest";
import { refusal, subscription, valid } from "../subscription.ts";

/** The inputs of a vault with other properties. */
async function vaultWith(properties: object, rest: object = {}) {
  const { create, inputsOf } = await subscription("group");
  const inputs = inputsOf("vault");
  return create("vault", { ...inputs, ...rest, properties: { ...(inputs["properties"] as object), ...properties } });
}

test("a vault has the address that its secrets are read at", async () => {
  const { outputs } = await vaultWith({});
  expect(outputs).toMatchObject({
    name: "kv-one",
    type: "Microsoft.KeyVault/vaults",
    properties: { vaultUri: "https://kv-one.vault.azure.net/", enableSoftDelete: true, softDeleteRetentionInDays: 90 },
  });
});

// Naming rules and restrictions for Azure resources, Microsoft.KeyVault
test.each(["kv", "1vault", "kv--one", "kv-one-", "kv_one", "k".repeat(25)])(
  "'%s' is no name of a vault",
  async (vaultName) => {
    await expect(vaultWith({}, { vaultName })).rejects.toEqual(refusal(400, "InvalidRequestContent", `'${vaultName}'`));
  },
);

test.each([
  // Azure Key Vault soft-delete overview
  ["a retention of less than 7 days", { softDeleteRetentionInDays: 6 }, "7 to 90 days"],
  ["a retention of more than 90 days", { softDeleteRetentionInDays: 91 }, "7 to 90 days"],
  ["no soft delete", { enableSoftDelete: false }, "soft delete cannot be switched off"],
  // REST reference, VaultProperties
  ["purge protection false", { enablePurgeProtection: false }, "either true or not set"],
  ["neither roles nor access policies", { enableRbacAuthorization: false }, "access policies are required"],
])("a vault with %s is refused", async (_, properties, message) => {
  await expect(vaultWith(properties)).rejects.toEqual(refusal(400, "InvalidRequestContent", message));
});

test("a vault of another tenant is refused", async () => {
  await expect(vaultWith({ tenantId: "00000000-0000-0000-0000-000000000001" })).rejects.toEqual(
    refusal(400, "BadRequest", "does not match"),
  );
});

// Azure Key Vault soft-delete overview: purge protection is irreversible
test("purge protection cannot be taken back", async () => {
  const { create, update, inputsOf } = await subscription("group");
  const inputs = inputsOf("vault");
  const properties = inputs["properties"] as object;
  const vault = await create("vault", { ...inputs, properties: { ...properties, enablePurgeProtection: true } });
  await expect(update("vault", vault, inputs)).rejects.toEqual(refusal(400, "BadRequest", "irreversible"));
});

// Azure Key Vault soft-delete overview: the name of a deleted vault is taken until it is purged
test("a deleted vault keeps its name until it is recovered", async () => {
  const { create, remove, inputsOf, known } = await subscription("group", "vault");
  const inputs = inputsOf("vault");
  await remove("vault", known.vault);
  await expect(create("vault", inputs)).rejects.toEqual(refusal(409, "ConflictError", "deleted state"));
  const recover = { ...inputs, properties: { ...(inputs["properties"] as object), createMode: "recover" } };
  await create("vault", recover);
  await expect(create("vault", { ...recover, vaultName: "kv-two" })).rejects.toEqual(
    refusal(404, "ResourceNotFound", "no deleted vault kv-two"),
  );
});

test("a vault's name is taken in every resource group", async () => {
  const { create, inputsOf } = await subscription("group", "vault");
  await create("group", { ...valid.group, resourceGroupName: "rg-other" });
  await expect(create("vault", { ...inputsOf("vault"), resourceGroupName: "rg-other" })).rejects.toEqual(
    refusal(409, "VaultAlreadyExists", "already in use"),
  );
});

test("a secret's value is never returned; each PUT is a version", async () => {
  const { update, known } = await subscription("group", "vault", "secret");
  const { outputs } = known.secret;
  expect(JSON.stringify(outputs)).not.toContain("canary");
  expect(outputs["properties"]).toMatchObject({ secretUri: "https://kv-one.vault.azure.net/secrets/token" });
  const version = (of: Record<string, unknown>) =>
    (of["properties"] as Record<string, unknown>)["secretUriWithVersion"];
  const updated = await update("secret", known.secret, { ...known.secret.inputs, properties: { value: "other" } });
  expect(version(updated.outputs)).toMatch(/^https:\/\/kv-one\.vault\.azure\.net\/secrets\/token\/[0-9a-f]{32}$/);
  expect(version(updated.outputs)).not.toBe(version(outputs));
});

test.each([
  // Naming rules and restrictions for Azure resources, Microsoft.KeyVault vaults/secrets
  ["a name with an underscore", { secretName: "api_token" }, "'api_token'"],
  // About Azure Key Vault secrets
  ["a value of more than 25 kB", { properties: { value: "x".repeat(25_601) } }, "25,600 bytes"],
])("a secret with %s is refused", async (_, inputs, message) => {
  const { create } = await subscription("group", "vault");
  await expect(create("secret", { ...valid.secret, ...inputs })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", message),
  );
});

// Azure Key Vault soft-delete overview: the name of a deleted secret is taken until it is purged or recovered
test("a deleted secret is refused to a plain PUT", async () => {
  const { remove, update, known } = await subscription("group", "vault", "secret");
  await remove("secret", known.secret);
  await expect(update("secret", known.secret, known.secret.inputs)).rejects.toEqual(
    refusal(409, "ObjectIsDeletedButRecoverable", "deleted but recoverable"),
  );
});

// pulumi-azure-native pull request 4759
test("a deleted secret is recovered by azure-native when it is created again, with its new value", async () => {
  const { cloud, create, remove, known } = await subscription("group", "vault", "secret");
  await remove("secret", known.secret);
  expect(cloud.deployed.secret(known.vault.id, "token")).toBeUndefined();
  await create("secret", { ...valid.secret, properties: { value: "renewed" } });
  expect(cloud.deployed.secret(known.vault.id, "token")?.value).toBe("renewed");
});
