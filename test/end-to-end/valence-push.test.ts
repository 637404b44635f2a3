import { type Agent, request } from "node:https";
import { gzipSync } from "node:zlib";
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PushForm } from "../../components/push.ts";
import { registerApplication } from "../../local/azure/identity/applications.ts";
import { type LocalAzure, startLocalAzure } from "../../local/azure/local-azure.ts";
import { frontAgent } from "../../local/azure/network/front-agent.ts";
import { queryWorkspace } from "../../local/azure/workspace/query.ts";
import { deployStack } from "../../local/commands/deploy-stack.ts";
import { readStackConfig } from "../../local/commands/stack-config.ts";

let azure: LocalAzure;
let agent: Agent;
let form: PushForm;
let push: (stream: string, rows: readonly object[], rule?: string) => Promise<number>;
let workspaceId: string;

beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual", onError: (message, error) => console.error(message, error) });
  agent = frontAgent(azure.front);
  const vendor = registerApplication(azure.cloud, "Valence push");
  const pusher = {
    name: "saas",
    vendor: "valence",
    mode: "push",
    pushPrincipalId: vendor.principal.principalId,
    pushClientId: vendor.principal.clientId,
  };
  const settings = { connections: [pusher], content: { enabled: "off" } };
  const { outputs } = await deployStack(azure, "local", readStackConfig("local", settings));
  form = (outputs["valencePush"] as Record<string, PushForm>)["saas"] as PushForm;
  workspaceId = String(outputs["workspaceId"]);
  push = pusherOf(form, vendor.clientSecret);
});
afterAll(async () => {
  agent.destroy();
  await azure[Symbol.asyncDispose]();
});

const alert = (serial: number) => ({
  vuid: `VALENCE:_:tenant9:_:ALERT:_::_::_:0000-${serial}`,
  connectorUids: ["7___Mailbox___Fetch___Main"],
  alertType: {
    vuid: "VALENCE:_::_:ALERT_TYPE:_::_::_:Mailbox.ForwardingRule",
    name: "Mail is forwarded to a stranger",
    description: "A rule forwards mail to an address outside.",
    severity: "Critical",
    defaultSeverity: "High",
    platform: "Mailbox",
    sourceKind: "valenceDefined",
    disabled: false,
    mitreAttackTactics: ["TA0009"],
    mitreAttackTechniques: ["T1114.003"],
  },
  creationTimestamp: Math.floor(Date.now() / 1000) - serial,
  status: "Open",
  summaryLine: `Rule ${serial} forwards mail`,
  events: [{ eventId: `e-${serial}`, ip: "203.0.113.9", aux: { "Target[0]": { ID: "x" } } }],
});

const audit = (serial: number) => ({
  actor: "ops@tenant9.example",
  action: "User created",
  success: true,
  details: `Created user ${serial}`,
  ipAddress: "203.0.113.10",
  timeEpoch: Math.floor(Date.now() / 1000) - serial,
});

test("what Valence pushes with its own principal is stored as if it had been collected, by the name push", async () => {
  expect(await push(form.alertsStreamName, [alert(1), alert(2)])).toBe(204);
  expect(await push(form.auditLogsStreamName, [audit(1), audit(2), audit(3)])).toBe(204);
  expect(
    await rows(
      "ValenceAlerts_CL | order by vuid asc | project Connection, summaryLine, alertType, severity, sentinelSeverity, platform",
    ),
  ).toEqual([
    ["push", "Rule 1 forwards mail", "Mail is forwarded to a stranger", "Critical", "High", "Mailbox"],
    ["push", "Rule 2 forwards mail", "Mail is forwarded to a stranger", "Critical", "High", "Mailbox"],
  ]);
  expect(
    await rows(
      "ValenceAuditLogs_CL | where TimeGenerated > ago(1h) | order by details asc | project Connection, details",
    ),
  ).toEqual([
    ["push", "Created user 1"],
    ["push", "Created user 2"],
    ["push", "Created user 3"],
  ]);
});

test("an alert that Valence pushes again is shown once", async () => {
  expect(await push(form.alertsStreamName, [alert(7)])).toBe(204);
  expect(await push(form.alertsStreamName, [alert(7)])).toBe(204);
  expect(await rows('ValenceAlertsLatest | where summaryLine == "Rule 7 forwards mail" | project Connection')).toEqual([
    ["push"],
  ]);
});

test("its principal is refused on every other rule of the stack", async () => {
  const others = azure.cloud.state
    .list("azure-native:monitor:DataCollectionRule")
    .map(({ outputs }) => outputs as { immutableId: string; dataFlows: { streams: string[] }[] })
    .filter(({ immutableId }) => immutableId !== form.dcrImmutableId);
  expect(others.length).toBeGreaterThan(1);
  for (const { immutableId, dataFlows } of others) {
    const [stream = ""] = dataFlows[0]?.streams ?? [];
    expect(await push(stream, [{ Connection: "push" }], immutableId)).toBe(403);
  }
});

/** Pushes as Valence does: with what its form holds and the client's secret, and with nothing else. */
function pusherOf({ tenantId, clientId = "", dceUri, dcrImmutableId }: PushForm, secret: string): typeof push {
  const credential = new ClientSecretCredential(tenantId, clientId, secret, { agent });
  return async (stream, items, rule = dcrImmutableId) => {
    const { token } = await credential.getToken("https://monitor.azure.com/.default");
    const url = new URL(`/dataCollectionRules/${rule}/streams/${stream}?api-version=2023-01-01`, dceUri);
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-encoding": "gzip",
    };
    return new Promise((resolve, reject) => {
      const call = request(url, { method: "POST", agent, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      });
      call.on("error", reject).end(gzipSync(JSON.stringify(items)));
    });
  };
}

async function rows(kql: string): Promise<unknown[]> {
  const workspace = azure.cloud.deployed.workspace(workspaceId);
  if (!workspace) throw new Error("The workspace was not deployed.");
  const { rows: found } = await queryWorkspace(azure.store, workspace, kql);
  return found.map((row) => [...row]);
}
