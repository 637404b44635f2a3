import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenCredential } from "@azure/identity";
import { RunError } from "@pulumi/pulumi/errors.js";
import { type Caller, firstPause, passing } from "./attempts.ts";
import { type Cloud, cloudFacts } from "./cloud.ts";
import { askHost, type HostAnswer, type HostRequest } from "./publishing-host.ts";

/** A resource as Azure Resource Manager shows it. */
export interface ResourceDocument {
  /** In Azure's own spelling. */
  readonly id: string;
  readonly name: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Azure Resource Manager, read as whoever deploys. Methods reject with a `ResourceManagerError` that says what to do. */
export interface ResourceManager {
  /** Undefined where there is none. */
  get(id: string, apiVersion: string): Promise<ResourceDocument | undefined>;
  /** Everything in a collection, e.g. `<workspace id>/savedSearches`. */
  list(collection: string, apiVersion: string): Promise<readonly ResourceDocument[]>;
}

/** What an operator asks of it besides. */
export interface ResourceManagerClient extends ResourceManager {
  /** What Azure shows only to those who may ask for it expressly, e.g. `<app id>/config/appsettings/list`; `role` may. */
  reveal(action: string, apiVersion: string, role: string): Promise<ResourceDocument | undefined>;
  /** Writes a resource. Resolves with the status of the answer, whatever it is. */
  put(id: string, apiVersion: string, resource: object): Promise<number>;
  delete(id: string, apiVersion: string): Promise<number>;
}

/** Azure did not answer, or not to this identity; the message says what to do, and the CLI shows no more than that. */
export class ResourceManagerError extends RunError {
  override readonly name = "ResourceManagerError";
}

const inPlace = new AsyncLocalStorage<ResourceManager>();

/** Runs a program for another Azure than the environment's: a local one, or a test's. */
export const withResourceManager = <T>(instead: ResourceManager, run: () => T): T => inPlace.run(instead, run);

/** The Azure that is deployed into, read as whoever deploys. */
export const resourceManager = (cloud: Cloud, credential: TokenCredential): ResourceManager =>
  inPlace.getStore() ?? connectResourceManager({ credential, now: Date.now, sleep }, cloud);

/** Milliseconds that a question may take with all its repetitions: somebody waits for the answer. */
const patience = 30_000;

/** How long before its end a token is not used any more, in milliseconds. */
const reserve = 5 * 60_000;

export function connectResourceManager(caller: Caller, cloud: Cloud): ResourceManagerClient {
  const host = cloudFacts[cloud].resourceManager;
  // One for many questions: the Azure CLI needs a second for each token.
  let signedIn: Promise<Token> | undefined;

  async function token(): Promise<string> {
    const held = await (signedIn ??= signIn(host, caller));
    if (held.expiresOnTimestamp - reserve > caller.now()) return held.token;
    signedIn = undefined;
    return (await (signedIn = signIn(host, caller))).token;
  }

  /** The answer, if it is none that may pass. */
  async function ask(method: HostRequest["method"], path: string, resource?: object): Promise<HostAnswer> {
    const request: HostRequest = {
      method,
      path,
      ...(resource && { body: Buffer.from(JSON.stringify(resource)), contentType: "application/json" }),
    };
    const deadline = caller.now() + patience;
    for (let pause = firstPause; ; pause *= 2) {
      const answer = await tryToAsk(host, await token(), request, caller);
      if (typeof answer !== "string" && !isPassing(answer)) return answer;
      const wait = (typeof answer === "string" ? undefined : answer.retryAfter) ?? pause;
      if (caller.now() + wait > deadline) throw unanswered(host, path, answer);
      await caller.sleep(wait);
    }
  }

  async function show(method: "GET" | "POST", path: string, role: string) {
    const { status, json } = await ask(method, path);
    if (status === 200) return json as Record<string, unknown>;
    if (status === 404) return undefined;
    throw refused(path, status, role);
  }

  const at = (id: string, apiVersion: string) => `${encodeURI(id)}?api-version=${apiVersion}`;
  type Shown = Promise<ResourceDocument | undefined>;

  return {
    get: (id, apiVersion) => show("GET", at(id, apiVersion), "Reader") as Shown,
    async list(collection, apiVersion) {
      const found: ResourceDocument[] = [];
      let path: string | undefined = at(collection, apiVersion);
      while (path !== undefined) {
        const page: { value?: ResourceDocument[]; nextLink?: string } = (await show("GET", path, "Reader")) ?? {};
        found.push(...(page.value ?? []));
        const next: URL | undefined = page.nextLink ? new URL(page.nextLink) : undefined;
        path = next && next.pathname + next.search;
      }
      return found;
    },
    reveal: (action, apiVersion, role) => show("POST", at(action, apiVersion), role) as Shown,
    put: async (id, apiVersion, resource) => (await ask("PUT", at(id, apiVersion), resource)).status,
    delete: async (id, apiVersion) => (await ask("DELETE", at(id, apiVersion))).status,
  };
}

type Token = NonNullable<Awaited<ReturnType<Caller["credential"]["getToken"]>>>;

async function signIn(host: string, { credential }: Caller): Promise<Token> {
  const because = "What exists is read from Azure, which has to be signed in to";
  try {
    const token = await credential.getToken(`https://${host}/.default`);
    if (token) return token;
  } catch (error) {
    throw new ResourceManagerError(`${because}: ${(error as Error).message}`, { cause: error });
  }
  throw new ResourceManagerError(`${because}: run \`az login\`, or set the ARM_* variables.`);
}

/** The answer, or the code of the error of a network that gave none. */
async function tryToAsk(
  host: string,
  token: string,
  request: HostRequest,
  { agent }: Caller,
): Promise<HostAnswer | string> {
  try {
    return await askHost(host, token, request, agent);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code && passing.has(code)) return code;
    throw new ResourceManagerError(`${host}: ${message}`, { cause: error });
  }
}

const isPassing = ({ status }: HostAnswer) => status === 408 || status === 429 || status >= 500;

function unanswered(host: string, path: string, answer: HostAnswer | string): ResourceManagerError {
  if (typeof answer === "string") return new ResourceManagerError(`${host} cannot be reached (${answer}).`);
  return new ResourceManagerError(`${host} does not answer about ${idIn(path)} (${answer.status}).`);
}

function refused(path: string, status: number, role: string): ResourceManagerError {
  if (status !== 401 && status !== 403)
    return new ResourceManagerError(`Azure answers ${status} for ${idIn(path)}, which has to be read.`);
  return new ResourceManagerError(
    `Azure does not show you ${idIn(path)} (${status}). That needs the role ${role} on it.`,
  );
}

const idIn = (path: string) => path.split("?")[0] ?? path;
