/**
 * The app settings that the stack writes and the worker reads. This file is the only reader of `process.env`.
 * No setting holds a secret: tokens are read from Key Vault at run time.
 */
export interface AppSettings {
  /** Client id of the user-assigned identity. */
  readonly AZURE_CLIENT_ID: string;
  /** Table service of the storage account, e.g. `https://<account>.table.core.windows.net`. */
  readonly STATE_TABLE_ENDPOINT: string;
  /** Logs ingestion address of the data collection endpoint. */
  readonly INGESTION_ENDPOINT: string;
  /** Token audience of the ingestion API in this cloud, e.g. `https://monitor.azure.com`. */
  readonly INGESTION_AUDIENCE: string;
  /** JSON: `{ "<vendor>-<rule>": "<immutable id of the data collection rule>" }`. */
  readonly INGESTION_RULES: string;
  /** JSON: an array of `Connection`. */
  readonly CONNECTIONS: string;
  /** JSON: `CollectionSettings`. */
  readonly COLLECTION: string;
  /** Name of the queue that carries the work. Its service is the binding connection `WorkQueue` (`WorkQueue__queueServiceUri`, …). */
  readonly WORK_QUEUE: string;
}

/** One console or tenant to collect from. */
export interface Connection {
  /** Name in stack config; the value of the column `Connection`. */
  readonly name: string;
  readonly vendor: "sentinelone" | "valence";
  /** Origin of the console or API, e.g. `https://emea.sentinelone.example`. */
  readonly url: string;
  /** Versionless id of the Key Vault secret that holds the token: `https://<vault>/secrets/<name>`. */
  readonly secretId: string;
  /** Names of the enabled streams of that vendor. */
  readonly streams: readonly string[];
  /** SentinelOne sites to restrict collection to; absent: all that the token may see. */
  readonly siteIds?: readonly string[];
  /** Valence: what differs from the default HTTP profile (validated by function-code/valence/profile.ts). */
  readonly profile?: Readonly<Record<string, unknown>>;
}

export interface CollectionSettings {
  /** How far back the first collection of a stream reaches, in hours. */
  readonly sinceHours: number;
  /** How far the watermark stays behind the start of the walk, in seconds of the server's clock. */
  readonly holdBackSeconds: number;
  /** How far before the watermark the next walk starts, in seconds. */
  readonly overlapSeconds: number;
  /** How long delivered keys are remembered, in days. */
  readonly ledgerDays: number;
  /** Longest time between two full snapshots of an inventory stream, in hours. */
  readonly snapshotHours: number;
}

/** Where a stream's rows go. The bundler hands the worker this map, keyed by `<vendor>-<stream>`, and nothing else of `kql/`. */
export type StreamRoutes = Readonly<Record<string, StreamRoute>>;
export interface StreamRoute {
  /** Stream name inside the rule, `Custom-…`. */
  readonly stream: string;
  /** Key into `INGESTION_RULES`. */
  readonly rule: string;
  /** Destination table, for messages to people. */
  readonly table: string;
}
