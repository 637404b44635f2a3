import type { StoredResource } from "../cloud.ts";
import { nameOf, typeOf } from "./resource-id.ts";

/** What ARM shows beside `properties`, for every type but those below. Source: REST reference, Resources - Get By Id. */
const envelope = ["location", "tags", "kind", "sku", "identity", "etag", "managedBy"];

/** Types that keep one of these among their properties. Source: REST reference, Workspaces - Get. */
const inProperties: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.OperationalInsights/workspaces": ["sku"],
};

/** A deployed resource as `GET` answers it: azure-native flattens this document into outputs, here it is put together again. */
export function resourceDocument({
  id,
  outputs,
}: Pick<StoredResource, "id" | "outputs">): Readonly<Record<string, unknown>> {
  const type = typeOf(id);
  const outside = envelope.filter((name) => !inProperties[type]?.includes(name));
  const { name: _, type: __, properties, ...rest } = outputs as Record<string, unknown> & { properties?: object };
  const entries = Object.entries(rest);
  return {
    id,
    name: nameOf(id),
    type,
    ...Object.fromEntries(entries.filter(([name]) => outside.includes(name))),
    properties: { ...Object.fromEntries(entries.filter(([name]) => !outside.includes(name))), ...properties },
  };
}
