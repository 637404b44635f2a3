import type { LogsIngestionClient } from "@azure/monitor-ingestion";
import { azureError } from "./azure-errors.ts";
import type { StreamRoute, StreamRoutes } from "./environment.ts";
import { CollectionError } from "./errors.ts";
import { type RetryContext, withRetries } from "./retry.ts";

/** How long one call to the ingestion API may take, in milliseconds. */
export const uploadTimeout = 60_000;

/** The API takes 1 MB a call, before and after compression; the rest is room for the array's commas and brackets. */
export const maxBatchBytes = 950_000;

export interface Uploader {
  /**
   * Sends rows to a stream's rule; resolves when Azure has acknowledged all of them. `beforeEach` is awaited before every attempt.
   * Throws `CollectionError`.
   */
  upload(stream: string, rows: readonly object[], options: UploadOptions): Promise<void>;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly beforeEach?: () => Promise<void>;
  readonly onRetry?: () => void;
}

/** The Logs Ingestion API, through Microsoft's client. */
export class IngestionApi implements Uploader {
  readonly #client: () => Promise<Pick<LogsIngestionClient, "upload">>;
  readonly #routes: StreamRoutes;
  readonly #rules: Readonly<Record<string, string>>;
  readonly #retries: RetryContext;

  /** @param rules immutable ids of the data collection rules, by the names that `routes` uses */
  constructor(
    client: () => Promise<Pick<LogsIngestionClient, "upload">>,
    routes: StreamRoutes,
    rules: Readonly<Record<string, string>>,
    retries: RetryContext,
  ) {
    this.#client = client;
    this.#routes = routes;
    this.#rules = rules;
    this.#retries = retries;
  }

  async upload(stream: string, rows: readonly object[], options: UploadOptions): Promise<void> {
    const route = this.#routes[stream];
    const ruleId = route && this.#rules[route.rule];
    if (!route || !ruleId) {
      const text = `Nothing says where rows of "${stream}" go: the setting INGESTION_RULES has no entry for it. Deploy the stack again.`;
      throw new CollectionError("failing", "configuration", text);
    }
    let rest = [...rows] as Record<string, unknown>[];
    await withRetries({ ...this.#retries, onRetry: options.onRetry, signal: options.signal }, async () => {
      await options.beforeEach?.();
      const failures = await this.#send(ruleId, route.stream, rest);
      if (failures.length === 0) return;
      // Only what failed is sent again: Azure has the other chunks already, and a second copy would be stored.
      rest = failures.flatMap(({ failedLogs }) => failedLogs);
      if (statusOf(failures[0]?.cause) === 404) throw notKnownYet(route);
      const service = `The ingestion endpoint (stream ${route.stream}, table ${route.table})`;
      throw azureError(failures[0]?.cause, service, "Monitoring Metrics Publisher", this.#retries.clock.now());
    });
  }

  async #send(ruleId: string, stream: string, rows: Record<string, unknown>[]): Promise<Failure[]> {
    const failures: Failure[] = [];
    const client = await this.#client();
    try {
      await client.upload(ruleId, stream, rows, {
        maxConcurrency: 1,
        abortSignal: AbortSignal.timeout(uploadTimeout),
        onError: (failure) => failures.push(failure),
      });
    } catch (error) {
      // The SDK throws after `onError` has told it all; without that nothing is known to have arrived.
      if (failures.length === 0) return [{ cause: error, failedLogs: rows }];
    }
    return failures;
  }
}

const statusOf = (cause: unknown) => (cause as { statusCode?: number } | undefined)?.statusCode;

function notKnownYet({ stream, rule, table }: StreamRoute): CollectionError {
  const text = `The ingestion endpoint does not know stream ${stream} of rule ${rule} (404), which fills ${table}. A new or changed rule takes up to a quarter of an hour to reach it; if this lasts longer, deploy the stack again.`;
  return new CollectionError("waiting-for-azure", "azure", text);
}

interface Failure {
  readonly cause: unknown;
  readonly failedLogs: Record<string, unknown>[];
}
