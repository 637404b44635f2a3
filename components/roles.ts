import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import * as pulumi from "@pulumi/pulumi";
import { deterministicGuid } from "./naming.ts";

/** Azure's built-in roles that the connector uses; the same ids in every cloud and tenant. */
const roles = {
  monitoringMetricsPublisher: "3913510d-42f4-4e42-8a64-420c390055eb",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  storageBlobDataOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  storageQueueDataContributor: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  storageTableDataContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  storageTableDataReader: "76199698-9eea-4c19-bc75-cec21354c6b6",
  storageQueueDataReader: "19e7f393-937e-4f77-808e-94535e297925",
  logAnalyticsReader: "73c42c96-874c-492b-b04d-ab87d138a893",
} as const;

type Role = keyof typeof roles;
export type PrincipalType = "User" | "Group" | "ServicePrincipal";

export interface Grant {
  readonly role: Role;
  /** Resource id that the role holds for, and everything below it. */
  readonly scope: pulumi.Input<string>;
  /** Object id of who gets it. */
  readonly principalId: pulumi.Input<string>;
  /** @default "ServicePrincipal", as managed identities are. */
  readonly principalType?: PrincipalType;
}

/** Lets somebody do one thing in one place. */
export function assignRole(name: string, grant: Grant, opts: pulumi.CustomResourceOptions): RoleAssignment {
  const { role, scope, principalId, principalType = "ServicePrincipal" } = grant;
  return new RoleAssignment(
    name,
    {
      scope,
      principalId,
      // With any other Azure looks the principal up at once, and does not find an identity made seconds ago.
      principalType,
      roleDefinitionId: pulumi.output(scope).apply((id) => roleDefinitionId(id, role)),
      roleAssignmentName: pulumi
        .all([scope, principalId])
        .apply(([id, who]) => deterministicGuid(id, who, roles[role])),
    },
    opts,
  );
}

function roleDefinitionId(scope: string, role: Role): string {
  const [subscription] = /^\/subscriptions\/[^/]+/i.exec(scope) ?? [];
  if (!subscription) throw new Error(`A role can be assigned on a resource id only, and "${scope}" is none.`);
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles[role]}`;
}
