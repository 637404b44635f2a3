import type { LocalCloud } from "../cloud.ts";
import type { AzureProviderOptions } from "../resource-manager/azure-provider.ts";
import type { Failure } from "../resource-manager/rules.ts";

/** A provider's settings, from stack config (`azure-native:location`) or from the program; plain values. */
export type ProviderConfig = Readonly<Record<string, unknown>>;

/** A stack that is meant for another tenant or subscription is not deployed here by mistake; a program may name further subscriptions. */
export function otherAccount(
  config: ProviderConfig,
  isDefault: boolean,
  cloud: Pick<LocalCloud, "tenantId" | "subscriptionId">,
): Failure[] {
  const own = isDefault ? (["tenantId", "subscriptionId"] as const) : (["tenantId"] as const);
  return own.flatMap((property) => {
    const given = config[property];
    if (given === undefined || given === cloud[property]) return [];
    const reason = `${JSON.stringify(given)} is not the local Azure's, which is ${cloud[property]}. Remove azure-native:${property} from the stack's config`;
    return [{ property, reason }];
  });
}

/** The settings that matter here, as the azure-native provider takes them. */
export const azureOptions = ({ location, subscriptionId }: ProviderConfig): AzureProviderOptions => ({
  ...(typeof location === "string" && { location }),
  ...(typeof subscriptionId === "string" && { subscriptionId }),
});
