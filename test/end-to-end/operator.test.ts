import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SimulatorRequest } from "../../local/vendors/simulator.ts";
import type { PathStanding } from "../../stacks/operator/doctor.ts";
import type { Drift } from "../../stacks/operator/drift.ts";
import type { FeedProbe } from "../../stacks/operator/probe.ts";
import type { SelfTestAnswer } from "../../stacks/operator/selftest.ts";
import type { SmokeResult } from "../../stacks/operator/smoke.ts";
import { comparedTypes } from "../../stacks/operator/stack-resources.ts";
import type { TokenStanding } from "../../stacks/operator/token.ts";
import { onlyContent } from "../fixtures/content.ts";
import type { TestAzure } from "../fixtures/local-azure.ts";
import { OperatedAzure } from "./operated-azure.ts";

let operated: OperatedAzure;
let azure: TestAzure;
const connector: OperatedAzure["connector"] = (...args) => operated.connector(...args);
/** Looks at what the console is asked. */
let onRequest: ((request: SimulatorRequest) => undefined) | undefined;

beforeAll(async () => {
  operated = await OperatedAzure.start({
    sentinelone: { intercept: (request) => onRequest?.(request) },
    settings: { content: onlyContent("health-stream-silent") },
  });
  ({ azure } = operated);
});
afterAll(() => operated[Symbol.asyncDispose]());

test("status lists every stream, also those that never ran, and says so with its exit code", async () => {
  const before = await operated.connectorProcess("status", "--json");
  expect(before.code).toBe(1);
  const standings = JSON.parse(before.stdout) as { stream: string; status: string }[];
  expect(standings.map(({ status }) => status)).toEqual(azure.session.targets.map(() => "never-ran"));
  await azure.collect("sentinelone-activities");
  const after = JSON.parse((await connector("status", "--json")).stdout) as typeof standings;
  expect(after.find(({ stream }) => stream === "sentinelone/activities")).toMatchObject({
    status: "ok",
    caughtUp: true,
    lastError: null,
  });
});

test("smoke asks the workspace, and fails for what has not run", async () => {
  const { stdout, stderr, code } = await connector("smoke", "--json");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^1 of \d+ streams have passed$/m);
  const results = JSON.parse(stdout) as SmokeResult[];
  expect(results).toHaveLength(azure.session.targets.length);
  const activities = results.find(({ stream }) => stream === "sentinelone/activities");
  expect(activities).toMatchObject({ status: "ok", error: null, stored: activities?.uploaded });
  expect(activities?.stored).toBeGreaterThan(0);
  expect(results.filter(({ status }) => status === "not-yet")).toHaveLength(results.length - 1);
});

test("probe reads one page of every feed with the connection's token, and shows no content", async () => {
  const { stdout, code } = await connector("probe", "--json");
  const { tokens, feeds } = JSON.parse(stdout) as { tokens: TokenStanding[]; feeds: FeedProbe[] };
  expect(code).toBe(0);
  expect(feeds.map(({ stream }) => stream)).toEqual(
    azure.session.targets.map(({ vendor, stream }) => `${vendor}/${stream}`),
  );
  expect(feeds.find(({ stream }) => stream === "sentinelone/agents")).toMatchObject({
    status: "ok",
    sample: { computerName: expect.stringMatching(/^<\d+ characters>$/) as string },
  });
  expect(tokens[0]).toMatchObject({ scope: "tenant", roles: ["Viewer"], error: null });
  expect(Date.parse(tokens[0]?.expiresAt ?? "")).toBeGreaterThan(Date.now());
  expect(stdout).not.toContain(azure.sentinelone.token);
});

test("doctor finds every path open in a local Azure, and counts what waits in the queue", async () => {
  const { stdout, code } = await connector("doctor", "--json");
  const paths = JSON.parse(stdout) as PathStanding[];
  expect(paths.filter(({ status }) => status !== "open")).toEqual([]);
  expect(code).toBe(0);
  expect(paths.map(({ path }) => path)).toEqual([
    "you → Azure Resource Manager",
    "you → state tables",
    "you → work queue",
    "you → vault",
    "you → workspace",
    "worker → ingestion endpoint",
    "deployer → worker",
    'worker → console "sentinelone-simulator"',
    'worker → console "valence-simulator"',
  ]);
  expect(paths[2]?.detail).toMatch(/^\d+ messages wait, 0 were given up/);
});

