/**
 * Azure's built-in roles that the local Azure knows, by the GUID of their definition.
 * Source: Azure built-in roles, learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const builtInRoles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  userAccessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  roleBasedAccessControlAdministrator: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  monitoringMetricsPublisher: "3913510d-42f4-4e42-8a64-420c390055eb",
  monitoringReader: "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
  monitoringContributor: "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
  logAnalyticsReader: "73c42c96-874c-492b-b04d-ab87d138a893",
  logAnalyticsContributor: "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
  sentinelReader: "8d289c81-5878-46d4-8554-54e1e3d8b5cb",
  sentinelContributor: "ab8e14d6-4a74-4a29-9ba8-549422addade",
  keyVaultAdministrator: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  keyVaultReader: "21090545-7ca7-4776-b22c-e363652d74d2",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  keyVaultSecretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  storageBlobDataOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  storageBlobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  storageBlobDataReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  storageQueueDataContributor: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  storageQueueDataReader: "19e7f393-937e-4f77-808e-94535e297925",
  storageQueueDataMessageProcessor: "8a0f0c08-91a1-4084-bc3d-661d67233fed",
  storageQueueDataMessageSender: "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
  storageTableDataContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  storageTableDataReader: "76199698-9eea-4c19-bc75-cec21354c6b6",
  websiteContributor: "de139f84-1756-47ae-9be6-808fbbe84772",
} as const;

const known: ReadonlySet<string> = new Set(Object.values(builtInRoles));

export const roleExists = (guid: string): boolean => known.has(guid.toLowerCase());

/** GUID of a role definition's id, with or without a scope before it. */
export const roleGuid = (roleDefinitionId: string): string | undefined =>
  /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([0-9a-f-]{36})$/i
    .exec(roleDefinitionId)?.[1]
    ?.toLowerCase();

/** What whoever deploys holds on the subscription: its owner, with the data roles that an owner grants himself. */
export const operatorRoles: readonly string[] = [
  builtInRoles.owner,
  builtInRoles.keyVaultSecretsOfficer,
  builtInRoles.storageBlobDataContributor,
  builtInRoles.storageQueueDataContributor,
  builtInRoles.storageTableDataContributor,
  builtInRoles.logAnalyticsReader,
];
