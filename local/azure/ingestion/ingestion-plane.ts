import { epochTicks } from "../../kql/types.ts";
import type { DeployedRule, LocalCloud, Principal } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { WorkspaceStore } from "../workspace/store.ts";
import { Counters, type RuleCounters } from "./counters.ts";
import { errorLogWorkspaces, logErrors } from "./error-log.ts";
import { type FlowOutcome, Pipeline } from "./pipeline.ts";
import { readBody } from "./request-body.ts";

const metricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
const apiVersions = ["2023-01-01", "2021-11-01-preview"];

export interface IngestionPlane extends HttpPlane {
  /** What a rule has taken and lost since the start, by its immutable id. */
  counters(immutableId: string): RuleCounters;
}

export interface IngestionOptions {
  /** Epoch milliseconds: when rows are received. @default Date.now */
  readonly now?: () => number;
}

/**
 * The Logs Ingestion API: `*.ingest.monitor.azure.com`. What it answers with 204 is on disk; rows that a transform or a table then
 * refuses are lost in silence, as in Azure, but counted, and written to `DCRLogErrors` where a diagnostic setting asks for it.
 */
export function createIngestionPlane(
  cloud: Pick<LocalCloud, "deployed" | "state">,
  authority: TokenAuthority,
  store: WorkspaceStore,
  { now = Date.now }: IngestionOptions = {},
): IngestionPlane {
  const counters = new Counters();
  const pipelines = new Pipelines(store);
  return {
    serves: (host) => host.endsWith(".ingest.monitor.azure.com"),
    counters: (immutableId) => counters.of(immutableId),
    fetch: async (request) => {
      const { rule, stream } = addressed(cloud, authority, request);
      const { text, bytes } = await readBody(request);
      const received = new Date(now());
      const { intake, outcomes } = await pipelines.of(rule, stream).run(text, received);
      counters.add(rule.immutableId, { bytes, ...tally(intake, outcomes) });
      await report(request, rule, stream, outcomes, received);
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
      await logErrors(store, workspaceId, errors, epochTicks + BigInt(received.getTime()) * 10_000n);
    }
  }
}

/** Rule and stream of the request, after everything that Azure checks before it looks at the body. */
function addressed(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  request: Request,
): { rule: DeployedRule; stream: string } {
  const principal = authority.authenticate(request, ["https://monitor.azure.com"], cloud);
  const url = new URL(request.url);
  const [, immutableId, stream] = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)\/?$/i.exec(url.pathname) ?? [];
  if (request.method !== "POST" || immutableId === undefined || stream === undefined) {
    throw new AzureError(
      404,
      "NotFound",
      `There is nothing at ${request.method} ${url.pathname}; rows go to POST /dataCollectionRules/{immutableId}/streams/{stream}.`,
    );
  }
  requireApiVersion(url.searchParams.get("api-version"));
  const rule = ruleAt(cloud, url.hostname, decodeURIComponent(immutableId));
  requirePublisher(cloud, principal, rule);
  const name = decodeURIComponent(stream);
  if (!Object.hasOwn(rule.streams, name)) {
    throw new AzureError(
      404,
      "NotFound",
      `Stream ${name} is not declared in data collection rule ${rule.immutableId}. Declared are ${Object.keys(rule.streams).join(", ")}.`,
    );
  }
  return { rule, stream: name };
}

function requireApiVersion(version: string | null): void {
  if (version !== null && apiVersions.includes(version)) return;
  throw new AzureError(
    400,
    "UnsupportedApiVersion",
    `The api-version ${version ?? "(none)"} is not supported; supported are ${apiVersions.join(", ")}.`,
  );
}

function ruleAt(cloud: Pick<LocalCloud, "deployed">, host: string, immutableId: string): DeployedRule {
  const endpoint = cloud.deployed.dataCollectionEndpoint(host);
  if (!endpoint) throw new AzureError(404, "NotFound", `No data collection endpoint is deployed at ${host}.`);
  const rule = cloud.deployed.dataCollectionRule(immutableId);
  if (!rule)
    throw new AzureError(404, "NotFound", `Data collection rule with immutable Id '${immutableId}' not found.`);
  if (rule.dataCollectionEndpointId?.toLowerCase() !== endpoint.id.toLowerCase()) {
    throw new AzureError(
      404,
      "NotFound",
      `Data collection rule '${immutableId}' does not use the data collection endpoint at ${host}.`,
    );
  }
  return rule;
}

/** Azure SDK for .NET, "Azure.Monitor.Ingestion: troubleshooting", 403. */
function requirePublisher(cloud: Pick<LocalCloud, "deployed">, principal: Principal, rule: DeployedRule): void {
  if (cloud.deployed.roles(principal.principalId, rule.id).includes(metricsPublisher)) return;
  throw new AzureError(
    403,
    "OperationFailed",
    `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${rule.immutableId}': objectId ${principal.principalId} lacks the role Monitoring Metrics Publisher on ${rule.id}.`,
  );
}

/** Pipelines by rule and stream, made again when what they were made from has changed. */
class Pipelines {
  readonly #store: WorkspaceStore;
  readonly #made = new Map<string, { readonly key: string; readonly pipeline: Pipeline }>();
  #count = 0;

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  of(rule: DeployedRule, stream: string): Pipeline {
    const name = `${rule.immutableId}/${stream}`;
    const key = JSON.stringify([this.#store.version, rule.streams[stream], rule.flows]);
    const made = this.#made.get(name);
    if (made?.key === key) return made.pipeline;
    const pipeline = new Pipeline(`intake_${this.#count++}`, rule, stream, this.#store);
    this.#made.set(name, { key, pipeline });
    return pipeline;
  }
}

function tally(intake: Awaited<ReturnType<Pipeline["run"]>>["intake"], outcomes: readonly FlowOutcome[]) {
  const columnsDropped = new Map(intake.undeclared);
  let [rowsStored, rowsFiltered, rowsLost] = [0, 0, 0];
  for (const outcome of outcomes) {
    if ("error" in outcome) {
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
