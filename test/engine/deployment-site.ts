import type { FaultAction } from "../../local/azure/network/front.ts";

/** What takes the packages of apps, in every cloud: counts those that it takes, and refuses some first. */
export class DeploymentSite {
  #taken = 0;
  readonly #refusals: number[] = [];

  get publications(): number {
    return this.#taken;
  }

  /** Has the next packages answered with these statuses. */
  refuse(...statuses: readonly number[]): void {
    this.#refusals.push(...statuses);
  }

  readonly fault = ({ method, url }: Pick<Request, "method" | "url">): FaultAction | undefined => {
    const { pathname } = new URL(url);
    const isPackage =
      (method === "POST" && pathname === "/api/publish") || (method === "PUT" && /\/[0-9a-f]{64}\.zip$/.test(pathname));
    if (!isPackage) return undefined;
    const status = this.#refusals.shift();
    if (status !== undefined) return { kind: "answer", response: new Response(null, { status }) };
    this.#taken++;
    return undefined;
  };
}
