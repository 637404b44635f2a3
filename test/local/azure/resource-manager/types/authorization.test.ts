import { expect, test } from "vitest";
import { builtInRoles } from "../../../../../local/azure/resource-manager/roles.ts";
import { refusal, subscription } from "../subscription.ts";

const definition = (guid: string) => `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${guid}`;

async function withIdentity() {
  const { cloud, create, remove, known } = await subscription("group", "vault", "secret", "identity");
  const principalId = known.identity.outputs["principalId"] as string;
  const assignment = {
    scope: known.vault.id,
    principalId,
    principalType: "ServicePrincipal",
    roleDefinitionId: definition(builtInRoles.keyVaultSecretsUser),
  };
  return { cloud, create, remove, known, principalId, assignment };
}

test("a role holds on its scope and below it, and nowhere else", async () => {
  const { cloud, create, remove, known, principalId, assignment } = await withIdentity();
  const { id } = await create("role", assignment);
  expect(id).toMatch(new RegExp(`^${known.vault.id}/providers/Microsoft.Authorization/roleAssignments/[0-9a-f-]{36}$`));
  const roles = (scope: string) => cloud.deployed.roles(principalId, scope);
  expect(roles(known.vault.id)).toEqual([builtInRoles.keyVaultSecretsUser]);
  expect(roles(known.secret.id.toUpperCase())).toEqual([builtInRoles.keyVaultSecretsUser]);
  expect(roles(known.group.id)).toEqual([]);
  expect(roles(`${known.vault.id}-two`)).toEqual([]);
  expect(cloud.deployed.roles("somebody else", known.vault.id)).toEqual([]);
  await remove("role", { id, inputs: {}, outputs: {} });
  expect(roles(known.vault.id)).toEqual([]);
});

test("whoever deploys owns the subscription, and may use its data", async () => {
  const { cloud, known } = await withIdentity();
  const roles = cloud.deployed.roles(cloud.operator.principalId, known.secret.id);
  expect(roles).toContain(builtInRoles.owner);
  expect(roles).toContain(builtInRoles.keyVaultSecretsOfficer);
  expect(roles).not.toContain(builtInRoles.monitoringMetricsPublisher);
});

test.each([
  // Azure RBAC docs, troubleshooting: azure-native's default principalType is User
  ["principal type User", { principalType: "User" }, 400, "PrincipalNotFound", "set principalType to ServicePrincipal"],
  ["no principal type", { principalType: undefined }, 400, "PrincipalNotFound", "does not exist in the directory"],
  // Azure built-in roles
  [
    "a role that does not exist",
    { roleDefinitionId: definition("00000000-0000-0000-0000-000000000001") },
    400,
    "RoleDefinitionDoesNotExist",
    "'00000000-0000-0000-0000-000000000001' does not exist",
  ],
  [
    "a role by its name",
    { roleDefinitionId: "Key Vault Secrets User" },
    400,
    "RoleDefinitionDoesNotExist",
    "'Key Vault Secrets User' does not exist",
  ],
  ["a principal by its name", { principalId: "id-one" }, 400, "InvalidRequestContent", "object id, a GUID"],
  ["a name that is no GUID", { roleAssignmentName: "reader" }, 400, "InvalidRequestContent", "is a GUID"],
  [
    "a scope that is not there",
    { scope: "/subscriptions/s/resourceGroups/none" },
    404,
    "ResourceGroupNotFound",
    "'none'",
  ],
])("an assignment with %s is refused", async (_, inputs, status, code, message) => {
  const { create, assignment } = await withIdentity();
  await expect(create("role", { ...assignment, ...inputs })).rejects.toEqual(refusal(status, code, message));
});

test("a role is assigned once", async () => {
  const { create, assignment } = await withIdentity();
  await create("role", assignment);
  await expect(create("role", assignment)).rejects.toEqual(refusal(409, "RoleAssignmentExists", "already exists"));
});
