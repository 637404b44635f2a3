import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { createDeployed } from "../azure/resource-manager/deployed.ts";
import { createResourceState } from "../azure/resource-manager/state.ts";
import { queryWorkspace } from "../azure/workspace/query.ts";
import { WorkspaceStore } from "../azure/workspace/store.ts";
import { KqlError } from "../kql/schema.ts";
import type { Running } from "./data-folder.ts";
import type { Answer } from "./output-format.ts";
import { UserError } from "./user-error.ts";

const queryHost = "api.loganalytics.io";

/** Asks the query API of a local Azure that another process runs, as its operator. Throws `KqlError`. */
export async function askRunning({ environment = {}, outputs = {} }: Running, query: string): Promise<Answer> {
  const { access_token: token } = await identityToken(environment);
  const answer = await post(environment, `/v1/workspaces/${String(outputs["workspaceId"])}/query`, token, { query });
  if (answer.tables?.[0]) return answer.tables[0];
  const cause = answer.error?.innererror?.innererror;
  if (cause) throw new KqlError(cause.message.replace(/^line \d+, column \d+: /, ""), cause.line, cause.pos);
  throw new Error(`The local Azure refused the query: ${answer.error?.message ?? "no reason given"}`);
}

/** Opens the files of a local Azure that nobody runs. Throws `KqlError`, and `UserError` where there is none. */
export async function askFiles(folder: string, query: string): Promise<Answer> {
  if (!existsSync(join(folder, "workspace.duckdb"))) {
    throw new UserError(
      `There is no local workspace in ${folder}. Run \`npm start\` first, or name its folder with --data DIR.`,
    );
  }
  const state = createResourceState(folder);
  const [resource] = state.list("azure-native:operationalinsights:Workspace");
  const workspace = resource && createDeployed(state, state.directory.operator).workspaceById(resource.id);
  if (!workspace) throw new UserError(`No workspace is deployed in ${folder} yet. Run \`npm start\` first.`);
  await using store = await WorkspaceStore.open(folder);
  return await queryWorkspace(store, workspace, query);
}

interface QueryAnswer {
  readonly tables?: readonly Answer[];
  readonly error?: {
    readonly message: string;
    readonly innererror?: {
      readonly innererror?: { readonly message: string; readonly line: number; readonly pos: number };
    };
  };
}

async function identityToken(environment: Readonly<Record<string, string>>): Promise<{ access_token: string }> {
  const url = new URL(environment["IDENTITY_ENDPOINT"] ?? "");
  url.searchParams.set("api-version", "2019-08-01");
  url.searchParams.set("resource", `https://${queryHost}`);
  const headers = { "X-IDENTITY-HEADER": environment["IDENTITY_HEADER"] ?? "" };
  return new Promise((resolve, reject) => {
    get(
      url,
      { headers },
      (response) => void json(response).then((body) => resolve(body as { access_token: string }), reject),
    ).once("error", reject);
  });
}

function post(
  environment: Readonly<Record<string, string>>,
  path: string,
  token: string,
  body: object,
): Promise<QueryAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: environment["LOCAL_AZURE_PORT"],
        servername: queryHost,
        ca: readFileSync(environment["NODE_EXTRA_CA_CERTS"] ?? ""),
        method: "POST",
        path,
        headers: { host: queryHost, authorization: `Bearer ${token}`, "content-type": "application/json" },
      },
      (response) => void json(response).then((answer) => resolve(answer as QueryAnswer), reject),
    );
    outgoing.once("error", reject);
    outgoing.end(JSON.stringify(body));
  });
}
