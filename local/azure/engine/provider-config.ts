import type { LocalCloud } from "../cloud.ts";

/** A provider's settings in stack config, e.g. `azure-native:location`; plain values. */
export type ProviderConfig = Readonly<Record<string, unknown>>;

/** What URNs of one stack have in common: `urn:pulumi:<stack>::<project>`. */
export const stackOf = (urn: string): string => urn.split("::", 2).join("::");

/** There is one tenant with one subscription: a stack that is meant for another is not deployed here by mistake. */
export function otherSubscription(
  config: ProviderConfig,
  cloud: Pick<LocalCloud, "tenantId" | "subscriptionId">,
): { property: string; reason: string }[] {
  return (["tenantId", "subscriptionId"] as const).flatMap((property) => {
    const given = config[property];
    if (given === undefined || given === cloud[property]) return [];
    const reason = `${JSON.stringify(given)} is not the local Azure's, which is ${cloud[property]}. Remove azure-native:${property} from the stack's config`;
    return [{ property, reason }];
  });
}
