import type { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenCredential } from "@azure/identity";
import type { dynamic } from "@pulumi/pulumi";
import { type Bundle, bundle } from "./bundle.ts";
import { deployerCredential } from "./deployer-credential.ts";
import { askHost, type HostAnswer, type HostRequest } from "./publishing-host.ts";

/** What the engine keeps of a publication; nothing in it is secret. */
export interface PublishedCode {
  /** Resource id of the Function App. */
  readonly appId: string;
  /** Host that takes the package, `<app>.scm.azurewebsites.net`. */
  readonly scmHost: string;
  readonly packageContainerId: string;
  /** Digest of the package. */
  readonly sha256: string;
  /** Kudu's id of the deployment; known once it was made. */
  readonly deploymentId?: string;
}

/** What a test replaces. */
export interface Publisher {
  readonly credential: TokenCredential;
  readonly agent?: Agent;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly bundle: () => Promise<Pick<Bundle, "zip" | "sha256">>;
}

const deployer = (): Publisher => ({
  // The provider runs in a process of the engine, which has no other way to learn who deploys.
  credential: deployerCredential(process.env),
  now: Date.now,
  sleep,
  bundle,
});

/** Public cloud; the token that Azure Resource Manager takes opens the publishing host too. */
const tokenScope = "https://management.azure.com/.default";

/** How long a new app may take to be known to DNS, to roles and to its own storage. */
const patience = 15 * 60_000;
const firstPause = 2_000;
const longestPause = 30_000;

/** Whether the code must be published again. */
export function codeChanges(olds: PublishedCode, news: PublishedCode): dynamic.DiffResult {
  const replaces = olds.appId === news.appId ? [] : ["appId"];
  const differs = (["scmHost", "packageContainerId", "sha256"] as const).some((key) => olds[key] !== news[key]);
  return { changes: differs || replaces.length > 0, replaces };
}

/**
 * Puts the package on the app and waits until it runs there. What a young app answers (unknown host, 403, 404, 409, 5xx, a storage
 * account it may not read yet) is tried again for a quarter of an hour.
 */
export async function publishCode(
  { appId, scmHost, packageContainerId, sha256 }: PublishedCode,
  publisher = deployer(),
): Promise<{ id: string; outs: PublishedCode }> {
  const built = await publisher.bundle();
  if (built.sha256 !== sha256) {
    throw new Error("The worker's sources changed while the stack was being deployed. Run `pulumi up` again.");
  }
  const attempts = new Attempts(scmHost, publisher);
  const deploymentId = await attempts.until(async () => {
    const accepted = await attempts.ask({ method: "POST", path: "/api/publish?type=zip", body: built.zip });
    return followDeployment(attempts, deploymentIn(accepted) ?? "latest");
  });
  return { id: appId, outs: { appId, scmHost, packageContainerId, sha256, deploymentId } };
}

/** Asks the app what it runs. Where that is not what was published, the digest is given as unknown, and the next `up` publishes. */
export async function readCode(
  id: string,
  props: PublishedCode,
  publisher = deployer(),
): Promise<{ id: string; props: PublishedCode | Record<string, never> }> {
  const attempts = new Attempts(props.scmHost, publisher);
  try {
    const latest = readDeployment((await attempts.ask({ method: "GET", path: "/api/deployments/latest" })).json);
    const runs = latest.id === props.deploymentId && latest.status === success;
    return { id, props: runs ? props : { ...props, deploymentId: latest.id, sha256: "unknown" } };
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    if (error.isGone) return { id: "", props: {} };
    // Whoever may read the stack but not publish cannot tell; that is no reason to publish.
    if (error.isForbidden) return { id, props };
    throw new Error(`Cannot tell what the Function App runs: ${error.message}`, { cause: error });
  }
}

/** Kudu's states of a deployment; the others are on the way to one of these. */
const success = 4;
const failures: Readonly<Record<number, string>> = {
  [-1]: "cancelled",
  3: "failed",
  5: "in conflict with another",
  6: "partly done",
};

