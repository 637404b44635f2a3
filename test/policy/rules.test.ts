import { describe, expect, test } from "vitest";
import type { Resource, Rule } from "./resource.ts";
import * as rules from "./rules.ts";

type Case = readonly [what: string, props: Record<string, unknown>, violations: number];

/** Cases of one rule: what keeps to it, what breaks it, and what does not say. */
function cases(name: string, rule: Rule, type: string, list: readonly Case[]) {
  describe(`${name}, ${type}`, () => {
    test.each(list)("%s", (_, props, violations) => {
      expect(rule({ type: `azure-native:${type}`, props })).toHaveLength(violations);
    });
  });
}

cases("required tags", rules.requiredTags, "keyvault:Vault", [
  ["both", { tags: { application: "x", stack: "dev" } }, 0],
  ["one empty", { tags: { application: "x", stack: "" } }, 1],
  ["no tags", {}, 2],
]);
cases("required tags", rules.requiredTags, "operationalinsights:SavedSearch", [
  ["a type whose tags are something else", { tags: [] }, 0],
]);

cases("TLS 1.2", rules.tls12, "storage:StorageAccount", [
  ["1.2", { minimumTlsVersion: "TLS1_2", enableHttpsTrafficOnly: true }, 0],
  ["1.3", { minimumTlsVersion: "TLS1_3", enableHttpsTrafficOnly: true }, 0],
  ["1.0, and plain http", { minimumTlsVersion: "TLS1_0", enableHttpsTrafficOnly: false }, 2],
  ["nothing said: Azure's own default is 1.0", {}, 2],
]);
cases("TLS 1.2", rules.tls12, "web:WebApp", [
  ["1.2", { siteConfig: { minTlsVersion: "1.2" }, httpsOnly: true }, 0],
  ["1.1, and plain http", { siteConfig: { minTlsVersion: "1.1" }, httpsOnly: false }, 2],
  ["nothing said", {}, 2],
]);

cases("no shared keys", rules.noSharedKeys, "storage:StorageAccount", [
  ["off", { allowSharedKeyAccess: false }, 0],
  ["on", { allowSharedKeyAccess: true }, 1],
  ["nothing said: Azure has them on", {}, 1],
]);
cases("no shared keys", rules.noSharedKeys, "applicationinsights:Component", [
  ["off", { disableLocalAuth: true }, 0],
  ["on", { disableLocalAuth: false }, 1],
  ["nothing said", {}, 1],
]);
cases("no shared keys", rules.noSharedKeys, "operationalinsights:Workspace", [
  ["off", { features: { disableLocalAuth: true } }, 0],
  ["on", { features: { disableLocalAuth: false } }, 1],
  ["nothing said", {}, 1],
]);
cases("no shared keys", rules.noSharedKeys, "keyvault:Vault", [
  ["roles", { properties: { enableRbacAuthorization: true } }, 0],
  ["access policies", { properties: { enableRbacAuthorization: false } }, 1],
  ["nothing said", {}, 1],
]);

cases("no public blobs", rules.noPublicBlobs, "storage:StorageAccount", [
  ["off", { allowBlobPublicAccess: false }, 0],
  ["on", { allowBlobPublicAccess: true }, 1],
  ["nothing said", {}, 1],
]);
cases("no public blobs", rules.noPublicBlobs, "storage:BlobContainer", [
  ["private", { publicAccess: "None" }, 0],
  ["public", { publicAccess: "Blob" }, 1],
  ["nothing said: Azure makes it private", {}, 0],
]);

const setting = (name: string, value: unknown) => ({ siteConfig: { appSettings: [{ name, value }] } });
cases("no secret in app settings", rules.noSecretInAppSettings, "web:WebApp", [
  ["an address", setting("VAULT", "https://kv.vault.azure.net/secrets/connection-emea"), 0],
  ["a name that says it", setting("SENTINELONE_API_TOKEN", "x"), 1],
  ["a key of a storage account", setting("AzureWebJobsStorage", "AccountName=a;AccountKey=b"), 1],
  ["a signed address", setting("PACKAGE", "https://a.blob.core.windows.net/p?sv=1&sig=x"), 1],
  ["a token as the console makes them", setting("X", "eyJraWQiOiJhcC1zb3V0aCJ9.e30.c2ln"), 1],
  ["what Pulumi holds to be secret", setting("X", { "4dabf18193072939515e22adb298388d": "…", value: "x" }), 1],
  ["no settings", {}, 0],
]);

