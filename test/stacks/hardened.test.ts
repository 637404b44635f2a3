import { afterAll, beforeAll, expect, test } from "vitest";
import { deployMock, type MockDeployment } from "./mock-deployment.ts";
import { scenarioSettings } from "./scenarios/scenarios.ts";

const subscription = "aaaaaaaa-0000-0000-0000-000000000000";
let deployment: MockDeployment | undefined;
beforeAll(async () => {
  deployment = await deployMock("hardened", scenarioSettings("hardened", subscription, "token"));
});
afterAll(() => {
  deployment = undefined;
});

function registered(name: string) {
  if (!deployment) throw new Error("The scenario was not evaluated.");
  return deployment.get(name);
}
const all = (type: string) =>
  (deployment?.resources ?? []).filter((resource) => resource.type === `azure-native:${type}`);

test.each([
  ["connector-vault-kv", { properties: { publicNetworkAccess: "Disabled", networkAcls: { defaultAction: "Deny" } } }],
  ["connector-storage-st", { publicNetworkAccess: "Disabled", networkRuleSet: { defaultAction: "Deny" } }],
  ["connector-streams-dce", { networkAcls: { publicNetworkAccess: "Disabled" } }],
  ["connector-health-appi", { publicNetworkAccessForIngestion: "Disabled" }],
  ["connector-workspace-log", { publicNetworkAccessForIngestion: "Disabled" }],
  ["connector-collector-func", { publicNetworkAccess: "Disabled" }],
])("%s is closed to public networks", (name, closed) => {
  expect(registered(name).inputs).toMatchObject(closed);
});

test("all of the worker's traffic goes through its subnet", () => {
  expect(registered("connector-collector-func").inputs).toMatchObject({
    virtualNetworkSubnetId: expect.stringMatching(/\/subnets\/worker$/) as string,
    outboundVnetRouting: { allTraffic: true, applicationTraffic: true },
  });
});

test("each service has its endpoint, entered in its own zone, before the worker starts", () => {
  const needed = registered("connector-collector-func").dependencies;
  const owners = { vault: "vault", blob: "storage", queue: "storage", table: "storage" };
  for (const [service, owner] of Object.entries(owners)) {
    const name = `connector-${owner}-${service}`;
    expect(registered(`${name}-pep`).inputs).toMatchObject({
      subnet: { id: expect.stringMatching(/\/subnets\/endpoints$/) as string },
      privateLinkServiceConnections: [{ groupIds: [service] }],
    });
    const zone = { vault: "vaultcore", blob: "blob", queue: "queue", table: "table" }[service] ?? "";
    expect(JSON.stringify(registered(`${name}-dns`).inputs)).toContain(`privatelink.${zone}.`);
    expect(needed).toEqual(expect.arrayContaining([`${name}-pep`, `${name}-dns`]));
  }
  expect(needed).toEqual(expect.arrayContaining(all("monitor:PrivateLinkScopedResource").map(({ name }) => name)));
});

test("code is published when the app can be reached from within", () => {
  expect(registered("connector-code").dependencies).toEqual(
    expect.arrayContaining(["connector-collector-sites-pep", "connector-collector-sites-dns"]),
  );
});

test("rows, telemetry and the workspace are reached through the given private link scope", () => {
  const members = all("monitor:PrivateLinkScopedResource").map(({ inputs }) => inputs);
  expect(members).toHaveLength(3);
  for (const member of members) {
    expect(member).toMatchObject({ resourceGroupName: "rg-hub", scopeName: "ampls-hub" });
  }
  expect(all("monitor:PrivateLinkScope")).toEqual([]);
  expect(registered("connector-network-provider").inputs).toMatchObject({ subscriptionId: subscription });
});

test("whoever keeps the network finds the NAT gateway, and the address that consoles see, among the outputs", () => {
  expect(deployment?.outputs["natGateway"]).toMatchObject({ address: "203.0.113.1" });
  expect(registered("connector-network-ng").inputs).toMatchObject({
    publicIpAddresses: [{ id: expect.stringContaining("connector-network-pip") as string }],
  });
});

test("whatever has logs of accesses records them", () => {
  const recorded = all("monitor:DiagnosticSetting").filter(({ inputs }) => inputs["name"] === "audit");
  expect(new Set(recorded.map(({ name }) => name))).toEqual(
    new Set(["app", "blob", "queue", "table", "vault", "workspace"].map((target) => `connector-diagnostics-${target}`)),
  );
  for (const { inputs } of recorded) expect(inputs["logs"]).toEqual([{ categoryGroup: "allLogs", enabled: true }]);
});
