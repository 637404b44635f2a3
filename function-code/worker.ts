import { systemClock } from "./clock.ts";
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
import { IngestionApi } from "./upload.ts";

export type Log = CollectContext["log"];

/** The two things that the Function App does. */
export interface Worker {
  schedule(runId: string, log: Log): Promise<CollectMessage[]>;
  collect(message: CollectMessage, runId: string, log: Log): Promise<void>;
}

export interface WorkerOptions {
  readonly settings: WorkerSettings;
  readonly routes: StreamRoutes;
  readonly bundleVersion: string;
  readonly stopping: AbortSignal;
}

/** The worker on real time, in Azure. Every client is loaded when it is needed first, and built without retries of its own. */
export function createWorker({ settings, routes, bundleVersion, stopping }: WorkerOptions): Worker {
  const clock = systemClock;
  const retries: RetryContext = { clock, random: Math.random };
  const clientOptions = { retryOptions: { maxRetries: 0 } };

  const credential = lazy(async () => {
    const { ManagedIdentityCredential } = await import("@azure/identity");
    return new ManagedIdentityCredential({ clientId: settings.clientId });
  });
  const table = (name: string) =>
    new AzureTable(
      name,
      lazy(async () => {
        const { TableClient } = await import("@azure/data-tables");
        return new TableClient(settings.tableEndpoint, name, await credential(), clientOptions);
      }),
      retries,
    );
  const vault = async (vaultUrl: string) => {
    const { SecretClient } = await import("@azure/keyvault-secrets");
    return new SecretClient(vaultUrl, await credential(), clientOptions);
  };
  const ingestion = lazy(async () => {
    const { LogsIngestionClient } = await import("@azure/monitor-ingestion");
    const options = { ...clientOptions, audience: settings.ingestionAudience };
    return new LogsIngestionClient(settings.ingestionEndpoint, await credential(), options);
  });

  const checkpoints = new Checkpoints(table(stateTables.checkpoints));
  const find = sessions(settings.connections, {
    clock,
    http: new HttpClient(),
    secrets: new KeyVaultSecrets(vault, retries),
    retries,
  });
  const context = {
    clock,
    checkpoints,
    ledger: new Ledger(table(stateTables.ledger)),
    objects: table(stateTables.objects),
    uploader: new IngestionApi(ingestion, routes, settings.rules, retries),
    settings: settings.collection,
    bundleVersion,
    find,
    stopping,
  };
  return {
    schedule: (runId, log) => schedule(settings.connections, runId, { ...context, log }),
    collect: (message, runId, log) => collect(message, runId, { ...context, log }),
  };
}

/** Makes a value at the first call, and keeps it. */
function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
