import { readSettings } from "../../function-code/environment.ts";
import { HttpClient } from "../../function-code/http.ts";
import { createContext } from "../../function-code/worker.ts";
import { readCatalog, type Stream } from "../../kql/catalog.ts";
import type { OperatorAccess } from "./azure.ts";
import { type Canaries, canaryRows, judgeCanaries, type StoredCanary } from "./canaries.ts";
import { OperatorError } from "./operator-error.ts";
import { tryRuntime } from "./runtime-check.ts";
import { trySavedSearch } from "./saved-search-check.ts";
import { comparedTypes, type StackResource } from "./stack-resources.ts";

/** What Azure does where documents do not settle it. */
export interface SelfTestAnswer {
  readonly question: string;
  /** False where the connector relies on another answer; null where none came. */
  readonly good: boolean | null;
  readonly seen: string;
  /** What follows from a bad answer, and what to do. */
  readonly advice: string | null;
}

type Access = Pick<OperatorAccess, "arm" | "workspace" | "credential" | "retries">;

/** A new table is filled after a quarter of an hour; milliseconds. */
const patience = 20 * 60_000;
const betweenLooks = 15_000;

/**
 * Asks Azure itself. Four rows are written, of a connection "selftest-…" that no rule and no parser is asked about; a saved search is made,
 * changed and removed; nothing else changes.
 * @param onWait told while rows are awaited, with the seconds that have passed
 */
export async function* selfTest(
  workspaceId: string,
  resources: readonly StackResource[],
  access: Access,
  onWait: (seconds: number) => void,
): AsyncIterable<SelfTestAnswer> {
  const app = resources.find(({ type }) => type === comparedTypes.app);
  if (!app) throw new OperatorError("The stack has no Function App. Deploy it first.");
  yield await tryRuntime(app.id, access.arm);
  yield await trySavedSearch(workspaceId, access.arm);
  const canaries = await sendCanaries(app.id, access);
  yield* judgeCanaries(await awaitCanaries(canaries, access, onWait));
}

async function sendCanaries(appId: string, { arm, credential, retries }: Access): Promise<Canaries> {
  const { clock, random } = retries;
  const answer = await arm.reveal(`${appId}/config/appsettings/list`, "2024-04-01", "Website Contributor");
  const settings = readSettings((answer?.["properties"] ?? {}) as Record<string, string>);
  const stream = readCatalog().find(({ id }) => id === canaryStream) as Stream;
  const { uploader } = createContext(
    {
      settings,
      routes: { [stream.id]: { stream: stream.stream, rule: `${stream.vendor}-${stream.rule}`, table: stream.table } },
      bundleVersion: "selftest",
      stopping: new AbortController().signal,
    },
    { clock, random, http: new HttpClient(), credential: () => Promise.resolve(credential), clientOptions: {} },
  );
  const connection = `selftest-${clock.now().toString(36)}`;
  for (const row of canaryRows(connection, clock.now())) {
    await uploader.upload(stream.id, Buffer.from(JSON.stringify([row])), {});
  }
  return { connection, table: stream.table };
}

/** Its transform reaches deepest into the records. */
const canaryStream = "sentinelone-alerts-v2";

async function awaitCanaries(
  { connection, table }: Canaries,
  { workspace, retries: { clock } }: Access,
  onWait: (seconds: number) => void,
): Promise<readonly StoredCanary[]> {
  const begun = clock.now();
  for (;;) {
    const rows = (await workspace.rows(
      `${table} | where Connection == "${connection}" | project Id = AlertId, Name = AlertName, Assets = tostring(Assets), FileName, Length = strlen(AlertDescription), Time = tostring(TimeGenerated)`,
    )) as unknown as readonly StoredCanary[];
    const waited = clock.now() - begun;
    if (rows.length >= canaryRows(connection, begun).length || waited >= patience) return rows;
    onWait(Math.round(waited / 1000));
    await clock.sleep(betweenLooks);
  }
}
