import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStreams } from "../../kql/catalog.ts";
import { CertificateAuthority } from "../../local/azure/network/ca.ts";
import type { Summary } from "../../local/commands/start/summary.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import type { Simulator, SimulatorRequest } from "../../local/vendors/simulator.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";

const now = Date.now();
const limited = { token: "token-that-may-not-see-threats", permissions: ["Activity Page.view", "Groups.view"] };
/** Answers that come once, or until the fault ends. */
const faults = new Map<
  string,
  (request: SimulatorRequest) => { status: number; body: string; cutAfter?: number } | undefined
>();
const cleanUp = new AsyncDisposableStack();
let azure: TestAzure;
let sources: Simulator;
let summary: Summary;

const once = (status: number, body: string, cutAfter?: number) => {
  let left = 1;
  return () => (left-- > 0 ? { status, body, ...(cutAfter !== undefined && { cutAfter }) } : undefined);
};

beforeAll(async () => {
  const console = cleanUp.use(
    await startSentinelOne({
      scale: 0.005,
      now: () => now,
      rateLimits: false,
      tokens: [limited],
      intercept: (request) => [...faults].find(([path]) => request.path.endsWith(path))?.[1](request),
    }),
  );
  const stranger = await selfSigned();
  faults.set("/activities", once(200, "<html><body>Please sign in</body></html>"));
  faults.set("/threats", once(200, '{"data":[{"id":"1"', 12));
  faults.set("/cloud-detection/alerts", () => ({
    status: 403,
    body: '{"errors":[{"code":4030010,"title":"Forbidden"}]}',
  }));
  const connection = (name: string, url: string, apiToken: string, ...streams: string[]) => ({
    name,
    vendor: "sentinelone" as const,
    url,
    apiToken,
    streams: Object.fromEntries(
      readStreams("sentinelone").map((stream) => [stream.name, streams.includes(stream.name)]),
    ),
  });
  azure = await localAzure({
    settings: { since: "60d" },
    connections: [
      connection("faulty", console.url, console.token, "activities", "threats", "alerts"),
      connection("limited", console.url, limited.token, "groups", "threats"),
      connection("stranger", stranger, console.token, "groups"),
      connection("wrong-token", console.url, "not-the-token", "groups"),
    ],
  });
  summary = await azure.collect();
  sources = console;
});
afterAll(async () => {
  await azure[Symbol.asyncDispose]();
  await cleanUp.disposeAsync();
});
/** A server whose certificate nobody vouches for. */
async function selfSigned(): Promise<string> {
  const { certificate, key } = await (await CertificateAuthority.open()).issue(["127.0.0.1"]);
  const server = createTlsServer({ cert: certificate, key }, (_, response) => response.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.defer(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const standing = (connection: string, stream: string) =>
  summary.streams.find((row) => row.connection === connection && row.stream === stream);

const storedIds = async (table: string, connection: string) =>
  (await azure.kql(`${table} | where Connection == "${connection}" | distinct Id`)).map(({ Id }) => String(Id)).sort();

test.each([
  ["wrong-token", "groups", "failing", /does not accept the token.*Make a new one/],
  ["limited", "threats", "not-permitted", /refuses feed "threats" \(40[13]\).*permission Threats\.view.*Grant it/],
  ["stranger", "groups", "failing", /certificate.*The token was not sent/],
  ["faulty", "alerts", "not-permitted", /refuses feed "alerts" \(403\).*Custom Alerts\.view/],
])("%s/%s is %s, and its message says where, why and what to do", (connection, stream, status, message) => {
  expect(standing(connection, stream)).toMatchObject({ status, stored: 0 });
  expect(standing(connection, stream)?.error).toMatch(message);
  expect(standing(connection, stream)?.error).toContain(`sentinelone "${connection}"`);
});

test("no message shows a token or an answer's body", () => {
  const messages = JSON.stringify(summary);
  for (const secret of [limited.token, "not-the-token", "Please sign in", "4030010,"])
    expect(messages).not.toContain(secret);
});

test("what bad answers held back for a moment is there at the end of the pass", async () => {
  expect(standing("faulty", "activities")).toMatchObject({ status: "ok" });
  expect(standing("faulty", "threats")).toMatchObject({ status: "ok" });
  expect(await storedIds("SentinelOneActivities_CL", "faulty")).toEqual([...sources.keys("activities")].sort());
});

test("a stream that fails stops no other of its console", async () => {
  expect(standing("limited", "groups")).toMatchObject({ status: "ok", error: null });
  expect((await storedIds("SentinelOneGroups_CL", "limited")).length).toBe(sources.keys("groups").length);
});

test("when the fault has ended, the next pass delivers all of it", async () => {
  faults.delete("/cloud-detection/alerts");
  const { streams } = await azure.collect("sentinelone-alerts");
  expect(streams).toMatchObject([{ status: "ok", error: null }]);
  const rows = await azure.kql(`SentinelOneAlerts_CL | distinct AlertId`);
  expect(rows.length).toBe(new Set(sources.keys("alerts").map((key) => key.split("|")[0])).size);
});
