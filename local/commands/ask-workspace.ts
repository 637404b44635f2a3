import { readFileSync } from "node:fs";
import { get } from "node:http";
import { request } from "node:https";
import { json } from "node:stream/consumers";
import { KqlError, type KqlErrorKind } from "../kql/schema.ts";
import { type Running, readRunning } from "./data-folder.ts";
import type { Answer } from "./output-format.ts";
import { UserError } from "./user-error.ts";

const queryHost = "api.loganalytics.io";

/** A data folder's workspace, to be asked in KQL. */
export interface AskedWorkspace extends AsyncDisposable {
  /** Throws `KqlError`. */
  readonly ask: (query: string) => Promise<Answer>;
}

/** Opens a data folder's workspace: through the local Azure that runs it, or else from its files. Throws `UserError` where there is none. */
export async function openWorkspace(folder: string): Promise<AskedWorkspace> {
  const running = readRunning(folder);
  if (!running) {
    // The engine takes a second to load, and whoever runs the folder has it loaded.
    const { openFiles } = await import("./open-files.ts");
    return await openFiles(folder);
  }
  if (!(running.environment && running.outputs)) {
    throw new UserError(
      running.environment
        ? `No connector is deployed in ${folder} yet: run \`pulumi up\` as \`npm run local:azure\` says.`
        : `Process ${running.pid} is still deploying into ${folder}. Try again in a moment.`,
    );
  }
  return { ask: (query) => askRunning(running, query), [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Asks the query API of a local Azure that another process runs, as its operator. */
async function askRunning({ environment = {}, outputs = {} }: Running, query: string): Promise<Answer> {
  const { access_token: token } = await identityToken(environment);
  const answer = await post(environment, `/v1/workspaces/${String(outputs["workspaceId"])}/query`, token, { query });
  if (answer.tables?.[0]) return answer.tables[0];
  const refusal = answer.error?.innererror;
  if (refusal?.innererror) {
    const { message, line, pos } = refusal.innererror;
    throw new KqlError(kinds[refusal.code] ?? "semantic", message, line, pos);
  }
  throw new Error(`The local Azure refused the query: ${answer.error?.message ?? "no reason given"}`);
}

/** By what the query API calls them. */
const kinds: Readonly<Record<string, KqlErrorKind>> = { SyntaxError: "syntax", NotSupportedError: "unsupported" };

interface QueryAnswer {
  readonly tables?: readonly Answer[];
  readonly error?: {
    readonly message: string;
    readonly innererror?: {
      readonly code: string;
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