test("without a running local Azure the way out is named", async () => {
  const { code, stderr } = await operated.connectorProcess("status", "--data", join(operated.folder, "nobody"));
  expect(code).toBe(1);
  expect(stderr).toContain("npm start");
  expect(stderr).not.toContain("    at ");
});

const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const activities = ["--connection", "sentinelone-simulator", "--stream", "sentinelone/activities"];

/** Ids of the activities in the table, of a window or of all. */
async function storedIds(window = "true"): Promise<string[]> {
  const rows = await azure.kql(`SentinelOneActivities_CL | where ${window} | project Id`);
  return rows.map(({ Id }) => Id as string);
}

const workUntil = <T>(end: Promise<T>) => operated.workUntil("sentinelone-activities", end);

test("a stretch of the past arrives once, beside live rows, though its worker is killed in the middle", async () => {
  await azure.collect("sentinelone-activities");
  const live = await storedIds();
  const [from, to] = [dayAgo(13), dayAgo(2)];
  const window = [...activities, "--from", from, "--to", to];
  const asked = await connector("backfill", ...window, "--detach", "--json");
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(asked.stdout)).toMatchObject({ kind: "backfill", readPercent: 0, done: false, lastError: null });
  const { stdout } = await connector("status");
  expect(stdout).toMatch(/sentinelone-simulator sentinelone\/activities: backfill from .* 0 % read/);

  const killed = new Promise<void>((resolve) => {
    onRequest = ({ query }) => {
      if (!query.has("createdAt__lt") || !query.has("cursor") || query.has("countOnly")) return;
      onRequest = undefined;
      azure.session.azure.functions.kill(azure.session.outputs.functionAppName, "SIGKILL");
      resolve();
    };
  });
  await workUntil(killed);
  await operated.freeLeases();
  await workUntil(operated.windowsRead());

  const inWindow = `CreatedAt >= datetime(${from}) and CreatedAt < datetime(${to})`;
  const ids = await storedIds(inWindow);
  expect(ids.length).toBeGreaterThan(1000);
  expect(new Set(ids).size).toBe(ids.length);
  const shown = new Set(azure.sentinelone.keys("activities"));
  const all = await storedIds();
  expect(all.filter((id) => !shown.has(id))).toEqual([]);
  expect(ids.length + live.length).toBeLessThanOrEqual(all.length);
});

test("a replay sends what the table has lost, and nothing else", async () => {
  const before = await storedIds();
  const lost = (await storedIds("CreatedAt > ago(20h)")).slice(0, 40);
  const ids = lost.map((id) => `'${id}'`);
  await operated.alter("SentinelOneActivities_CL", (table) => `DELETE FROM ${table} WHERE "Id" IN (${ids.join(", ")})`);
  expect(await storedIds()).toHaveLength(before.length - lost.length);
  await operated.acknowledgedAt(dayAgo(0.2));

  const window = [...activities, "--from", dayAgo(1), "--to", dayAgo(1 / 24)];
  const { code, stdout } = await workUntil(connector("replay", ...window));
  expect(code).toBe(0);
  expect(stdout).toMatch(/100 % of what is stored is known/);
  expect(stdout).toMatch(/replay from .*: done, 40 rows sent/);
  const after = await storedIds();
  expect(lost.filter((id) => !after.includes(id))).toEqual([]);
  expect(new Set(after).size).toBe(after.length);
  expect(await connector("replay", ...window)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("take up to an hour to be seen in the table") as string,
  });
});

