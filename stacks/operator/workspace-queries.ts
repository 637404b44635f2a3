import type { TokenCredential } from "@azure/identity";
import { LogsQueryClient, LogsQueryResultStatus, type LogsTable } from "@azure/monitor-query-logs";
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
  readonly #workspaceId: string;
  readonly #retries: RetryContext;

  /** @param workspaceId the workspace's GUID */
  constructor(workspaceId: string, cloud: Cloud, credential: TokenCredential, retries: RetryContext) {
    const { logs } = cloudFacts[cloud];
    this.#client = new LogsQueryClient(credential, {
      // The client appends no version of the API to an address that it is given.
      endpoint: `${logs}/v1`,
      credentials: { scopes: [`${logs}/.default`] },
      retryOptions: { maxRetries: 0 },
    });
    this.#workspaceId = workspaceId;
    this.#retries = retries;
  }

  /** Rows as objects keyed by column; datetimes as ISO 8601. Throws `OperatorError` where the answer is not whole. */
  async rows(kql: string): Promise<readonly Row[]> {
    const result = await withRetries(this.#retries, () => this.#ask(kql));
    if (result.status !== LogsQueryResultStatus.Success) {
      throw new OperatorError(`The workspace answered in part only: ${result.partialError.message}`);
    }
    return result.tables.flatMap(rowsOf);
  }

  async #ask(kql: string) {
    // TimeGenerated is the arrival where a row was older than two days: no bound on it.
    const always = { startTime: new Date(0), endTime: new Date(this.#retries.clock.now() + 86_400_000) };
    try {
      return await this.#client.queryWorkspace(this.#workspaceId, kql, always, {
        serverTimeoutInSeconds: serverTimeout,
      });
    } catch (error) {
      const { statusCode, code } = error as { statusCode?: number; code?: string };
      if (statusCode === 400) {
        throw new OperatorError(`The workspace refuses the question (${code ?? "400"}): ${kql}`);
      }
      throw azureError(error, "The workspace", "Log Analytics Reader", this.#retries.clock.now());
    }
  }
}

function rowsOf({ columnDescriptors, rows }: LogsTable): Row[] {
  return rows.map((row) =>
    Object.fromEntries(
      columnDescriptors.map(({ name }, i) => [name ?? "", row[i] instanceof Date ? row[i].toISOString() : row[i]]),
    ),
  );
}
