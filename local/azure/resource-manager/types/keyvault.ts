import { randomUUID } from "node:crypto";
import type { LocalCloud, StoredResource } from "../../cloud.ts";
import { defineType, echo, outputsBefore } from "../define-type.ts";
import { canonical, idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, locationRules, mustMatch, normalLocation } from "../rules.ts";

type VaultInputs = {
  resourceGroupName: string;
  vaultName: string;
  location: string;
  properties: {
    tenantId: string;
    sku: { family: string; name: string };
    createMode?: "recover" | "default";
    enableSoftDelete?: boolean;
    enablePurgeProtection?: boolean;
    enableRbacAuthorization?: boolean;
    softDeleteRetentionInDays?: number;
    accessPolicies?: unknown[];
  };
};

/** A deleted vault and a deleted secret keep their names until they are purged. */
const deletedVault = "deleted:keyvault:Vault";
const deletedSecret = "deleted:keyvault:Secret";

const deletedVaultId = (cloud: LocalCloud, location: unknown, name: string): ResourceId =>
  `/subscriptions/${cloud.subscriptionId}/providers/Microsoft.KeyVault/locations/${String(location)}/deletedVaults/${name}`;

const deletedSecretId = (id: ResourceId): ResourceId => id.replace(/\/secrets\/([^/]+)$/i, "/deletedSecrets/$1");

export const vault = defineType<VaultInputs>({
  type: "azure-native:keyvault:Vault",
  replaceOn: ["resourceGroupName", "vaultName", "location", "properties.tenantId"],
  autoname: { property: "vaultName", as: "random" },
  id: ({ resourceGroupName, vaultName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.KeyVault/vaults/${vaultName}`),
  check: ({ vaultName, location, properties }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.KeyVault
    ...mustMatch(
      "vaultName",
      vaultName,
      /^(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]$/i,
      "3 to 24 letters, digits and hyphens, beginning with a letter, no two hyphens in a row, none at the end",
    ),
    ...locationRules(location),
    // Azure Key Vault soft-delete overview: 7 to 90 days; soft delete cannot be switched off
    ...failIf(
      !inBounds(properties?.softDeleteRetentionInDays, 7, 90),
      "properties.softDeleteRetentionInDays",
      `${properties?.softDeleteRetentionInDays} is not valid: 7 to 90 days`,
    ),
    ...failIf(
      properties?.enableSoftDelete === false,
      "properties.enableSoftDelete",
      "false is not valid: soft delete cannot be switched off",
    ),
    // REST reference, VaultProperties: false is no value of this property
    ...failIf(
      properties?.enablePurgeProtection === false,
      "properties.enablePurgeProtection",
      "false is not valid: purge protection is either true or not set",
    ),
    ...failIf(
      properties !== undefined && properties.enableRbacAuthorization !== true && !properties.accessPolicies,
      "properties.accessPolicies",
      "access policies are required unless enableRbacAuthorization is true",
    ),
  ],
  put(id, inputs, cloud) {
    const location = normalLocation(inputs.location);
    const before = outputsBefore(id, cloud);
    requireFreeName(id, inputs, location, cloud);
    const wasProtected = (before["properties"] as VaultInputs["properties"] | undefined)?.enablePurgeProtection;
    if (wasProtected && !inputs.properties.enablePurgeProtection) {
      throw new AzureError(
        400,
        "BadRequest",
        'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
      );
    }
    if (inputs.properties.tenantId.toLowerCase() !== cloud.tenantId.toLowerCase()) {
      throw new AzureError(
        400,
        "BadRequest",
        `Tenant ${inputs.properties.tenantId} does not match the subscription's.`,
      );
    }
    cloud.state.delete(deletedVaultId(cloud, location, nameOf(id)));
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "vaultName"]),
      location,
      properties: {
        softDeleteRetentionInDays: 90,
        publicNetworkAccess: "Enabled",
        accessPolicies: [],
        ...inputs.properties,
        enableSoftDelete: true,
        vaultUri: `https://${nameOf(id).toLowerCase()}.${cloud.environment.vault}/`,
        provisioningState: "Succeeded",
      },
    });
  },
  delete(id, cloud) {
    const deleted = cloud.state.get(id);
    if (deleted) {
      cloud.state.set({
        ...deleted,
        id: deletedVaultId(cloud, deleted.outputs["location"], nameOf(id)),
        type: deletedVault,
      });
    }
    return Promise.resolve();
  },
});