test("a back-fill after a takeover sends what Microsoft's connector has not stored, and nothing else", async () => {
  const { sentinelone } = azure;
  const [from, to] = [dayAgo(20), dayAgo(14)];
  const page = await fetch(
    `${sentinelone.url}/web/api/v2.1/activities?createdAt__gte=${from}&createdAt__lt=${to}&limit=1000&sortBy=createdAt`,
    { headers: { authorization: `ApiToken ${sentinelone.token}` } },
  );
  const { data } = (await page.json()) as { data: { id: string; createdAt: string }[] };
  const theirs = data.filter((_, i) => i % 2 === 0);
  const ticks = (time: string) => `${(BigInt(Date.parse(time)) + 62_135_596_800_000n) * 10_000n}`;
  const rows = theirs.map(({ id, createdAt }) => `('', '${id}', ${ticks(createdAt)}, ${ticks(createdAt)})`);
  await operated.alter(
    "SentinelOneActivities_CL",
    (table) => `INSERT INTO ${table} ("Connection", "Id", "CreatedAt", "TimeGenerated") VALUES ${rows.join(", ")}`,
  );

  const { code } = await workUntil(connector("backfill", ...activities, "--taken-over", "--from", from, "--to", to));
  expect(code).toBe(0);
  const stored = await storedIds(`CreatedAt >= datetime(${from}) and CreatedAt < datetime(${to})`);
  expect(new Set(stored).size).toBe(stored.length);
  expect(data.filter(({ id }) => !stored.includes(id))).toEqual([]);
  expect(theirs.length).toBeGreaterThan(100);
});

test("selftest asks the local Azure what Azure is asked, if its operator may deliver rows", async () => {
  const { state, operator, subscriptionId } = azure.session.azure.cloud;
  const scope = `/subscriptions/${subscriptionId}`;
  const publisher = `${scope}/providers/Microsoft.Authorization/roleDefinitions/3913510d-42f4-4e42-8a64-420c390055eb`;
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const inputs = { scope, principalId: operator.principalId, roleDefinitionId: publisher };
  state.set({ id, type: "azure-native:authorization:RoleAssignment", inputs, outputs: inputs });
  const { stdout, code } = await connector("selftest", "--json");
  state.delete(id);
  const answers = JSON.parse(stdout) as SelfTestAnswer[];
  expect(answers.filter(({ good }) => good !== true)).toEqual([]);
  expect(answers).toHaveLength(8);
  expect(code).toBe(0);
});

test("drift finds what was changed behind the stack's back, and shows no value", async () => {
  expect(await connector("drift")).toMatchObject({
    code: 0,
    stdout: "Everything is as the stack deployed it.\n",
  });
  const compared = azure.session.forOperators.resources?.map(({ type }) => type);
  const { generic: _, ...onFlexConsumption } = comparedTypes;
  expect(new Set(compared)).toEqual(new Set(Object.values(onFlexConsumption)));
  const { state } = azure.session.azure.cloud;
  const [app] = state.list("azure-native:web:WebApp");
  const [role] = state.list("azure-native:authorization:RoleAssignment");
  if (!app || !role) throw new Error("nothing was deployed");
  const { appSettings = [] } = app.inputs["siteConfig"] as { appSettings?: { name: string; value: string }[] };
  const changed = [
    ...appSettings
      .filter(({ name }) => name !== "WORK_QUEUE")
      .map((setting) => (setting.name === "COLLECTION" ? { name: setting.name, value: "{}" } : setting)),
    { name: "DEBUG", value: "canary-setting" },
  ];
  state.set({ ...app, inputs: { ...app.inputs, siteConfig: { appSettings: changed } } });
  state.delete(role.id);
  const { code, stdout } = await connector("drift", "--json");
  state.set(app);
  state.set(role);
  expect(code).toBe(1);
  expect(stdout).not.toContain("canary-setting");
  expect((JSON.parse(stdout) as Drift[]).map(({ difference }) => difference).sort()).toEqual([
    "the app setting COLLECTION has another value",
    "the app setting DEBUG is not the stack's",
    "the app setting WORK_QUEUE is missing",
    "the role is no longer assigned",
  ]);
});
