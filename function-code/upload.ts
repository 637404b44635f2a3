import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Client } from "@azure-rest/core-client";
import { azureError } from "./azure-errors.ts";
import type { StreamRoute, StreamRoutes } from "./environment.ts";
import { CollectionError } from "./errors.ts";
import { type RetryContext, withRetries } from "./retry.ts";

/** How long one call to the ingestion API may take, in milliseconds. */
export const uploadTimeout = 60_000;

/** The API takes 1 MB a call, before and after compression; the rest is room to spare. */
export const maxBatchBytes = 950_000;

/**
 * Half the processor time of the default level, for a fifth more bytes, whose way within one Azure region costs nothing. A row's record is
 * escaped JSON, and no level makes much more of it.
 */
export const compressionLevel = 3;

export interface Uploader {
  /**
   * Sends rows, a JSON array of less than `maxBatchBytes`, to a stream's rule; resolves when Azure has acknowledged them. `beforeEach` is
   * awaited before every attempt. Throws `CollectionError`.
   */
  upload(stream: string, rows: Uint8Array, options: UploadOptions): Promise<void>;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly beforeEach?: () => Promise<void>;
  readonly onRetry?: () => void;
}

/**
 * The Logs Ingestion API, through the client under Microsoft's `@azure/monitor-ingestion`: that one takes rows as objects, and renders each
 * twice more, which was most of the worker's processor time.
 */
export class IngestionApi implements Uploader {
  readonly #client: () => Promise<Client>;
  readonly #routes: StreamRoutes;
  readonly #rules: Readonly<Record<string, string>>;
  readonly #retries: RetryContext;

  /** @param rules immutable ids of the data collection rules, by the names that `routes` uses */
  constructor(
    client: () => Promise<Client>,
    routes: StreamRoutes,
    rules: Readonly<Record<string, string>>,
    retries: RetryContext,
  ) {
    this.#client = client;
    this.#routes = routes;
    this.#rules = rules;
    this.#retries = retries;
  }

  async upload(stream: string, rows: Uint8Array, options: UploadOptions): Promise<void> {
    const route = this.#routes[stream];
    const ruleId = route && this.#rules[route.rule];
    if (!route || !ruleId) {
      const text = `Nothing says where rows of "${stream}" go: the setting INGESTION_RULES has no entry for it. Deploy the stack again.`;
      throw new CollectionError("failing", "configuration", text);
    }
    // On another thread, while the next rows are read.
    const body = await compress(rows, { level: compressionLevel, chunkSize });
    await withRetries({ ...this.#retries, onRetry: options.onRetry, signal: options.signal }, async () => {
      await options.beforeEach?.();
      const failure = await this.#send(ruleId, route.stream, body);
      if (failure === undefined) return;
      if (statusOf(failure) === 404) throw notKnownYet(route);
      const service = `The ingestion endpoint (stream ${route.stream}, table ${route.table})`;
      throw azureError(failure, service, "Monitoring Metrics Publisher", this.#retries.clock.now());
    });
  }

  /** What went wrong, if anything, in the form of an error of Azure's SDKs. */
  async #send(ruleId: string, stream: string, body: Buffer): Promise<unknown> {
    try {
      const client = await this.#client();
      const { status, headers } = await client.pathUnchecked(`/dataCollectionRules/${ruleId}/streams/${stream}`).post({
        queryParameters: { "api-version": "2023-01-01" },
        contentType: "application/json",
        headers: { "content-encoding": "gzip" },
        body,
        abortSignal: AbortSignal.timeout(uploadTimeout),
      });
      if (status === "204") return undefined;
      return { statusCode: Number(status), response: { headers: new Map(Object.entries(headers)) } };
    } catch (error) {
      return error;
    }
  }
}

const compress = promisify(gzip);
/** A batch is compressed in one go mostly, rather than in pieces of 16 KB that are put together again. */
const chunkSize = 128 * 1024;

const statusOf = (failure: unknown) => (failure as { statusCode?: number }).statusCode;

function notKnownYet({ stream, rule, table }: StreamRoute): CollectionError {
  const text = `The ingestion endpoint does not know stream ${stream} of rule ${rule} (404), which fills ${table}. A new or changed rule takes up to a quarter of an hour to reach it; if this lasts longer, deploy the stack again.`;
  return new CollectionError("waiting-for-azure", "azure", text);
}
