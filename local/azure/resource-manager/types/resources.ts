import { defineType, echo } from "../define-type.ts";
import { resourceGroupId } from "../resource-id.ts";
import { locationRules, mustMatch, normalLocation } from "../rules.ts";

type ResourceGroupInputs = { resourceGroupName: string; location: string; tags?: Record<string, string> };

export const resourceGroup = defineType<ResourceGroupInputs>({
  type: "azure-native:resources:ResourceGroup",
  replaceOn: ["resourceGroupName", "location"],
  autoname: { property: "resourceGroupName", as: "random" },
  id: ({ resourceGroupName }, cloud) => resourceGroupId(cloud, resourceGroupName),
  // Naming rules and restrictions for Azure resources, Microsoft.Resources
  check: ({ resourceGroupName, location }) => [
    ...mustMatch(
      "resourceGroupName",
      resourceGroupName,
      /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u,
      "1 to 90 letters, digits, underscores, parentheses, hyphens and periods, not ending with a period",
    ),
    ...locationRules(location),
  ],
  put: (id, inputs) =>
    Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName"]),
      location: normalLocation(inputs.location),
      properties: { provisioningState: "Succeeded" },
    }),
});
