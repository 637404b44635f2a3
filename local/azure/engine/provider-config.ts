import type { LocalCloud } from "../cloud.ts";
import type { AzureProviderOptions } from "../resource-manager/azure-provider.ts";
import { type Failure, failIf } from "../resource-manager/rules.ts";

/** A provider's settings, from stack config (`azure-native:location`) or from the program; plain values. */
export type ProviderConfig = Readonly<Record<string, unknown>>;

/** A stack that is meant for another cloud, tenant or subscription is not deployed here by mistake; a program may name further subscriptions. */
export function otherAccount(
  config: ProviderConfig,
  isDefault: boolean,
  cloud: Pick<LocalCloud, "environment" | "tenantId" | "subscriptionId">,
): Failure[] {
  const own = isDefault ? (["tenantId", "subscriptionId"] as const) : (["tenantId"] as const);
  return [
    ...otherEnvironment(config, cloud),
    ...own.flatMap((property) => {
      const given = config[property];
      if (given === undefined || given === cloud[property]) return [];
      const reason = `${JSON.stringify(given)} is not the local Azure's, which is ${cloud[property]}. Remove azure-native:${property} from the stack's config`;
      return [{ property, reason }];
    }),
  ];
}

/** A stack that names no cloud is meant for the public one, as azure-native takes it. */
export function otherEnvironment(
  { environment = "public" }: ProviderConfig,
  cloud: Pick<LocalCloud, "environment">,
): Failure[] {
  const own = cloud.environment.name;
  return failIf(
    environment !== own,
    "environment",
    `${JSON.stringify(environment)} is not the local Azure's, which is "${own}": set azure-native:environment, or start a local Azure of that cloud`,
  );
}

/** The settings that matter here, as the azure-native provider takes them. */
export const azureOptions = ({ location, subscriptionId }: ProviderConfig): AzureProviderOptions => ({
  ...(typeof location === "string" && { location }),
  ...(typeof subscriptionId === "string" && { subscriptionId }),
});