const inBounds = (value: number | undefined, least: number, most: number) =>
  value === undefined || (Number.isInteger(value) && value >= least && value <= most);

/** Vault names are taken world-wide, by vaults and by deleted vaults. */
function requireFreeName(id: ResourceId, inputs: VaultInputs, location: string, cloud: LocalCloud) {
  const named = (resource: StoredResource) => canonical(nameOf(resource.id)) === canonical(nameOf(id));
  const elsewhere = cloud.state.list(vault.type).find((other) => named(other) && canonical(other.id) !== canonical(id));
  if (elsewhere) {
    throw new AzureError(
      409,
      "VaultAlreadyExists",
      `The vault name '${nameOf(id)}' is already in use. Vault names are globally unique so it is possible that the name is already taken.`,
    );
  }
  const deleted = cloud.state.list(deletedVault).find(named);
  const recover = inputs.properties.createMode === "recover";
  if (deleted && !recover) {
    throw new AzureError(
      409,
      "ConflictError",
      `A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. (${nameOf(id)})`,
    );
  }
  if (!deleted && recover && !cloud.state.get(id)) {
    throw new AzureError(404, "ResourceNotFound", `There is no deleted vault ${nameOf(id)} in ${location} to recover.`);
  }
}

type SecretInputs = {
  resourceGroupName: string;
  vaultName: string;
  secretName: string;
  properties: { value?: string; contentType?: string; attributes?: { enabled?: boolean; expires?: number } };
};

export const secret = defineType<SecretInputs>({
  type: "azure-native:keyvault:Secret",
  replaceOn: ["resourceGroupName", "vaultName", "secretName"],
  autoname: { property: "secretName", as: "copy" },
  id: ({ resourceGroupName, vaultName, secretName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.KeyVault/vaults/${vaultName}/secrets/${secretName}`),
  check: ({ secretName, properties }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.KeyVault vaults/secrets
    ...mustMatch("secretName", secretName, /^[a-z0-9-]{1,127}$/i, "1 to 127 letters, digits and hyphens"),
    // About Azure Key Vault secrets: at most 25 kB
    ...failIf(
      Buffer.byteLength(properties?.value ?? "") > 25 * 1024,
      "properties.value",
      "the value is longer than 25,600 bytes",
    ),
  ],
  // Since pulumi-azure-native pull request 4759 a deleted secret is recovered, and then gets its new value.
  recover: (id, cloud) => cloud.state.delete(deletedSecretId(id)),
  put(id, inputs, cloud) {
    if (cloud.state.get(deletedSecretId(id))) {
      throw new AzureError(
        409,
        "ObjectIsDeletedButRecoverable",
        `Secret ${nameOf(id)} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      );
    }
    const before = outputsBefore(id, cloud)["properties"] as Record<string, unknown> | undefined;
    const { value: _, ...properties } = inputs.properties;
    const uri = `https://${inputs.vaultName.toLowerCase()}.${cloud.environment.vault}/secrets/${nameOf(id)}`;
    const now = Math.floor(Date.now() / 1000);
    const created = (before?.["attributes"] as { created?: number } | undefined)?.created ?? now;
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "vaultName", "secretName"]),
      // Azure never returns the value. Each PUT makes a version.
      properties: {
        ...properties,
        attributes: { enabled: true, ...inputs.properties.attributes, created, updated: now },
        secretUri: uri,
        secretUriWithVersion: `${uri}/${randomUUID().replaceAll("-", "")}`,
      },
    });
  },
  delete(id, cloud) {
    const deleted = cloud.state.get(id);
    if (deleted) cloud.state.set({ ...deleted, id: deletedSecretId(id), type: deletedSecret });
    return Promise.resolve();
  },
});
