import type { StoredResource } from "../../cloud.ts";
import { defineType, echo, outputsBefore } from "../define-type.ts";
import { canonical, idInGroup, isWithin, resourceGroupId } from "../resource-id.ts";
import { AzureError } from "../resource-type.ts";
import { type Failure, failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

type WorkbookInputs = {
  resourceGroupName: string;
  resourceName: string;
  location: string;
  kind?: string;
  category: string;
  displayName: string;
  serializedData: string;
  sourceId?: string;
};

export const workbook = defineType<WorkbookInputs>({
  type: "azure-native:applicationinsights:Workbook",
  replaceOn: ["resourceGroupName", "resourceName", "location"],
  autoname: { property: "resourceName", as: "uuid" },
  id: ({ resourceGroupName, resourceName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/workbooks/${resourceName}`),
  check: ({ resourceName, location, kind, category, displayName, serializedData }) => [
    // REST reference, Workbooks - Create Or Update: the name must be an UUID, the only valid kind is shared, the data valid JSON
    ...mustMatch("resourceName", resourceName, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID in lower case"),
    ...mustBeOneOf("kind", kind, ["shared"]),
    ...failIf(category === "", "category", "a category is required"),
    ...failIf(displayName === "", "displayName", "a display name is required"),
    ...notebookRules(serializedData),
    ...locationRules(location),
  ],
  put(id, inputs, cloud) {
    // microsoft/ApplicationInsights-Home#476; the portal's templates say that the display name is unique within a resource group
    const group = resourceGroupId(cloud, inputs.resourceGroupName);
    const isTwin = (other: StoredResource) =>
      other.inputs["displayName"] === inputs.displayName &&
      isWithin(other.id, group) &&
      canonical(other.id) !== canonical(id);
    if (cloud.state.list(workbook.type).some(isTwin)) {
      throw new AzureError(409, "Conflict", "A Workbook with the same name already exists within this subscription.");
    }
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName", "resourceName"]),
      location: normalLocation(inputs.location),
      // azurerm, application_insights_workbook: source_id comes back in lower case
      ...(inputs.sourceId !== undefined && { sourceId: inputs.sourceId.toLowerCase() }),
      revision: revisionAfter(outputsBefore(id, cloud)["revision"]),
      timeModified: new Date().toISOString(),
    });
  },
});

/** Every write is a revision, numbered in 32 hexadecimal digits. */
function revisionAfter(before: unknown): string {
  const number = typeof before === "string" ? Number.parseInt(before, 16) : 0;
  return (number + 1).toString(16).padStart(32, "0");
}

function notebookRules(serializedData: string | undefined): Failure[] {
  if (serializedData === undefined) return [];
  try {
    const { version, items } = JSON.parse(serializedData) as { version?: unknown; items?: unknown };
    return [
      ...failIf(version !== "Notebook/1.0", "serializedData", "version must be 'Notebook/1.0'"),
      ...failIf(!Array.isArray(items), "serializedData", "items must be a list"),
    ];
  } catch {
    return [{ property: "serializedData", reason: "is not valid JSON" }];
  }
}
