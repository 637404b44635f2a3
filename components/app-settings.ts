import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import type { Health } from "./health.ts";
import { type Storage, workQueue } from "./storage.ts";
import type { Streams } from "./streams.ts";
import type { Vault } from "./vault.ts";

/** One console or tenant as the worker knows it, but for its token, which the vault holds. */
export interface WorkerConnection {
  readonly name: string;
  readonly vendor: "sentinelone" | "valence";
  /** Origin of the console or API. */
  readonly url: string;
  /** Names of the vendor's streams that are collected. */
  readonly streams: readonly string[];
  /** SentinelOne sites to collect from; absent: all that the token may see. */
  readonly siteIds?: readonly string[];
  /** Valence: what differs from the default HTTP profile. */
  readonly profile?: Readonly<Record<string, unknown>>;
}

/** How far back, how much twice, how long remembered: the worker's own words for it are in `function-code/environment.ts`. */
export interface CollectionSettings {
  readonly sinceHours: number;
  readonly holdBackSeconds: number;
  readonly overlapSeconds: number;
  readonly ledgerDays: number;
  readonly snapshotHours: number;
  readonly idleMinutes: number;
}

export interface WorkerSettingsArgs {
  readonly identity: UserAssignedIdentity;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly streams: Streams;
  readonly health: Health;
  readonly connections: readonly WorkerConnection[];
  readonly collection: CollectionSettings;
  readonly ingestionAudience: string;
}

interface AppSetting {
  readonly name: string;
  readonly value: pulumi.Input<string>;
}

/** All app settings of the worker and its host. None of them is secret; Flex refuses those of other plans, so there is none. */
export function workerSettings(args: WorkerSettingsArgs): AppSetting[] {
  const { identity, storage, streams, health } = args;
  const settings = {
    AZURE_CLIENT_ID: identity.clientId,
    STATE_TABLE_ENDPOINT: storage.endpoints.table,
    INGESTION_ENDPOINT: streams.endpoint,
    INGESTION_AUDIENCE: args.ingestionAudience,
    INGESTION_RULES: pulumi.jsonStringify(
      Object.fromEntries(streams.rules.map((rule) => [rule.key, rule.immutableId])),
    ),
    CONNECTIONS: pulumi.jsonStringify(workerConnections(args)),
    COLLECTION: JSON.stringify(args.collection),
    WORK_QUEUE: workQueue,
    ...identityConnection("WorkQueue", identity, { queue: storage.endpoints.queue }),
    ...identityConnection("AzureWebJobsStorage", identity, storage.endpoints),
    APPLICATIONINSIGHTS_CONNECTION_STRING: health.telemetry,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: pulumi.interpolate`ClientId=${identity.clientId};Authorization=AAD`,
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}

/** The connections as the worker and the operator know them. Field by field, so that nothing else of one, least of all its token, ends here. */
export function workerConnections({ connections, vault }: Pick<WorkerSettingsArgs, "connections" | "vault">) {
  return connections.map(({ name, vendor, url, streams, siteIds, profile }) => {
    return { name, vendor, url, secretId: vault.secretIds[name], streams, siteIds, profile };
  });
}

/** How the Functions host reaches storage as the worker's identity; by addresses, since a name alone works in one cloud only. */
function identityConnection(
  name: string,
  identity: UserAssignedIdentity,
  services: Partial<Storage["endpoints"]>,
): Record<string, pulumi.Input<string>> {
  return {
    ...Object.fromEntries(Object.entries(services).map(([service, url]) => [`${name}__${service}ServiceUri`, url])),
    [`${name}__credential`]: "managedidentity",
    [`${name}__clientId`]: identity.clientId,
  };
}
