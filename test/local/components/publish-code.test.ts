import { Agent } from "node:https";
import { beforeAll, describe, expect, test } from "vitest";
import {
  codeChanges,
  type PublishedCode,
  type Publisher,
  publishCode,
  readCode,
} from "../../../components/publish-code.ts";
import { CertificateAuthority } from "../../../local/azure/network/ca.ts";
import { type FaultAction, type Front, startFront } from "../../../local/azure/network/front.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";

const token = "canary-bearer";
const scmHost = "func-mock-1a2b.scm.azurewebsites.net";
const appId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-mock";
const package_ = { zip: new TextEncoder().encode("zip bytes"), sha256: "abc123" };
const code: PublishedCode = {
  appId,
  cloud: "public",
  scmHost,
  packageContainerId: "/container",
  sha256: package_.sha256,
};

type Answer = FaultAction | (() => Response);
const json =
  (body: unknown, status = 200, headers = {}) =>
  () =>
    Response.json(body, { status, headers });
const refuse = (status: number, headers = {}) => json({ message: "canary-body" }, status, headers);
const deployment = (status: number, text = "") => json({ id: "d-1", status, status_text: text });
const functions = (...names: string[]) => json({ value: names.map((name) => ({ name: `func-mock/${name}` })) });
const good: Readonly<Record<string, Answer>> = {
  "POST /api/publish": json("d-1", 202),
  "GET /api/deployments/d-1": deployment(4),
  [`GET ${appId}/functions`]: functions("schedule", "collect"),
  "GET /container": json({ name: "deployment-package" }),
};

let ca: CertificateAuthority;
beforeAll(async () => {
  ca = await CertificateAuthority.open();
});

/** A publishing host that first answers each route as the script says, then well; and a clock that jumps instead of waiting. */
async function stage(script: Readonly<Record<string, readonly Answer[]>> = {}) {
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
    bundle: () => Promise.resolve(package_),
  };
  return {
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

const messageOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason as Error,
  );
  // Whatever goes wrong: neither the token nor what a host answered is told.
  expect(error.message).not.toMatch(/canary/);
  return error.message;
};

test("the package is sent, followed to its end, and remembered by its deployment", async () => {
  await using host = await stage();
  expect(await publishCode(code, host.publisher)).toEqual({ id: appId, outs: { ...code, deploymentId: "d-1" } });
  expect(host.asked).toEqual(["POST /api/publish", "GET /api/deployments/d-1", `GET ${appId}/functions`]);
  expect(host.bodies).toEqual(["zip bytes"]);
  expect(host.waited()).toBe(0);
});

test("a young app is given time at every step", async () => {
  await using host = await stage({
    "POST /api/publish": [
      { kind: "reset" },
      refuse(404),
      refuse(403),
      refuse(401),
      refuse(409),
      refuse(503),
      refuse(429),
    ],
    "GET /api/deployments/d-1": [refuse(404), deployment(0), deployment(1), refuse(502), deployment(2)],
    [`GET ${appId}/functions`]: [functions(), functions("schedule")],
  });
  expect((await publishCode(code, host.publisher)).outs.deploymentId).toBe("d-1");
  expect(host.asked.filter((route) => route.startsWith("POST"))).toHaveLength(8);
  expect(host.asked.filter((route) => route.endsWith("/functions"))).toHaveLength(3);
});

test("an unknown host name is one that DNS will know soon", async () => {
  await using host = await stage();
  let lookups = 0;
  class YoungHost extends Agent {
    override createConnection(...args: Parameters<Agent["createConnection"]>) {
      lookups++;
      if (lookups < 3) throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
      return host.publisher.agent?.createConnection(...args);
    }
  }
  const published = await publishCode(code, { ...host.publisher, agent: new YoungHost() });
  expect(published.outs.deploymentId).toBe("d-1");
  expect(lookups).toBeGreaterThanOrEqual(3);
});

test("the deployment is found by Location, or as the latest one, where the answer does not name it", async () => {
  await using host = await stage({
    "POST /api/publish": [json({}, 202, { location: `https://${scmHost}/api/deployments/d-9` })],
    "GET /api/deployments/d-9": [json({ id: "d-9", status: 4 })],
  });
  expect((await publishCode(code, host.publisher)).outs.deploymentId).toBe("d-9");
  await using synchronous = await stage({
    "POST /api/publish": [json({}, 200)],
    "GET /api/deployments/latest": [deployment(4)],
  });
  expect((await publishCode(code, synchronous.publisher)).outs.deploymentId).toBe("d-1");
});

test.each([
  [
    "its storage, which the app may not read yet",
    deployment(3, "InaccessibleStorageException: Failed to access storage account"),
  ],
  ["another deployment", deployment(5)],
])("a deployment that fails because of %s is made again", async (_, failed) => {
  await using host = await stage({ "GET /api/deployments/d-1": [failed, failed] });
  await publishCode(code, host.publisher);
  expect(host.bodies).toHaveLength(3);
});

test("the host's own wish for a pause is granted", async () => {
  await using host = await stage({ "POST /api/publish": [refuse(429, { "retry-after": "77" })] });
  await publishCode(code, host.publisher);
  expect(host.waited()).toBe(77_000);
});

