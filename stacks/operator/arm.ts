import type { TokenCredential } from "@azure/identity";
import { passing, resourceManager } from "../../components/attempts.ts";
import { askHost } from "../../components/publishing-host.ts";
import type { Clock } from "../../function-code/clock.ts";
import { OperatorError } from "./operator-error.ts";

/** Tries of one question, and the first pause between two, in milliseconds. */
const tries = 4;
const firstPause = 500;

/** Azure Resource Manager, asked with the operator's own identity. */
export class Arm {
  readonly #credential: TokenCredential;
  readonly #clock: Clock;

  constructor(credential: TokenCredential, clock: Clock) {
    this.#credential = credential;
    this.#clock = clock;
  }

  /** A resource as Azure shows it; undefined where there is none. */
  get(id: string, apiVersion: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    return this.#ask("GET", id, apiVersion);
  }

  /** What Azure shows only to those who ask for it expressly, e.g. `<app id>/config/appsettings/list`. */
  list(action: string, apiVersion: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    return this.#ask("POST", action, apiVersion);
  }

  async #ask(method: "GET" | "POST", path: string, apiVersion: string) {
    const token = (await this.#credential.getToken(`https://${resourceManager}/.default`))?.token ?? "";
    for (let attempt = 1; ; attempt++) {
      const answer = await askHost(resourceManager, token, {
        method,
        path: `${encodeURI(path)}?api-version=${apiVersion}`,
      }).catch((error: unknown) => networkCode(error));
      if (typeof answer !== "string") {
        if (answer.status === 200) return answer.json as Readonly<Record<string, unknown>>;
        if (answer.status === 404) return undefined;
        if (answer.status === 401 || answer.status === 403) throw refused(method, path, answer.status);
      }
      const word = typeof answer === "string" ? answer : String(answer.status);
      const mayPass = typeof answer === "string" || answer.status === 429 || answer.status >= 500;
      if (!mayPass || attempt === tries)
        throw new OperatorError(`${resourceManager} does not tell of ${path} (${word}).`);
      await this.#clock.sleep(
        (typeof answer === "string" ? undefined : answer.retryAfter) ?? firstPause * 2 ** (attempt - 1),
      );
    }
  }
}

function networkCode(error: unknown): string {
  const { code } = error as { readonly code?: string };
  if (code !== undefined && passing.has(code)) return code;
  throw error;
}

function refused(method: string, path: string, status: number): OperatorError {
  const role = method === "POST" ? "Website Contributor" : "Reader";
  return new OperatorError(`Azure does not show you ${path} (${status}). That needs the role ${role} on it.`);
}
