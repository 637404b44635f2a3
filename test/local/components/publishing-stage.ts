import { expect } from "vitest";
import type { PublishedCode, Publisher } from "../../../components/publish-code.ts";
import { CertificateAuthority } from "../../../local/azure/network/ca.ts";
import { type FaultAction, type Front, startFront } from "../../../local/azure/network/front.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";

const token = "canary-bearer";
export const scmHost = "func-mock-1a2b.scm.azurewebsites.net";
export const appId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-mock";
const sha256 = "abc123";
export const code: PublishedCode = {
  appId,
  cloud: "public",
  scmHost,
  packageContainerId: "/container",
  sha256,
};

export type Answer = FaultAction | (() => Response);
export const json =
  (body: unknown, status = 200, headers = {}) =>
  () =>
    Response.json(body, { status, headers });
export const refuse = (status: number, headers = {}) => json({ message: "canary-body" }, status, headers);
export const deployment = (status: number, text = "") => json({ id: "d-1", status, status_text: text });
export const functions = (...names: string[]) => json({ value: names.map((name) => ({ name: `func-mock/${name}` })) });
const good: Readonly<Record<string, Answer>> = {
  "POST /api/publish": json("d-1", 202),
  "GET /api/deployments/d-1": deployment(4),
  [`GET ${appId}/functions`]: functions("schedule", "collect"),
  "GET /container": json({ name: "deployment-package" }),
};

/** One for all stages: making it takes longer than a publication. */
let authority: Promise<CertificateAuthority> | undefined;

/** A publishing host that first answers each route as the script says, then well; and a clock that jumps instead of waiting. */
export async function stage(script: Readonly<Record<string, readonly Answer[]>> = {}) {
  authority ??= CertificateAuthority.open();
  const ca = await authority;
  const left = new Map(Object.entries(script).map(([route, answers]) => [route, [...answers]]));
  const asked: string[] = [];
  const bodies: string[] = [];
  const front: Front = await startFront({
    ca,
    fault: async (request) => {
      const route = `${request.method} ${new URL(request.url).pathname}`;
      asked.push(route);
      if (request.headers.get("authorization") !== `Bearer ${token}`) return answer(refuse(401));
      if (request.method !== "GET") bodies.push(await request.text());
      return answer(left.get(route)?.shift() ?? good[route] ?? refuse(404));
    },
  });
  const agent = frontAgent(front);
  const started = 1_000_000;
  let time = started;
  const publisher: Publisher = {
    credential: { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Infinity }) },
    agent,
    now: () => time,
    sleep: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
    packageOf: (digest) =>
      digest === sha256
        ? Promise.resolve(new TextEncoder().encode("zip bytes"))
        : Promise.reject(new Error("the sources changed")),
  };
  return {
    /** Whom its callers trust. */
    ca,
    publisher,
    asked,
    bodies,
    waited: () => time - started,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await front.close();
    },
  };
}

const answer = (given: Answer): FaultAction =>
  typeof given === "function" ? { kind: "answer", response: given() } : given;

export const messageOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason as Error,
  );
  // Whatever goes wrong: neither the token nor what a host answered is told.
  expect(error.message).not.toMatch(/canary/);
  return error.message;
};