test("a violation names the setting, and never its value", () => {
  const props = setting("X_TOKEN", "canary");
  expect(rules.noSecretInAppSettings({ type: "azure-native:web:WebApp", props })).toEqual([
    "the app setting X_TOKEN looks like a secret",
  ]);
});

const role = (guid: string) => `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
const publisher = role("3913510d-42f4-4e42-8a64-420c390055eb");
cases("roles from the list", rules.rolesFromList, "authorization:RoleAssignment", [
  ["one of them", { roleDefinitionId: publisher, principalType: "ServicePrincipal" }, 0],
  [
    "Contributor",
    { roleDefinitionId: role("b24988ac-6180-42a0-ab88-20f7382dd24c"), principalType: "ServicePrincipal" },
    1,
  ],
  ["to a person", { roleDefinitionId: publisher, principalType: "User" }, 1],
  [
    "an operator's, to a group",
    { roleDefinitionId: role("73c42c96-874c-492b-b04d-ab87d138a893"), principalType: "Group" },
    0,
  ],
  ["nothing said", {}, 2],
]);

const group = "/subscriptions/aaaa/resourceGroups/rg";
cases("roles on one resource", rules.rolesOnOneResource, "authorization:RoleAssignment", [
  ["a vault's secret", { scope: `${group}/providers/Microsoft.KeyVault/vaults/kv/secrets/token` }, 0],
  ["a resource group", { scope: group }, 1],
  ["a subscription", { scope: "/subscriptions/aaaa" }, 1],
  ["a management group", { scope: "/providers/Microsoft.Management/managementGroups/all" }, 1],
  ["nothing said", {}, 1],
]);

cases("retention", rules.retentionBounds, "operationalinsights:Table", [
  ["90 days", { retentionInDays: 90, totalRetentionInDays: 365 }, 0],
  ["a week", { retentionInDays: 7, totalRetentionInDays: 365 }, 1],
  ["kept for less than it may be asked for", { retentionInDays: 180, totalRetentionInDays: 90 }, 1],
  ["for ever", { retentionInDays: 730, totalRetentionInDays: 9999 }, 1],
  ["plan Basic, whose days Azure fixes", { plan: "Basic", totalRetentionInDays: 365 }, 0],
  ["nothing said", {}, 2],
]);
cases("retention", rules.retentionBounds, "operationalinsights:Workspace", [
  ["90 days", { retentionInDays: 90 }, 0],
  ["a week", { retentionInDays: 7 }, 1],
  ["nothing said", {}, 2],
]);

const vaultOf = (stack: string, properties: object) => ({ tags: { stack }, properties });
cases("purge protection", rules.purgeProtection, "keyvault:Vault", [
  ["on", vaultOf("prod", { enablePurgeProtection: true }), 0],
  ["off", vaultOf("prod", { enablePurgeProtection: false }), 1],
  ["nothing said", vaultOf("prod-eu", {}), 1],
  ["said by the environment's tag", { tags: { stack: "eu", environment: "prod" }, properties: {} }, 1],
  ["a stack that may be thrown away", vaultOf("dev", {}), 0],
]);

describe("rules tell their errors", () => {
  const rule: Resource = { key: "rule", type: "azure-native:monitor:DataCollectionRule", props: {}, dependencies: [] };
  const setting = (props: Record<string, unknown>): Resource => ({
    key: "setting",
    type: "azure-native:monitor:DiagnosticSetting",
    props,
    dependencies: ["rule"],
  });
  test.each<[string, readonly Resource[], readonly string[]]>([
    ["recorded", [rule, setting({ logs: [{ category: "LogErrors", enabled: true }] })], []],
    ["recorded with all else", [rule, setting({ logs: [{ categoryGroup: "allLogs", enabled: true }] })], []],
    ["switched off", [rule, setting({ logs: [{ category: "LogErrors", enabled: false }] })], ["rule"]],
    ["metrics only", [rule, setting({ metrics: [{ enabled: true }] })], ["rule"]],
    ["no setting", [rule], ["rule"]],
    [
      "a setting of something else",
      [rule, { ...setting({ logs: [{ category: "LogErrors", enabled: true }] }), dependencies: [] }],
      ["rule"],
    ],
    ["no rule", [], []],
  ])("%s", (_, resources, expected) => {
    expect([...rules.rulesTellErrors(resources).keys()]).toEqual(expected);
  });
});
