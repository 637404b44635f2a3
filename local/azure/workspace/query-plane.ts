import { randomUUID } from "node:crypto";
import { KqlError } from "../../kql/schema.ts";
import type { DeployedWorkspace, LocalCloud, Principal } from "../cloud.ts";
import { errorResponse, type HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { basicReadings } from "./basic-tables.ts";
import { type QueryResult, queryWorkspace } from "./query.ts";
import type { WorkspaceStore } from "./store.ts";
import { parseTimespan } from "./timespan.ts";

/** Roles that may read a workspace's data. Azure docs, "Azure built-in roles", those that hold `Microsoft.OperationalInsights/workspaces/query/read`. */
const readers = [
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", // Owner
  "b24988ac-6180-42a0-ab88-20f7382dd24c", // Contributor
  "acdd72a7-3385-48ef-bd42-f606fba81ae7", // Reader
  "92aaf0da-9dab-42b6-94a3-d43ce8d16293", // Log Analytics Contributor
  "73c42c96-874c-492b-b04d-ab87d138a893", // Log Analytics Reader
  "749f88d5-cbae-40b8-bcfc-e573ddc772fa", // Monitoring Contributor
  "43d0d8ad-25c7-4714-9337-8ba259a9fe05", // Monitoring Reader
  "ab8e14d6-4a74-4a29-9ba8-549422addade", // Microsoft Sentinel Contributor
  "3e150937-b8fe-4cfb-8069-0eaf05ecd056", // Microsoft Sentinel Responder
  "8d289c81-5878-46d4-8554-54e1e3d8b5cb", // Microsoft Sentinel Reader
];

export interface QueryPlaneOptions {
  /** Epoch milliseconds; what `now()` says and where a timespan without an end ends. @default Date.now */
  readonly now?: () => number;
}

/** Log Analytics' query API: `api.loganalytics.io`, or what the cloud has for it. */
export function createQueryPlane(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  store: WorkspaceStore,
  { now = Date.now }: QueryPlaneOptions = {},
): HttpPlane {
  const hosts = authority.environment.logs;
  const audiences = hosts.map((host) => `https://${host}`);
  return {
    serves: (host) => hosts.includes(host),
    fetch: async (request) => {
      try {
        const principal = authority.authenticate(request, audiences, cloud);
        const { workspace, api } = addressed(cloud, request);
        requireReader(cloud, principal, workspace);
        const { query, timespan } = await questionOf(request);
        const wrong = wrongApi(api, basicReadings(query, workspace).length > 0);
        if (wrong) return badQuery(wrong);
        const span = timespan === undefined ? {} : { timespan: parseTimespan(timespan, now()) };
        return Response.json(answer(await queryWorkspace(store, workspace, query, { now: new Date(now()), ...span })));
      } catch (error) {
        if (error instanceof KqlError) return badQuery(innerErrorOf(error));
        if (error instanceof AzureError) return errorResponse(error);
        throw error;
      }
    },
  };
}

/** Tables of plan Analytics are asked by `query`, those of plan Basic and Auxiliary by `search`. */
type Api = "query" | "search";

function addressed(cloud: Pick<LocalCloud, "deployed">, request: Request) {
  const { pathname } = new URL(request.url);
  const [, customerId, api] = /^\/v1\/workspaces\/([^/]+)\/(query|search)\/?$/.exec(pathname) ?? [];
  if (customerId === undefined || !["GET", "POST"].includes(request.method)) {
    throw new AzureError(
      404,
      "PathNotFoundError",
      `The local Azure answers GET and POST /v1/workspaces/{id}/query and /search, not ${request.method} ${pathname}.`,
    );
  }
  const workspace = cloud.deployed.workspace(customerId);
  if (!workspace)
    throw new AzureError(404, "WorkspaceNotFoundError", `The workspace ${customerId} could not be found.`);
  return { workspace, api: api as Api };
}

/** Azure-sdk-for-go issue 24606, grafana issue 89818. What `search` says of other tables is not known: here it has no answer. */
function wrongApi(api: Api, readsBasic: boolean) {
  if (api === "search" && !readsBasic)
    throw new KqlError("unsupported", "the local Azure answers /search for tables of plan Basic and Auxiliary", 1, 1);
  if (api === "search" || !readsBasic) return undefined;
  const message =
    "Query of Basic Logs table is not supported with the API '/v1/workspaces/{workspaceId}/query'. You can use '/v1/workspaces/{workspaceId}/search' instead.";
  return { code: "UnsupportedApiQueryValidationError", message };
}

/** Azure Monitor docs, "Azure Monitor Log Analytics API errors": 403 `InsufficientAccessError`. */
function requireReader(cloud: Pick<LocalCloud, "deployed">, principal: Principal, workspace: DeployedWorkspace): void {
  const held = cloud.deployed.roles(principal.principalId, workspace.id);
  if (!readers.some((role) => held.includes(role))) {
    throw new AzureError(
      403,
      "InsufficientAccessError",
      "The provided credentials have insufficient access to perform the requested operation",
    );
  }
}

async function questionOf(request: Request): Promise<{ query: string; timespan: string | undefined }> {
  const { query, timespan } =
    request.method === "GET" ? Object.fromEntries(new URL(request.url).searchParams) : await bodyOf(request);
  if (typeof query !== "string" || query.trim() === "")
    throw new AzureError(400, "BadArgumentError", "The request has no query.");
  return { query, timespan: typeof timespan === "string" ? timespan : undefined };
}

async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== "object" || body === null)
    throw new AzureError(400, "BadArgumentError", "The request's body is not a JSON object.");
  if (Object.hasOwn(body, "workspaces")) {
    throw new AzureError(
      400,
      "BadArgumentError",
      "The local Azure answers queries over one workspace only: `workspaces` is not supported.",
    );
  }
  return body as Record<string, unknown>;
}

function answer({ columns, rows }: QueryResult) {
  return { tables: [{ name: "PrimaryResult", columns: columns.map(({ name, type }) => ({ name, type })), rows }] };
}

/** What Azure says of a query that is wrong, and what the local Azure alone says: that it cannot answer one that may be right. */
const refusals = {
  syntax: { code: "SyntaxError", summary: "A recognition error occurred in the query.", detail: "SYN0002" },
  semantic: { code: "SemanticError", summary: "A semantic error occurred.", detail: "SEM0100" },
  unsupported: { code: "NotSupportedError", summary: "The local Azure cannot answer this query.", detail: "LOCAL" },
} as const;

/** Azure Monitor docs, "Azure Monitor Log Analytics API errors": the error inside says what is wrong, the one inside that says where. */
function innerErrorOf({ kind, reason, line, column }: KqlError) {
  const { code, summary, detail } = refusals[kind];
  return { code, message: summary, innererror: { code: detail, message: reason, line, pos: column } };
}

function badQuery(innererror: object): Response {
  const error = {
    code: "BadArgumentError",
    message: "The request had some invalid properties",
    correlationId: randomUUID(),
    innererror,
  };
  return Response.json({ error }, { status: 400, headers: { "x-ms-error-code": "BadArgumentError" } });
}
