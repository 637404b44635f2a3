import type { TableServiceClientOptions } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { type Clock, systemClock } from "./clock.ts";
import { collect } from "./collect.ts";
import type { CollectContext } from "./context.ts";
import type { StreamRoutes, WorkerSettings } from "./environment.ts";
import { HttpClient } from "./http.ts";
import type { RetryContext } from "./retry.ts";
import { schedule } from "./schedule.ts";
import { KeyVaultSecrets } from "./secrets.ts";
import { sessions } from "./sessions.ts";
import { AzureTable } from "./state/azure-table.ts";
import { Checkpoints } from "./state/checkpoints.ts";
import { type CollectMessage, stateTables } from "./state/entities.ts";
import { Ledger } from "./state/ledger.ts";
import { Windows } from "./state/windows.ts";
import { IngestionApi } from "./upload.ts";

export type Log = CollectContext["log"];

/**
 * How long a worker that is stopped waits for its runs, in milliseconds: they end where the next page would be read, and a request that is
 * under way is cut short. The platform gives 30 s.
 */
const grace = 25_000;

/** The two things that the Function App does. */
export interface Worker {
  schedule(runId: string, log: Log): Promise<CollectMessage[]>;
  collect(message: CollectMessage, runId: string, log: Log): Promise<void>;
  /** Has the runs under way keep their place and end; resolves when they have. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly settings: WorkerSettings;
  readonly routes: StreamRoutes;
  readonly bundleVersion: string;
  readonly stopping: AbortSignal;
}

/** What the worker is made of and a test may put in its place. */
export interface Outside {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Towards the vendors. */
  readonly http: HttpClient;
  /** Towards Azure. */
  readonly credential: () => Promise<TokenCredential>;
  readonly clientOptions: Pick<TableServiceClientOptions, "httpClient" | "additionalPolicies">;
}

/** Real time, real networks, the app's own identity. */
function realOutside({ clientId }: WorkerSettings): Outside {
  return {
    clock: systemClock,
    random: Math.random,
    http: new HttpClient(),
    credential: lazy(async () => {
      const { ManagedIdentityCredential } = await import("./azure/identity.ts");
      return new ManagedIdentityCredential({ clientId });
    }),
    clientOptions: {},
  };
}

export function createWorker(options: Omit<WorkerOptions, "stopping">): Worker {
  const stopping = new AbortController();
  const outside = realOutside(options.settings);
  const context = createContext({ ...options, stopping: stopping.signal }, outside);
  const { connections } = options.settings;
  const running = new Set<Promise<void>>();
  return {
    schedule: (runId, log) => schedule(connections, runId, { ...context, log }),
    collect: (message, runId, log) => {
      const run = collect(message, runId, { ...context, log }).finally(() => running.delete(run));
      running.add(run);
      return run;
    },
    stop: async () => {
      stopping.abort(new Error("the platform stops the worker"));
      await Promise.race([Promise.allSettled(running), outside.clock.sleep(grace)]);
    },
  };
}

/** All that runs need. Every client is loaded when it is needed first, and built without retries of its own. */
export function createContext(
  { settings, routes, bundleVersion, stopping }: WorkerOptions,
  { clock, random, http, credential, clientOptions }: Outside,
): Omit<CollectContext, "log"> {
  const retries: RetryContext = { clock, random };
  const options = { ...clientOptions, retryOptions: { maxRetries: 0 } };

  const table = (name: string) =>
    new AzureTable(
      name,
      lazy(async () => {
        const { TableClient } = await import("./azure/tables.ts");
        return new TableClient(settings.tableEndpoint, name, await credential(), options);
      }),
      retries,
    );
  const vault = async (vaultUrl: string) => {
    const { SecretClient } = await import("@azure/keyvault-secrets");
    return new SecretClient(vaultUrl, await credential(), options);
  };
  const ingestion = lazy(async () => {
    const { getClient } = await import("@azure-rest/core-client");
    const credentials = { scopes: [`${settings.ingestionAudience}/.default`] };
    return getClient(settings.ingestionEndpoint, await credential(), { ...options, credentials });
  });

  return {
    clock,
    checkpoints: new Checkpoints(table(stateTables.checkpoints)),
    ledger: new Ledger(table(stateTables.ledger)),
    objects: table(stateTables.objects),
    windows: new Windows(table(stateTables.windows)),
    uploader: new IngestionApi(ingestion, routes, settings.rules, retries),
    settings: settings.collection,
    bundleVersion,
    find: sessions(settings.connections, { clock, http, secrets: new KeyVaultSecrets(vault, retries), retries }),
    stopping,
  };
}

/** Makes a value at the first call, and keeps it. */
function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
