import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { canonical } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { roleExists, roleGuid } from "../roles.ts";
import { mustBeOneOf, mustMatch } from "../rules.ts";

type RoleAssignmentInputs = {
  scope: string;
  roleAssignmentName: string;
  principalId: string;
  principalType?: string;
  roleDefinitionId: string;
};

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const roleAssignment = defineType<RoleAssignmentInputs>({
  type: "azure-native:authorization:RoleAssignment",
  replaceOn: ["scope", "roleAssignmentName", "principalId", "roleDefinitionId"],
  autoname: { property: "roleAssignmentName", as: "uuid" },
  id: ({ scope, roleAssignmentName }) =>
    `${scope.replace(/\/+$/, "")}/providers/Microsoft.Authorization/roleAssignments/${roleAssignmentName}`,
  check: ({ roleAssignmentName, principalId, principalType }) => [
    ...mustMatch("roleAssignmentName", roleAssignmentName, guid, "the name of a role assignment is a GUID"),
    ...mustMatch("principalId", principalId, guid, "a principal is given by its object id, a GUID"),
    ...mustBeOneOf("principalType", principalType, ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]),
  ],
  put(id, inputs, cloud) {
    requireRoleDefinition(inputs.roleDefinitionId);
    requirePrincipal(inputs, cloud);
    requireNewAssignment(id, inputs, cloud);
    const before = outputsBefore(id, cloud);
    const now = new Date().toISOString();
    return Promise.resolve({
      ...echo(id, inputs, ["roleAssignmentName"]),
      createdBy: madeOnce(before, "createdBy", () => cloud.operator.principalId),
      createdOn: madeOnce(before, "createdOn", () => now),
      updatedBy: cloud.operator.principalId,
      updatedOn: now,
    });
  },
});

function requireRoleDefinition(roleDefinitionId: string) {
  const role = roleGuid(roleDefinitionId);
  if (role !== undefined && roleExists(role)) return;
  throw new AzureError(
    400,
    "RoleDefinitionDoesNotExist",
    `The specified role definition with ID '${role ?? roleDefinitionId}' does not exist.`,
  );
}

/** Only for service principals does Azure skip the look-up in the directory, which a new one has not reached yet; there is one user, the operator. */
function requirePrincipal({ principalId, principalType }: RoleAssignmentInputs, { operator }: LocalCloud) {
  if (principalType === "ServicePrincipal") return;
  if (principalType === "User" && principalId === operator.principalId) return;
  throw new AzureError(
    400,
    "PrincipalNotFound",
    `Principal ${principalId.replaceAll("-", "")} does not exist in the directory. ` +
      "If this principal was just created, set principalType to ServicePrincipal.",
  );
}

/** One principal holds one role on one scope once. */
function requireNewAssignment(id: ResourceId, inputs: RoleAssignmentInputs, cloud: LocalCloud) {
  const same = cloud.state
    .list(roleAssignment.type)
    .find(
      (other) =>
        canonical(other.id) !== canonical(id) &&
        canonical(String(other.inputs["scope"])) === canonical(inputs.scope) &&
        other.inputs["principalId"] === inputs.principalId &&
        roleGuid(String(other.inputs["roleDefinitionId"])) === roleGuid(inputs.roleDefinitionId),
    );
  if (!same) return;
  throw new AzureError(
    409,
    "RoleAssignmentExists",
    `The role assignment already exists. The ID of the existing role assignment is ${same.id}.`,
  );
}
