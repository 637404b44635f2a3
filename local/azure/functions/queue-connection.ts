import type { Agent } from "node:https";
import { QueueClient } from "@azure/storage-queue";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import { assignedIdentity } from "../identity/assigned-identity.ts";
import { principalCredential } from "../identity/credential.ts";
import type { TokenAuthority } from "../identity/tokens.ts";

export interface QueueConnections {
  /** A client of the queue, acting as the app's own identity; throws where the app settings do not name queue service and identity. */
  open(connection: string, queueName: string): QueueClient;
}

/**
 * How the host finds the queue of a binding. Source: "Azure Queue storage trigger", identity-based connections: the app settings
 * `<connection>__queueServiceUri` (or `__accountName`), `__credential` and `__clientId`.
 */
export function queueConnections(
  site: DeployedSite,
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  agent: Agent,
): QueueConnections {
  const setting = (connection: string, property: string) => site.appSettings[`${connection}__${property}`];

  function serviceUri(connection: string): string {
    const uri = setting(connection, "queueServiceUri");
    const account = setting(connection, "accountName");
    if (uri) return uri.replace(/\/+$/, "");
    if (account) return `https://${account}.queue.${authority.environment.storage}`;
    throw new Error(
      site.appSettings[connection] === undefined
        ? `App setting ${connection}__queueServiceUri is missing: the binding's connection "${connection}" names no queue service.`
        : `App setting ${connection} is a connection string; the local host takes identity-based connections only: set ${connection}__queueServiceUri, ${connection}__credential and ${connection}__clientId.`,
    );
  }

  function identity(connection: string) {
    const clientId = setting(connection, "clientId");
    if (setting(connection, "credential") !== "managedidentity" || !clientId) {
      throw new Error(
        `App settings ${connection}__credential=managedidentity and ${connection}__clientId are needed: the app has no system-assigned identity.`,
      );
    }
    const principal = assignedIdentity(site, clientId, cloud);
    if (!principal)
      throw new Error(`App setting ${connection}__clientId: no identity ${clientId} is assigned to ${site.name}.`);
    return principal;
  }

  return {
    open(connection, queueName) {
      const options = { agent, retryOptions: { maxTries: 1 } };
      return new QueueClient(
        `${serviceUri(connection)}/${queueName}`,
        principalCredential(authority, identity(connection)),
        options,
      );
    },
  };
}
