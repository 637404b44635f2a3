import type { DeployedSite, LocalCloud, Principal } from "../cloud.ts";

/** The identity of that client id, if it exists and is assigned to the app. */
export function assignedIdentity(
  site: DeployedSite,
  clientId: string,
  cloud: Pick<LocalCloud, "deployed">,
): Principal | undefined {
  const assigned = site.identities.some((id) => id.toLowerCase() === clientId.toLowerCase());
  return assigned ? cloud.deployed.principal(clientId) : undefined;
}
