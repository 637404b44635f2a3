/**
 * The app settings that the stack writes and the worker reads: `main.ts` hands the environment to `readSettings`, nothing else reads it.
 * No setting holds a secret: tokens are read from Key Vault at run time.
 */
interface AppSettings {
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
  /** How long a stream rests that found nothing to collect, in minutes. */
  readonly idleMinutes: number;
}

/** `AppSettings`, parsed. */
export interface WorkerSettings {
  readonly clientId: string;
  readonly tableEndpoint: string;
  readonly ingestionEndpoint: string;
  readonly ingestionAudience: string;
  readonly rules: Readonly<Record<string, string>>;
  readonly connections: readonly Connection[];
  readonly collection: CollectionSettings;
}

/** Reads the settings from an environment. Throws one error that names every setting that is missing or cannot be read. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): WorkerSettings {
  const problems: string[] = [];
  const text = (name: keyof AppSettings): string => {
    const value = environment[name]?.trim();
    if (!value) problems.push(`${name} is not set`);
    return value ?? "";
  };
  const url = (name: keyof AppSettings): string => {
    const value = text(name);
    if (value && !URL.canParse(value)) problems.push(`${name} is "${value}", which is not an address`);
    return value;
  };
  const json = (name: keyof AppSettings, isRight: (value: unknown) => boolean, shape: string): unknown => {
    const value = text(name);
    if (!value) return undefined;
    try {
      const parsed: unknown = JSON.parse(value);
      if (isRight(parsed)) return parsed;
    } catch {
      // Said below: what it should be helps more than where the parser stopped.
    }
    problems.push(`${name} is not ${shape} in JSON`);
    return undefined;
  };
  const settings = {
    clientId: text("AZURE_CLIENT_ID"),
    tableEndpoint: url("STATE_TABLE_ENDPOINT"),
    ingestionEndpoint: url("INGESTION_ENDPOINT"),
    ingestionAudience: url("INGESTION_AUDIENCE"),
    rules: json("INGESTION_RULES", isObjectOf("string"), "an object of rule ids"),
    connections: json(
      "CONNECTIONS",
      isListOfConnections,
      "a list of connections (name, vendor, url, secretId, streams)",
    ),
    collection: json("COLLECTION", isCollection, `an object of the numbers ${collectionFields.join(", ")}`),
  };
  text("WORK_QUEUE");
  if (problems.length > 0) {
    throw new Error(
      `The app settings are not as the stack writes them; run "pulumi up" again.\n- ${problems.join("\n- ")}`,
    );
  }
  return settings as WorkerSettings;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isObjectOf = (type: "string") => (value: unknown) =>
  isObject(value) && Object.values(value).every((member) => typeof member === type);

const collectionFields = [
  "sinceHours",
  "holdBackSeconds",
  "overlapSeconds",
  "ledgerDays",
  "snapshotHours",
  "idleMinutes",
] as const;

const isCollection = (value: unknown) =>
  isObject(value) && collectionFields.every((field) => typeof value[field] === "number" && value[field] >= 0);

const isListOfConnections = (value: unknown) =>
  Array.isArray(value) &&
  value.every(
    (connection: unknown) =>
      isObject(connection) &&
      [connection["name"], connection["secretId"], connection["url"]].every((member) => typeof member === "string") &&
      (connection["vendor"] === "sentinelone" || connection["vendor"] === "valence") &&
      Array.isArray(connection["streams"]),
  );

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
