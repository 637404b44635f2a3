import { expect, test } from "vitest";
import { SettingsError } from "../../stacks/problem.ts";
import { emea, settings, tenant } from "./sample-settings.ts";

const principal = "3f1c2a77-6f0e-4c8b-9a55-0d1e2f3a4b5c";
const client = "a7d0c1b2-1111-4222-8333-944455566677";
const pusher = { name: "saas", vendor: "valence", mode: "push", pushPrincipalId: principal };

const { apiToken: _, ...vaulted } = { ...emea, secretId: "https://v.vault.azure.net/secrets/emea" };

const read = (...connections: readonly Record<string, unknown>[]) =>
  settings({ connections: JSON.stringify(connections) }, undefined, false);

test("who pushes is neither reached nor has a token", () => {
  const { connections, pushers } = read(vaulted, { ...pusher, pushClientId: client });
  expect(connections.map(({ name }) => name)).toEqual(["emea"]);
  expect(pushers).toEqual([{ name: "saas", principalId: principal, clientId: client }]);
});

test("a stack may do with pushers alone, and the client id is optional", () => {
  expect(read(pusher)).toMatchObject({ connections: [], pushers: [{ name: "saas", principalId: principal }] });
});

test.each<[string, readonly Record<string, unknown>[], string, RegExp]>([
  ["another mode", [{ ...pusher, mode: "pushed" }], "connections[0].mode", /pull, push/],
  ["SentinelOne that pushes", [{ ...pusher, vendor: "sentinelone" }], "connections[0].mode", /only Valence/],
  ["no principal", [{ ...pusher, pushPrincipalId: undefined }], "connections[0].pushPrincipalId", /Enterprise app/],
  ["a principal by name", [{ ...pusher, pushPrincipalId: "valence" }], "connections[0].pushPrincipalId", /a GUID/],
  ["a client by name", [{ ...pusher, pushClientId: "valence" }], "connections[0].pushClientId", /a GUID/],
  ["a token", [{ ...pusher, apiToken: "canary-token" }], "connections[0].apiToken", /with mode: push; there are: mode/],
  ["an address", [{ ...pusher, region: "eu" }], "connections[0].region", /with mode: push/],
  ["the name of pushed rows", [{ ...pusher, name: "push" }], "connections[0].name", /not "push"/],
  ["a name used by another", [pusher, { ...vaulted, name: "saas" }], "connections", /each name once/],
  [
    "a principal in two connections",
    [pusher, { ...pusher, name: "other", pushPrincipalId: principal.toUpperCase() }],
    "connections",
    /each principal once/,
  ],
  [
    "a principal without the mode",
    [{ ...tenant, pushPrincipalId: principal }],
    "connections[0].pushPrincipalId",
    /mode/,
  ],
])("%s is refused", (_, connections, setting, allowed) => {
  const error = catchProblems(() => read(...connections));
  expect(error.problems.find((problem) => problem.setting === setting && allowed.test(problem.allowed))).toBeDefined();
  expect(error.message).not.toContain("canary-token");
});

function catchProblems(attempt: () => unknown): SettingsError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}