describe("it gives up", () => {
  test("at once where the deployment failed for good, with Kudu's own words", async () => {
    await using host = await stage({ "GET /api/deployments/d-1": [deployment(3, "host.json is not valid")] });
    expect(await messageOf(publishCode(code, host.publisher))).toBe(
      `${scmHost}: the deployment d-1 failed: host.json is not valid`,
    );
    expect(host.bodies).toHaveLength(1);
  });

  test("at once on an answer that no time will cure", async () => {
    await using host = await stage({ "POST /api/publish": [refuse(400)] });
    expect(await messageOf(publishCode(code, host.publisher))).toMatch(/POST \/api\/publish answers 400/);
    expect(host.asked).toHaveLength(1);
  });

  test("at once where the host's certificate is not to be trusted", async () => {
    await using host = await stage();
    const stranger = await CertificateAuthority.open();
    await using impostor = await startFront({ ca: stranger });
    const agent = frontAgent({ ...impostor, ca });
    const message = await messageOf(publishCode(code, { ...host.publisher, agent }));
    agent.destroy();
    expect(message).toMatch(/certificate/);
  });

  test("after a quarter of an hour, and says what to check", async () => {
    await using host = await stage({ "POST /api/publish": Array.from({ length: 100 }, () => refuse(403)) });
    expect(await messageOf(publishCode(code, host.publisher))).toMatch(
      /15 minutes: POST \/api\/publish answers 403.*Website Contributor/,
    );
    expect(host.waited()).toBeGreaterThan(14 * 60_000);
    expect(host.waited()).toBeLessThanOrEqual(15 * 60_000);
  });

  test("on a package that is deployed and registers nothing, and names what is missing", async () => {
    await using host = await stage({
      [`GET ${appId}/functions`]: Array.from({ length: 100 }, () => functions("schedule")),
    });
    expect(await messageOf(publishCode(code, host.publisher))).toMatch(/does not list the function collect/);
  });

  test("before it sends anything that is not what the preview showed", async () => {
    await using host = await stage();
    expect(await messageOf(publishCode({ ...code, sha256: "other" }, host.publisher))).toMatch(/sources changed/);
    expect(host.asked).toEqual([]);
  });
});

describe("what the app runs", () => {
  const published = { ...code, deploymentId: "d-1" };

  test.each<[string, Answer, unknown]>([
    ["is what was published", deployment(4), { id: appId, props: published }],
    [
      "came from elsewhere",
      json({ id: "d-2", status: 4 }),
      { id: appId, props: { ...published, deploymentId: "d-2", sha256: "unknown" } },
    ],
    ["failed to start", deployment(3), { id: appId, props: { ...published, sha256: "unknown" } }],
    ["is nothing: the app is gone", refuse(404), { id: "", props: {} }],
    ["is not for everybody to know", refuse(403), { id: appId, props: published }],
  ])("%s", async (_, latest, expected) => {
    await using host = await stage({ "GET /api/deployments/latest": [latest] });
    expect(await readCode(appId, published, host.publisher)).toEqual(expected);
  });

  test.each<[string, Answer, string]>([
    ["has lost its package, with the container", refuse(404), "unknown"],
    ["may have lost its container, which is not for everybody to know", refuse(403), published.sha256],
  ])("%s", async (_, container, sha256) => {
    await using host = await stage({
      "GET /api/deployments/latest": [deployment(4)],
      "GET /container": [container],
    });
    const { props } = await readCode(appId, published, host.publisher);
    expect(props).toEqual({ ...published, sha256 });
    // The container that is created in its place has the same id.
    expect(codeChanges(props as PublishedCode, code)).toEqual({ changes: sha256 === "unknown", replaces: [] });
    expect(codeChanges(published, code)).toMatchObject({ changes: false });
  });

  test("cannot be told while the host is ill", async () => {
    await using host = await stage({ "GET /api/deployments/latest": [refuse(500)] });
    expect(await messageOf(readCode(appId, published, host.publisher))).toMatch(
      /Cannot tell what the Function App runs/,
    );
  });
});

test.each<[string, Partial<PublishedCode>, boolean, string[]]>([
  ["nothing", {}, false, []],
  ["the package", { sha256: "new" }, true, []],
  ["the container", { packageContainerId: "/other" }, true, []],
  ["the host", { scmHost: "other" }, true, []],
  ["the app", { appId: "/other" }, true, ["appId"]],
])("publishing again is due when another one is %s", (_, change, changes, replaces) => {
  expect(codeChanges({ ...code, deploymentId: "d-1" }, { ...code, ...change })).toEqual({ changes, replaces });
});

describe("an app that runs from a blob", () => {
  const blob = "https://stmock.blob.core.usgovcloudapi.net/deployment-package/abc123.zip";
  const premium: PublishedCode = {
    appId,
    cloud: "usgovernment",
    packageUrl: blob,
    packageContainerId: "/c",
    sha256: "abc123",
  };
  const routes = [
    "PUT /deployment-package/abc123.zip",
    `POST ${appId}/syncfunctiontriggers`,
    `GET ${appId}/functions`,
  ] as const;
  const script = { [routes[0]]: [refuse(403), json({}, 201)], [routes[1]]: [refuse(404), json({})] };

  test("gets its package there, and is told to look; a role of minutes ago is waited for", async () => {
    await using host = await stage(script);
    const { id, outs } = await publishCode(premium, host.publisher);
    expect({ id, outs }).toEqual({ id: appId, outs: premium });
    expect(host.asked).toEqual([routes[0], routes[0], routes[1], routes[1], routes[2]]);
    expect(host.bodies[0]).toBe("zip bytes");
  });

  test("is published to again where its package is gone", async () => {
    await using host = await stage({ "GET /deployment-package/abc123.zip": [json({}), refuse(404)] });
    expect((await readCode(appId, premium, host.publisher)).props).toEqual(premium);
    expect((await readCode(appId, premium, host.publisher)).props).toMatchObject({ sha256: "unknown" });
    expect(codeChanges({ ...premium, sha256: "unknown" }, premium)).toMatchObject({ changes: true, replaces: [] });
  });
});
