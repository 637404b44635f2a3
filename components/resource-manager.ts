import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type Caller, firstPause, passing } from "./attempts.ts";
import { type Cloud, cloudFacts } from "./cloud.ts";
import { deployerCredential } from "./deployer-credential.ts";
import { askHost, type HostAnswer } from "./publishing-host.ts";

/** A resource as Azure Resource Manager shows it. */
export interface ResourceDocument {
  /** In Azure's own spelling. */
  readonly id: string;
  readonly name: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Azure Resource Manager, read as whoever deploys. Methods reject with an error that says what to do. */
export interface ResourceManager {
  /** Undefined where there is none. */
  get(id: string, apiVersion: string): Promise<ResourceDocument | undefined>;
  /** Everything in a collection, e.g. `<workspace id>/savedSearches`. */
  list(collection: string, apiVersion: string): Promise<readonly ResourceDocument[]>;
}

const inPlace = new AsyncLocalStorage<ResourceManager>();

/** Runs a program for another Azure than the environment's: a local one, or a test's. */
export const withResourceManager = <T>(instead: ResourceManager, run: () => T): T => inPlace.run(instead, run);

/** The Azure that is deployed into. */
export const resourceManager = (cloud: Cloud): ResourceManager =>
  inPlace.getStore() ??
  connectResourceManager({ credential: deployerCredential(process.env, cloud), now: Date.now, sleep }, cloud);

/** Milliseconds that a read may take with all its repetitions: somebody waits for the preview. */
const patience = 30_000;

export function connectResourceManager(caller: Caller, cloud: Cloud): ResourceManager {
  const host = cloudFacts[cloud].resourceManager;
  // Once for all reads: the Azure CLI needs a second for each token.
  let token: Promise<string> | undefined;

  async function read(path: string): Promise<Record<string, unknown> | undefined> {
    token ??= signIn(host, caller);
    const held = await token;
    const deadline = caller.now() + patience;
    for (let pause = firstPause; ; pause *= 2) {
      const answer = await ask(host, held, path, caller);
      if (typeof answer !== "string" && answer.status === 200) return answer.json as Record<string, unknown>;
      if (typeof answer !== "string" && answer.status === 404) return undefined;
      const retryAfter = typeof answer === "string" ? undefined : answer.retryAfter;
      if (!isPassing(answer) || caller.now() + (retryAfter ?? pause) > deadline) throw refused(host, path, answer);
      await caller.sleep(retryAfter ?? pause);
    }
  }

  return {
    async get(id, apiVersion) {
      return (await read(`${encodeURI(id)}?api-version=${apiVersion}`)) as ResourceDocument | undefined;
    },
    async list(collection, apiVersion) {
      const found: ResourceDocument[] = [];
      let path: string | undefined = `${encodeURI(collection)}?api-version=${apiVersion}`;
      while (path !== undefined) {
        const page: { value?: ResourceDocument[]; nextLink?: string } = (await read(path)) ?? {};
        found.push(...(page.value ?? []));
        const next: URL | undefined = page.nextLink ? new URL(page.nextLink) : undefined;
        path = next && next.pathname + next.search;
      }
      return found;
    },
  };
}

async function signIn(host: string, { credential }: Caller): Promise<string> {
  const because = "What exists already is read before anything is created, and for that Azure has to be signed in to";
  try {
    const token = await credential.getToken(`https://${host}/.default`);
    if (token) return token.token;
  } catch (error) {
    throw new Error(`${because}: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(`${because}: run \`az login\`, or set the ARM_* variables.`);
}

/** The answer, or the code of the error of a network that gave none. */
async function ask(host: string, token: string, path: string, { agent }: Caller): Promise<HostAnswer | string> {
  try {
    return await askHost(host, token, { method: "GET", path }, agent);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code && passing.has(code)) return code;
    throw new Error(`${host}: ${message}`, { cause: error });
  }
}

const isPassing = (answer: HostAnswer | string) =>
  typeof answer === "string" || answer.status === 408 || answer.status === 429 || answer.status >= 500;

function refused(host: string, path: string, answer: HostAnswer | string): Error {
  const [id] = path.split("?");
  if (typeof answer === "string") return new Error(`${host} cannot be reached (${answer}).`);
  if (answer.status === 401 || answer.status === 403) {
    return new Error(
      `Azure does not show ${id} to whoever deploys (${answer.status}). Give that identity the role Reader on it: what exists there is read before anything is created.`,
    );
  }
  return new Error(`Azure answers ${answer.status} for ${id}, which has to be read before anything is created.`);
}
