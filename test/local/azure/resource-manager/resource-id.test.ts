import { expect, test } from "vitest";
import { groupOf, isWithin, parentOf, typeOf } from "../../../../local/azure/resource-manager/resource-id.ts";

const group = "/subscriptions/s/resourceGroups/rg";
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/st`;

test.each([
  [group, "Microsoft.Resources/resourceGroups", undefined],
  [vault, "Microsoft.KeyVault/vaults", group],
  [`${vault}/secrets/token`, "Microsoft.KeyVault/vaults/secrets", vault],
  [`${account}/blobServices/default`, "Microsoft.Storage/storageAccounts/blobServices", account],
  [
    `${account}/blobServices/default/containers/c`,
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    account,
  ],
  [
    `${account}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/audit`,
    "Microsoft.Insights/diagnosticSettings",
    account,
  ],
  [`${vault}/providers/Microsoft.Authorization/roleAssignments/1`, "Microsoft.Authorization/roleAssignments", vault],
  [
    "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/1",
    "Microsoft.Authorization/roleAssignments",
    "/subscriptions/s",
  ],
])("%s", (id, type, parent) => {
  expect(typeOf(id)).toBe(type);
  expect(parentOf(id)).toBe(parent);
});

test.each([
  [vault, vault.toUpperCase(), true],
  [vault, `${group}/`, true],
  [`${vault}2`, vault, false],
  [group, vault, false],
])("whether %s is within %s: %s", (id, scope, expected) => expect(isWithin(id, scope)).toBe(expected));

test("the resource group of an id", () => {
  expect(groupOf(vault)).toBe("rg");
  expect(groupOf("/subscriptions/s")).toBeUndefined();
});
