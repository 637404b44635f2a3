import type { Agent } from "node:https";
import type { TokenCredential } from "@azure/identity";
import { askHost, type HostAnswer, type HostRequest } from "./publishing-host.ts";

/** Who publishes, and by which clock; what a test replaces. */
export interface Caller {
  readonly credential: TokenCredential;
  readonly agent?: Agent;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** How long a new app may take to be known to DNS, to roles and to its own storage. */
const patience = 15 * 60_000;
/** Milliseconds before the first repetition; doubled each time, up to the longest. */
export const firstPause = 500;
export const longestPause = 30_000;

/** Something that time may cure. */
export class NotYet extends Error {
  /** Milliseconds that the host asks to be left alone. */
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

interface Request extends HostRequest {
  /** Further statuses that time may cure. */
  readonly passing?: readonly number[];
}

/** Calls to one publishing host within one span of patience. */
export class Attempts {
  readonly host: string;
  readonly #caller: Caller;
  readonly #audience: string;
  readonly #deadline: number;

  /** @param audience what the token is for: Azure Resource Manager's opens an app's publishing host too */
  constructor(host: string, caller: Caller, audience: string) {
    this.host = host;
    this.#audience = audience;
    this.#caller = caller;
    this.#deadline = caller.now() + patience;
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
    if (this.#caller.now() + milliseconds > this.#deadline) {
      throw new Error(
        `${this.host}: the code was not published within ${patience / 60_000} minutes: ${because}. ` +
          "Run `pulumi up` again; if it stays so, check that you are allowed to publish (role Website Contributor on the app; where it runs from a blob, Storage Blob Data Contributor) and that the network reaches this host.",
      );
    }
    await this.#caller.sleep(milliseconds);
  }

  /** One call. Whatever is not a success is `NotYet`, but for what no time will cure. */
  async ask({ passing: also = [], ...request }: Request, host = this.host): Promise<HostAnswer> {
    const { credential, agent } = this.#caller;
    const token = await credential.getToken(`${this.#audience}/.default`);
    if (!token) throw new Error("No Azure credential is at hand: sign in with `az login`, or set the ARM_* variables.");
    const answer = await askHost(host, token.token, request, agent).catch((error: unknown) => {
      throw networkError(host, error);
    });
    const { status, retryAfter } = answer;
    if (status >= 200 && status < 300) return answer;
    const message = `${request.method} ${request.path.split("?")[0]} answers ${status}`;
    if ([401, 403, 404, 408, 409, 429, ...also].includes(status) || status >= 500) {
      throw new NotYet(message, { retryAfter, isGone: status === 404, isForbidden: status === 401 || status === 403 });
    }
    throw new Error(`${host}: ${message}, which trying again will not cure.`);
  }
}

/** Codes of network errors that time may cure. */
export const passing: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "EHOSTUNREACH",
]);

function networkError(host: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code && passing.has(code))
    return new NotYet(`${host} cannot be reached (${code})`, { isGone: code === "ENOTFOUND" });
  return new Error(`${host}: ${message}`, { cause: error });
}
