import type { TokenCredential } from "@azure/identity";
import {
  LogsQueryClient,
  type LogsQueryClientOptions,
  type LogsQueryResult,
  LogsQueryResultStatus,
  type LogsTable,
} from "@azure/monitor-query-logs";
import { type Cloud, cloudFacts } from "../../components/cloud.ts";
import { azureError } from "../../function-code/azure-errors.ts";
import { type RetryContext, withRetries } from "../../function-code/retry.ts";
import { OperatorError } from "./operator-error.ts";

/** Seconds that the service may take for one query: its own limit is ten minutes. */
const serverTimeout = 300;

export type Row = Readonly<Record<string, unknown>>;

/** The workspace, asked in KQL with the operator's own identity. */
export class WorkspaceQueries {
  readonly #client: LogsQueryClient;
  readonly #searchClient: LogsQueryClient;
  readonly #workspaceId: string;
  readonly #retries: RetryContext;

  /**
   * @param workspaceId the workspace's GUID
   * @param transport what carries the requests, where that is not the network
   */
  constructor(
    workspaceId: string,
    cloud: Cloud,
    credential: TokenCredential,
    retries: RetryContext,
    transport: Pick<LogsQueryClientOptions, "httpClient"> = {},
  ) {
    const { logs } = cloudFacts[cloud];
    const options = {
      ...transport,
      // The client appends no version of the API to an address that it is given.
      endpoint: `${logs}/v1`,
      credentials: { scopes: [`${logs}/.default`] },
      retryOptions: { maxRetries: 0 },
    };
    this.#client = new LogsQueryClient(credential, options);
    this.#searchClient = new LogsQueryClient(credential, { ...options, additionalPolicies: [toSearch] });
    this.#workspaceId = workspaceId;
    this.#retries = retries;
  }

  /**
   * Rows as objects keyed by column; datetimes as ISO 8601. A table of plan Basic has to be asked by itself. Throws `OperatorError` where
   * the answer is not whole.
   */
  async rows(kql: string): Promise<readonly Row[]> {
    const result = await withRetries(this.#retries, () => this.#ask(kql, this.#client));
    if (result.status !== LogsQueryResultStatus.Success) {
      throw new OperatorError(`The workspace answered in part only: ${result.partialError.message}`);
    }
    return result.tables.flatMap(rowsOf);
  }

  async #ask(kql: string, client: LogsQueryClient): Promise<LogsQueryResult> {
    // TimeGenerated is the arrival where a row was older than two days: no bound on it.
    const always = { startTime: new Date(0), endTime: new Date(this.#retries.clock.now() + 86_400_000) };
    try {
      return await client.queryWorkspace(this.#workspaceId, kql, always, {
        serverTimeoutInSeconds: serverTimeout,
      });
    } catch (error) {
      const { statusCode, code, details } = error as QueryError;
      if (details?.error?.innererror?.code === basicTable && client === this.#client) {
        return this.#ask(kql, this.#searchClient);
      }
      if (statusCode === 400) {
        throw new OperatorError(`The workspace refuses the question (${code ?? "400"}): ${kql}`);
      }
      throw azureError(error, "The workspace", "Log Analytics Reader", this.#retries.clock.now());
    }
  }
}

interface QueryError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly details?: { readonly error?: { readonly innererror?: { readonly code?: string } } };
}

/** What the address `query` says to a question about a table of plan Basic or Auxiliary. */
const basicTable = "UnsupportedApiQueryValidationError";

/** Sends a question where such tables are asked, which the client does not know of (azure-sdk-for-java issue 46054). */
const toSearch: NonNullable<LogsQueryClientOptions["additionalPolicies"]>[number] = {
  policy: {
    name: "toSearch",
    sendRequest(request, next) {
      const url = new URL(request.url);
      url.pathname = url.pathname.replace(/\/query$/, "/search");
      request.url = url.href;
      return next(request);
    },
  },
  position: "perCall",
};

function rowsOf({ columnDescriptors, rows }: LogsTable): Row[] {
  return rows.map((row) =>
    Object.fromEntries(
      columnDescriptors.map(({ name }, i) => [name ?? "", row[i] instanceof Date ? row[i].toISOString() : row[i]]),
    ),
  );
}
