import type { TokenCredential } from "@azure/identity";
import { passing } from "../../components/attempts.ts";
import { type Cloud, cloudFacts } from "../../components/cloud.ts";
import { askHost, type HostAnswer, type HostRequest } from "../../components/publishing-host.ts";
import type { Clock } from "../../function-code/clock.ts";
import { OperatorError } from "./operator-error.ts";

/** Tries of one question, and the first pause between two, in milliseconds. */
const tries = 4;
const firstPause = 500;

type Document = Readonly<Record<string, unknown>>;

/** Azure Resource Manager, asked with the operator's own identity. */
export class Arm {
  readonly #host: string;
  readonly #credential: TokenCredential;
  readonly #clock: Clock;

  constructor(cloud: Cloud, credential: TokenCredential, clock: Clock) {
    this.#host = cloudFacts[cloud].resourceManager;
    this.#credential = credential;
    this.#clock = clock;
  }

  /** A resource as Azure shows it; undefined where there is none. */
  async get(id: string, apiVersion: string): Promise<Document | undefined> {
    return shown(await this.#ask("GET", id, apiVersion), id, "Reader");
  }

  /** What Azure shows only to those who ask for it expressly, e.g. `<app id>/config/appsettings/list`. */
  async list(action: string, apiVersion: string): Promise<Document | undefined> {
    return shown(await this.#ask("POST", action, apiVersion), action, "Website Contributor");
  }

  /** Writes a resource. Returns the status of the answer, whatever it is. */
  async put(id: string, apiVersion: string, resource: object): Promise<number> {
    return (await this.#ask("PUT", id, apiVersion, resource)).status;
  }

  async delete(id: string, apiVersion: string): Promise<number> {
    return (await this.#ask("DELETE", id, apiVersion)).status;
  }

  /** The answer, if it is none that may pass. */
  async #ask(method: HostRequest["method"], path: string, apiVersion: string, body?: object): Promise<HostAnswer> {
    const token = (await this.#credential.getToken(`https://${this.#host}/.default`))?.token ?? "";
    const request: HostRequest = {
      method,
      path: `${encodeURI(path)}?api-version=${apiVersion}`,
      ...(body && { body: Buffer.from(JSON.stringify(body)), contentType: "application/json" }),
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await askHost(this.#host, token, request).catch(networkCode);
      if (typeof answer !== "string" && answer.status !== 429 && answer.status < 500) return answer;
      if (attempt === tries) {
        const word = typeof answer === "string" ? answer : String(answer.status);
        throw new OperatorError(`${this.#host} does not answer about ${path} (${word}).`);
      }
      const asked = typeof answer === "string" ? undefined : answer.retryAfter;
      await this.#clock.sleep(asked ?? firstPause * 2 ** (attempt - 1));
    }
  }
}

function shown({ status, json }: HostAnswer, path: string, role: string): Document | undefined {
  if (status === 200) return json as Document;
  if (status === 404) return undefined;
  if (status !== 401 && status !== 403) throw new OperatorError(`Azure does not tell of ${path} (${status}).`);
  throw new OperatorError(`Azure does not show you ${path} (${status}). That needs the role ${role} on it.`);
}

function networkCode(error: unknown): string {
  const { code } = error as { readonly code?: string };
  if (code !== undefined && passing.has(code)) return code;
  throw error;
}
