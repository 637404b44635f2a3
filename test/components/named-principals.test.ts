import { beforeAll, expect, test } from "vitest";
import { deployMock, type MockDeployment } from "../stacks/mock-deployment.ts";

const principal = "3f1c2a77-6f0e-4c8b-9a55-0d1e2f3a4b5c";
const client = "a7d0c1b2-1111-4222-8333-944455566677";
const operator = "c0ffee00-2222-4333-8444-555566667777";
const pusher = { name: "saas", vendor: "valence", mode: "push", pushPrincipalId: principal };

let deployment: MockDeployment;
beforeAll(async () => {
  const connections = [
    { ...pusher, pushClientId: client },
    { ...pusher, name: "lab", pushPrincipalId: client },
  ];
  const operators = [{ principalId: operator, principalType: "Group" }];
  deployment = await deployMock("prod", { location: "westeurope", connections, operators });
});

test("who pushes may write to the rule of Valence's streams, and to nothing else", () => {
  const rights = deployment.resources.filter(({ inputs }) => inputs["principalId"] === principal);
  expect(rights.map(({ name, inputs }) => [name, inputs["principalType"]])).toEqual([
    ["connector-push-saas-sender", "ServicePrincipal"],
  ]);
  expect(rights[0]?.inputs["scope"]).toMatch(/connector-streams-valence-events-dcr$/);
  expect(rights[0]?.inputs["roleDefinitionId"]).toMatch(/3913510d-42f4-4e42-8a64-420c390055eb$/);
});

test("what is pushed flows through the rule and into the tables of what is collected", () => {
  expect(deployment.get("connector-streams-valence-events-dcr").dependencies).toEqual(
    expect.arrayContaining(["connector-streams-valence-alerts-table", "connector-streams-valence-audit-logs-table"]),
  );
});

test("who pushes has no secret in the vault, and the worker does not call him", () => {
  expect(deployment.resources.filter(({ type }) => type === "azure-native:keyvault:Secret")).toEqual([]);
  expect(deployment.outputs["connections"]).toEqual([]);
});

test("the stack puts out the fields of Valence's form, and no secret", () => {
  const form = {
    tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    dceUri: expect.stringMatching(/^https:/),
    dcrImmutableId: expect.stringMatching(/^dcr-/),
    alertsStreamName: "Custom-ValenceAlerts",
    auditLogsStreamName: "Custom-ValenceAuditLogs",
  };
  expect(deployment.outputs["valencePush"]).toEqual({ saas: { ...form, clientId: client }, lab: form });
});

test("an operator has these rights, each on one resource, and no other", () => {
  const rights = deployment.resources
    .filter(({ inputs }) => inputs["principalId"] === operator)
    .map(({ inputs: { roleDefinitionId, scope, principalType } }) => {
      expect(principalType).toBe("Group");
      return `${String(roleDefinitionId).split("/").at(-1)} on ${String(scope).split("/").at(-1)}`;
    });
  expect(rights.sort()).toEqual([
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 on connector-storage-ledger",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 on connector-storage-windows",
    "19e7f393-937e-4f77-808e-94535e297925 on connector-storage-st",
    "73c42c96-874c-492b-b04d-ab87d138a893 on log-s1v-prod",
    "76199698-9eea-4c19-bc75-cec21354c6b6 on connector-storage-checkpoints",
  ]);
});
