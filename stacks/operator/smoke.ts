import type { StreamStatus } from "../../function-code/state/entities.ts";
import { readCatalog, type Stream } from "../../kql/catalog.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import type { Row } from "./workspace-queries.ts";

/** How often the workspace is asked while something is still missing. */
const betweenLooks = 30_000;

/** What the workspace itself knows of one stream since the deployed code runs. */
export interface SmokeResult {
  readonly connection: string;
  /** `<vendor>/<stream>`. */
  readonly stream: string;
  /** `not-yet` where the deployed code has reported nothing. */
  readonly status: StreamStatus | "not-yet";
  /** Rows that Azure acknowledged from this code. */
  readonly uploaded: number;
  /** Rows of the connection that came into the table since. */
  readonly stored: number;
  readonly error: string | null;
}

/** A feed that the token may not read, or that the console lacks, is not the deployment's fault. */
const settled: ReadonlySet<string> = new Set(["ok", "empty", "not-permitted", "not-available"]);

/** Whether the deployed code has run, well, and what it delivered can be queried. */
export const hasPassed = ({ status, uploaded, stored }: SmokeResult): boolean =>
  settled.has(status) && (uploaded === 0 || stored > 0);

/**
 * Asks the workspace until every stream has passed, or the time is over: what counts is what can be queried, not what was sent.
 * @param waitMs how long it may take; Azure needs up to half an hour for new roles
 * @param onLook told of each answer
 */
export async function smoke(
  deployment: Pick<Deployment, "connections" | "bundle">,
  access: Pick<OperatorAccess, "workspace" | "retries">,
  waitMs: number,
  onLook: (results: readonly SmokeResult[]) => void,
): Promise<readonly SmokeResult[]> {
  const { clock } = access.retries;
  const end = clock.now() + waitMs;
  for (;;) {
    const results = await look(deployment, access);
    onLook(results);
    if (results.every(hasPassed) || clock.now() + betweenLooks > end) return results;
    await clock.sleep(betweenLooks);
  }
}

async function look(
  { connections, bundle }: Pick<Deployment, "connections" | "bundle">,
  { workspace }: Pick<OperatorAccess, "workspace">,
): Promise<readonly SmokeResult[]> {
  const reports = new Map((await workspace.rows(reportsOf(bundle.version))).map((row) => [keyOf(row), row]));
  const first = [...reports.values()].map(({ First }) => String(First)).sort()[0];
  const collected = new Set(connections.flatMap(({ vendor, streams }) => streams.map((name) => `${vendor}-${name}`)));
  const questions = first === undefined ? [] : rowsSince(first, collected);
  const answers = await Promise.all(questions.map((question) => workspace.rows(question)));
  const stored = new Map(answers.flat().map((row) => [keyOf(row), Number(row["Rows"])]));
  return connections.flatMap(({ name, vendor, streams }) =>
    streams.map((stream) => {
      const id = `${name}|${vendor}-${stream}`;
      const report = reports.get(id);
      return {
        connection: name,
        stream: `${vendor}/${stream}`,
        status: (report?.["Status"] as StreamStatus | undefined) ?? "not-yet",
        uploaded: Number(report?.["Uploaded"] ?? 0),
        stored: stored.get(id) ?? 0,
        error: (report?.["Error"] as string | undefined) || null,
      };
    }),
  );
}

const keyOf = ({ Connection, Id }: Row) => `${String(Connection)}|${String(Id)}`;

const reportsOf = (version: string) => `ConnectorHealth_CL
| where BundleVersion == ${JSON.stringify(version)}
| summarize First = min(TimeGenerated), Uploaded = sum(Uploaded), arg_max(TimeGenerated, Status, Error) by Connection, Id = strcat(Vendor, "-", Stream)`;

/** Of every stream that is collected, by when the rows came in: what they tell of may be older. A table that may be of plan Basic is asked by itself. */
function rowsSince(time: string, collected: ReadonlySet<string>): readonly string[] {
  const question = ({ id, table }: Stream) =>
    `${table} | where ingestion_time() >= datetime(${time}) - 10m | summarize Rows = count() by Connection | extend Id = "${id}"`;
  const streams = readCatalog().filter(({ id }) => collected.has(id));
  const together = streams.filter(({ basicAllowed }) => !basicAllowed).map((stream) => `(${question(stream)})`);
  return [
    ...(together.length > 0 ? [`union ${together.join(",\n")}`] : []),
    ...streams.filter(({ basicAllowed }) => basicAllowed).map(question),
  ];
}