async function followDeployment(attempts: Attempts, id: string): Promise<string> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const deployment = await attempts.until(async () =>
      readDeployment((await attempts.ask({ method: "GET", path: `/api/deployments/${encodeURIComponent(id)}` })).json),
    );
    if (deployment.status === success) return deployment.id;
    const failure = failures[deployment.status];
    if (failure) {
      const message = `the deployment ${deployment.id} ${failure}${deployment.exception ? ` (${deployment.exception})` : ""}`;
      if (deployment.status === 5 || deployment.exception === "InaccessibleStorageException") throw new NotYet(message);
      throw new Error(
        `${attempts.host}: ${message}. Its log is in the portal under Deployment Center, or \`az functionapp log deployment show\`.`,
      );
    }
    await attempts.pause(pause, `the deployment ${deployment.id} is still under way`);
  }
}

interface Deployment {
  readonly id: string;
  readonly status: number;
  /** Class name of what went wrong; never the text around it. */
  readonly exception: string | undefined;
}

function readDeployment(json: unknown): Deployment {
  const { id, status, status_text: text } = (json ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof status !== "number")
    throw new NotYet("the answer does not describe a deployment");
  return { id, status, exception: /\b\w+Exception\b/.exec(typeof text === "string" ? text : "")?.[0] };
}

/** The id is the body of a 202, or the end of its Location; a synchronous 200 names none. */
function deploymentIn({ json, location }: HostAnswer): string | undefined {
  if (typeof json === "string" && json !== "") return json;
  return /\/api\/deployments\/([^/?]+)/.exec(location ?? "")?.[1];
}

/** Something that time may cure. */
class NotYet extends Error {
  readonly retryAfter: number | undefined;
  readonly isGone: boolean;
  readonly isForbidden: boolean;

  constructor(
    message: string,
    known: { retryAfter?: number | undefined; isGone?: boolean; isForbidden?: boolean } = {},
  ) {
    super(message);
    this.retryAfter = known.retryAfter;
    this.isGone = known.isGone ?? false;
    this.isForbidden = known.isForbidden ?? false;
  }
}

/** Calls to one publishing host within one span of patience. */
class Attempts {
  readonly host: string;
  readonly #publisher: Publisher;
  readonly #deadline: number;

  constructor(host: string, publisher: Publisher) {
    this.host = host;
    this.#publisher = publisher;
    this.#deadline = publisher.now() + patience;
  }

  /** Tries until it succeeds, fails for good, or patience ends. */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof NotYet)) throw error;
        await this.pause(error.retryAfter ?? pause, error.message);
      }
    }
  }

  async pause(milliseconds: number, because: string): Promise<void> {
    if (this.#publisher.now() + milliseconds > this.#deadline) {
      throw new Error(
        `${this.host}: the code was not published within ${patience / 60_000} minutes: ${because}. ` +
          "Run `pulumi up` again; if it stays so, check that you are allowed to publish (role Website Contributor on the app) and that the network reaches this host.",
      );
    }
    await this.#publisher.sleep(milliseconds);
  }

  /** One call. Whatever is not a success is `NotYet`, but for what no time will cure. */
  async ask(request: HostRequest): Promise<HostAnswer> {
    const { credential, agent } = this.#publisher;
    const token = await credential.getToken(tokenScope);
    if (!token) throw new Error("No Azure credential is at hand: sign in with `az login`, or set the ARM_* variables.");
    const answer = await askHost(this.host, token.token, request, agent).catch((error: unknown) => {
      throw networkError(this.host, error);
    });
    const { status, retryAfter } = answer;
    if (status >= 200 && status < 300) return answer;
    const message = `${request.method} ${request.path} answers ${status}`;
    if ([401, 403, 404, 408, 409, 429].includes(status) || status >= 500) {
      throw new NotYet(message, { retryAfter, isGone: status === 404, isForbidden: status === 401 || status === 403 });
    }
    throw new Error(`${this.host}: ${message}, which trying again will not cure.`);
  }
}

const passing = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH"]);

function networkError(host: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code && passing.has(code))
    return new NotYet(`${host} cannot be reached (${code})`, { isGone: code === "ENOTFOUND" });
  return new Error(`${host}: ${message}`, { cause: error });
}
