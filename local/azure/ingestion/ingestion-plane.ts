import type { DeployedRule, LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import type { WorkspaceStore } from "../workspace/store.ts";
import { ticksOf } from "../workspace/ticks.ts";
import { addressed } from "./addressing.ts";
import { Counters, type RuleCounters } from "./counters.ts";
import { DailyCap } from "./daily-cap.ts";
import { errorLogWorkspaces, logErrors } from "./error-log.ts";
import type { IntakeReport } from "./intake.ts";
import type { FlowOutcome } from "./pipeline.ts";
import { Pipelines } from "./pipelines.ts";
import { readBody } from "./request-body.ts";

export interface IngestionPlane extends HttpPlane {
  /** What a rule has taken and lost since the start, by its immutable id. */
  counters(immutableId: string): RuleCounters;
}

export interface IngestionOptions {
  /** Epoch milliseconds: when rows are received. @default Date.now */
  readonly now?: () => number;
}

/**
 * The Logs Ingestion API: `*.ingest.monitor.azure.com` (and its like). What it answers with 204 is on disk; rows that a transform or a table then
 * refuses are lost in silence, as in Azure, but counted, and written to `DCRLogErrors` where a diagnostic setting asks for it; and all rows
 * once the workspace has reached its daily cap, which its table `Operation` tells.
 */
export function createIngestionPlane(
  cloud: Pick<LocalCloud, "deployed" | "state">,
  authority: TokenAuthority,
  store: WorkspaceStore,
  { now = Date.now }: IngestionOptions = {},
): IngestionPlane {
  const counters = new Counters();
  const cap = new DailyCap(cloud, store);
  const pipelines = new Pipelines(store, cap);
  return {
    serves: (host) => host.endsWith(`.ingest.${authority.environment.monitor}`),
    counters: (immutableId) => counters.of(immutableId),
    fetch: async (request) => {
      const { rule, stream } = addressed(cloud, authority, request);
      const { text, bytes } = await readBody(request);
      const received = new Date(now());
      const { intake, outcomes } = await pipelines.of(rule, stream).run(text, received);
      counters.add(rule.immutableId, { bytes, ...tally(intake, outcomes) });
      await report(request, rule, stream, outcomes, received);
      for (const workspaceId of reached(outcomes)) await cap.tell(workspaceId, received).catch(() => {});
      return new Response(null, { status: 204 });
    },
  };

  async function report(
    request: Request,
    rule: DeployedRule,
    stream: string,
    outcomes: readonly FlowOutcome[],
    received: Date,
  ): Promise<void> {
    const clientRequestId = request.headers.get("x-ms-client-request-id") ?? "";
    const errors = outcomes.flatMap((outcome) =>
      "error" in outcome ? [{ operation: outcome.operation, stream, message: outcome.error, clientRequestId }] : [],
    );
    if (errors.length === 0) return;
    for (const workspaceId of errorLogWorkspaces(cloud, rule.id)) {
      // The rows that could be stored are: whoever sent them must not send them again because the log was not written.
      await logErrors(store, workspaceId, errors, ticksOf(received.getTime())).catch(() => {});
    }
  }
}

const reached = (outcomes: readonly FlowOutcome[]) =>
  new Set(
    outcomes.flatMap((outcome) => ("reachedCap" in outcome && outcome.reachedCap ? outcome.flow.workspaceId : [])),
  );

function tally(intake: IntakeReport, outcomes: readonly FlowOutcome[]) {
  const columnsDropped = new Map(intake.undeclared);
  let [rowsStored, rowsFiltered, rowsLost] = [0, 0, 0];
  for (const outcome of outcomes) {
    if ("error" in outcome || "isClosed" in outcome) {
      rowsLost += intake.rows;
      continue;
    }
    rowsStored += outcome.stored;
    rowsFiltered += intake.rows - outcome.stored;
    for (const name of outcome.unknownColumns)
      columnsDropped.set(name, (columnsDropped.get(name) ?? 0) + outcome.stored);
  }
  return {
    rowsReceived: intake.rows,
    rowsStored,
    rowsFiltered,
    rowsLost,
    columnsDropped,
    valuesNulled: intake.mistyped,
    valuesCut: intake.cut,
  };
}
