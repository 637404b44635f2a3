import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../function-code/environment.ts";
import type { OperatorAccess } from "../../../stacks/operator/azure.ts";
import type { Deployment } from "../../../stacks/operator/deployment.ts";
import { doctor, type PathStanding } from "../../../stacks/operator/doctor.ts";
import { OperatorError } from "../../../stacks/operator/operator-error.ts";
import { renderPath } from "../../../stacks/operator/render.ts";
import { HttpConsole } from "../../function-code/support/http-console.ts";

/** Services that all answer as the test says, by the first part of their path. */
async function examine(
  answers: Readonly<Record<string, (response: ServerResponse, authorization?: string) => void>>,
  access: Partial<OperatorAccess> = {},
  more: Partial<Deployment> = {},
) {
  await using services = await HttpConsole.start((url, request, response) => {
    const answer = answers[url.pathname.split("/")[1] ?? ""];
    if (answer) answer(response, request.headers.authorization);
    else response.writeHead(200).end("{}");
  });
  const at = (service: string) => `${services.url}/${service}`;
  const deployment = {
    cloud: "public",
    stateTableEndpoint: at("table"),
    queueEndpoint: at("queue"),
    vaultUri: `${at("vault")}/`,
    ingestionEndpoint: at("ingestion"),
    publishingHost: "nobody.invalid",
    workspaceResourceId: "/subscriptions/s/workspaces/log",
    connections: [{ name: "emea", url: at("console") }] as unknown as readonly Connection[],
    ...more,
  } as unknown as Deployment;
  const means = {
    arm: { get: () => Promise.resolve({}) },
    workspace: { rows: () => Promise.resolve([]) },
    credential: {
      getToken: (scope: string) => Promise.resolve({ token: `token-for-${scope}`, expiresOnTimestamp: 0 }),
    },
    ...access,
  } as unknown as OperatorAccess;
  const found = new Map<string, PathStanding>();
  for await (const path of doctor(deployment, means)) {
    found.set(path.path.split("→")[1]?.trim() ?? "", path);
    expect(renderPath(path)).not.toContain("token-for");
  }
  return found;
}

const say =
  (status: number, text = "", headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(text);

test("what answers is open, and a name that nobody knows here is closed", async () => {
  const found = await examine({ queue: say(200, "", { "x-ms-approximate-messages-count": "3" }) });
  expect(found.get("state tables")).toMatchObject({ status: "open", detail: null });
  expect(found.get("work queue")?.detail).toContain("3 messages wait, 3 were given up: the log of the function");
  expect(found.get("worker")).toMatchObject({
    status: "closed",
    detail: expect.stringContaining("nobody.invalid") as string,
  });
});

test.each([
  ["a network that lets nobody in", 403, "<Code>AuthorizationFailure</Code>", "closed", "stacks/network.md"],
  ["a missing role", 403, "<Code>AuthorizationPermissionMismatch</Code>", "refused", "Storage Table Data Reader"],
  ["a service that fails", 500, "", "broken", "500"],
])("storage behind %s is told apart", async (_, status, text, expected, detail) => {
  const found = await examine({ table: say(status, text) });
  expect(found.get("state tables")).toMatchObject({
    status: expected,
    detail: expect.stringContaining(detail) as string,
  });
});

test.each([
  ["a closed network", "ForbiddenByConnection", "closed", "private network"],
  ["no role there, as it should be", "ForbiddenByRbac", "open", "as it should"],
])("a vault with %s", async (_, inner, expected, detail) => {
  const found = await examine({
    vault: (response, authorization) => {
      // The vault names whom it trusts; the token is asked for that, whatever the cloud.
      if (!authorization)
        say(401, "", { "www-authenticate": 'Bearer authorization="https://login", resource="https://vault.gov"' })(
          response,
        );
      else say(authorization === "Bearer token-for-https://vault.gov/.default" ? 403 : 500, inner)(response);
    },
  });
  expect(found.get("vault")).toMatchObject({ status: expected, detail: expect.stringContaining(detail) as string });
});

test("what Azure does not show is refused, with the role in its own words", async () => {
  const text = "Azure does not show you /subscriptions/s/workspaces/log (403). That needs the role Reader on it.";
  const found = await examine(
    { ingestion: say(403) },
    { arm: { get: () => Promise.reject(new OperatorError(text)) } as never },
  );
  expect(found.get("Azure Resource Manager")).toMatchObject({ status: "refused", detail: text });
  expect(found.get("ingestion endpoint")).toMatchObject({ status: "closed" });
});

describe("a NAT gateway", () => {
  const natGateway = { id: "/subscriptions/s/natGateways/ng", address: "203.0.113.7" };
  const seen = async (gateway: object | undefined, more: Partial<Deployment> = { natGateway }) => {
    const get = (id: string) => Promise.resolve(id === natGateway.id ? gateway : {});
    const found = await examine({}, { arm: { get } } as unknown as OperatorAccess, more);
    return found.get("NAT gateway");
  };

  test.each([
    ["that the network's owner has put on a subnet", { properties: { subnets: [{ id: "s" }] } }, "open", "203.0.113.7"],
    ["that is on no subnet yet", { properties: {} }, "broken", "--nat-gateway /subscriptions/s/natGateways/ng"],
    ["that is gone", undefined, "broken", "Deploy the stack again"],
  ])("%s", async (_, gateway, status, detail) => {
    expect(await seen(gateway)).toMatchObject({ status, detail: expect.stringContaining(detail) as string });
  });

  test("is no path of a stack that has none", async () => {
    expect(await seen(undefined, { natGateway: {} })).toBeUndefined();
  });
});
