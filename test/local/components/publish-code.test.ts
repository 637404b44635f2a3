import { Agent } from "node:https";
import { describe, expect, test } from "vitest";
import { codeChanges, type PublishedCode, publishCode, readCode } from "../../../components/publish-code.ts";
import { CertificateAuthority } from "../../../local/azure/network/ca.ts";
import { startFront } from "../../../local/azure/network/front.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";
import {
  type Answer,
  appId,
  code,
  deployment,
  functions,
  json,
  messageOf,
  refuse,
  scmHost,
  stage,
} from "./publishing-stage.ts";

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
    const agent = frontAgent({ ...impostor, ca: host.ca });
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
