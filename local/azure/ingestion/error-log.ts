import type { LocalCloud } from "../cloud.ts";
import { dcrLogErrors } from "../workspace/built-in-tables.ts";
import type { WorkspaceStore } from "../workspace/store.ts";

export interface LoggedError {
  readonly operation: "Ingestion" | "Transformation";
  readonly stream: string;
  readonly message: string;
  readonly clientRequestId: string;
}

interface DiagnosticSettingInputs {
  readonly resourceUri?: string;
  readonly workspaceId?: string;
  readonly logs?: readonly {
    readonly category?: string;
    readonly categoryGroup?: string;
    readonly enabled?: boolean;
  }[];
}

/** Workspaces that a diagnostic setting on the rule sends `LogErrors` to. Azure Monitor docs, "Monitor and troubleshoot DCR data collection". */
export function errorLogWorkspaces(cloud: Pick<LocalCloud, "state">, ruleId: string): readonly string[] {
  return cloud.state
    .list("azure-native:monitor:DiagnosticSetting")
    .map(({ inputs }) => inputs as DiagnosticSettingInputs)
    .filter(({ resourceUri }) => resourceUri?.toLowerCase() === ruleId.toLowerCase())
    .filter(({ logs }) =>
      logs?.some((log) => log.enabled && (log.category === "LogErrors" || log.categoryGroup === "allLogs")),
    )
    .flatMap(({ workspaceId }) => workspaceId ?? []);
}

/** Writes errors to a workspace's table `DCRLogErrors`. */
export async function logErrors(
  store: WorkspaceStore,
  workspaceId: string,
  errors: readonly LoggedError[],
  received: bigint,
): Promise<void> {
  if (!store.layout(workspaceId, dcrLogErrors.name)) await store.ensureTable(workspaceId, dcrLogErrors);
  const relation = store.layout(workspaceId, dcrLogErrors.name)?.relation;
  await store.write(async (connection) => {
    for (const { operation, stream, message, clientRequestId } of errors) {
      await connection.run(
        `INSERT INTO ${relation} ("TimeGenerated", "ingestion_time()", "OperationName", "InputStreamId", "Message", "ClientRequestId")
         VALUES ($1, $1, $2, $3, $4, $5)`,
        [received, operation, stream, message, clientRequestId],
      );
    }
  });
}
