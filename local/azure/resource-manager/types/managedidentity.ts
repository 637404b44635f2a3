import { randomUUID } from "node:crypto";
import { defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { locationRules, mustMatch, normalLocation } from "../rules.ts";

type UserAssignedIdentityInputs = { resourceGroupName: string; resourceName: string; location: string };

export const userAssignedIdentity = defineType<UserAssignedIdentityInputs>({
  type: "azure-native:managedidentity:UserAssignedIdentity",
  replaceOn: ["resourceGroupName", "resourceName", "location"],
  autoname: { property: "resourceName", as: "random" },
  id: ({ resourceGroupName, resourceName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.ManagedIdentity/userAssignedIdentities/${resourceName}`),
  // Naming rules and restrictions for Azure resources, Microsoft.ManagedIdentity
  check: ({ resourceName, location }) => [
    ...mustMatch(
      "resourceName",
      resourceName,
      /^[a-z0-9][\w-]{2,127}$/i,
      "3 to 128 letters, digits, hyphens and underscores, beginning with a letter or digit",
    ),
    ...locationRules(location),
  ],
  put(id, inputs, cloud) {
    const before = outputsBefore(id, cloud);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "resourceName"]),
      location: normalLocation(inputs.location),
      tenantId: cloud.tenantId,
      clientId: madeOnce(before, "clientId", randomUUID),
      principalId: madeOnce(before, "principalId", randomUUID),
    });
  },
});
