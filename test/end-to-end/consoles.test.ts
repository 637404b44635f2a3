import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CertificateAuthority } from "../../local/azure/network/ca.ts";
import type { Summary } from "../../local/commands/start/summary.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import type { Simulator, SimulatorRequest } from "../../local/vendors/simulator.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";
import { sentinelOneConnection } from "../fixtures/sentinelone-connection.ts";
import { type PlainConsole, plainConsole, records } from "./plain-console.ts";

// Consoles of every kind, collected from in one pass by one worker: none of them may spoil another's collection.
const cleanUp = new AsyncDisposableStack();
let azure: TestAzure;
let summary: Summary;

const plainToken = "token-of-a-plain-console";
let plain: PlainConsole;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

// More than one page, some of them alike in time; an id beyond 2^53 inside, as consoles write it.
const activities = Array.from({ length: 1500 }, (_, n) => {
  const time = minutesAgo(600 - Math.floor(n / 3) / 5);
  const text = `{ "unheardOf" : [1, {"deep":"}]"}], "createdAt":"${time}","data":{"alertId":98765432109876543${n % 10}},"id":"90000000000${String(n).padStart(8, "0")}", "activityType": 27, "updatedAt":"${time}" }`;
  return { time, text };
});
const huge = "x".repeat(2_000_000);
const threats = records(
  ({ time }) => String(time),
  [1, 2, 3].map((n) => ({
    time: minutesAgo(60 - n),
    id: `7000000000000000${n}`,
    threatInfo: { threatName: `sample-${n}`, createdAt: minutesAgo(60 - n), updatedAt: minutesAgo(60 - n) },
    ...(n === 2 && { indicators: [{ description: huge }] }),
  })),
);
const groups = [
  { time: minutesAgo(30), text: JSON.stringify({ id: "501", name: "first", updatedAt: minutesAgo(30) }) },
  { time: minutesAgo(20), text: JSON.stringify({ id: "502", name: "second", updatedAt: "the day before yesterday" }) },
];

const now = Date.now();
const limited = { token: "token-that-may-not-see-threats", permissions: ["Activity Page.view", "Groups.view"] };
let sources: Simulator;
/** Answers that come once, or until the fault ends. */
const faults = new Map<
  string,
  (request: SimulatorRequest) => { status: number; body: string; cutAfter?: number } | undefined
>();

const once = (status: number, body: string, cutAfter?: number) => {
  let left = 1;
  return () => (left-- > 0 ? { status, body, ...(cutAfter !== undefined && { cutAfter }) } : undefined);
};

beforeAll(async () => {
  plain = cleanUp.use(
    await plainConsole(plainToken, { "/activities": activities, "/threats": threats, "/groups": groups }),
  );
  sources = cleanUp.use(
    await startSentinelOne({
      scale: 0.005,
      now: () => now,
      rateLimits: false,
      tokens: [limited],
      intercept: (request) => [...faults].find(([path]) => request.path.endsWith(path))?.[1](request),
    }),
  );
  faults.set("/activities", once(200, "<html><body>Please sign in</body></html>"));
  faults.set("/threats", once(200, '{"data":[{"id":"1"', 12));
  faults.set("/cloud-detection/alerts", () => ({
    status: 403,
    body: '{"errors":[{"code":4030010,"title":"Forbidden"}]}',
  }));
  const { url, token } = sources;
  azure = cleanUp.use(
    await localAzure({
      settings: { since: "60d" },
      connections: [
        sentinelOneConnection(
          "plain",
          { url: plain.url, token: plainToken },
          "activities",
          "threats",
          "groups",
          "agents",
        ),
        sentinelOneConnection("faulty", { url, token }, "activities", "threats", "alerts"),
        sentinelOneConnection("limited", { url, token: limited.token }, "groups", "threats"),
        sentinelOneConnection("stranger", { url: await selfSigned(), token }, "groups"),
        sentinelOneConnection("wrong-token", { url, token: "not-the-token" }, "groups"),
      ],
    }),
  );
  summary = await azure.collect();
});
afterAll(() => cleanUp.disposeAsync());

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

describe("of a console that the simulator did not make,", () => {
  test("every record of every page arrives once, with ids that no JavaScript number could hold", async () => {
    expect(standing("plain", "activities")).toMatchObject({
      status: "ok",
      uploaded: activities.length,
      stored: activities.length,
    });
    const rows = await azure.kql('SentinelOneActivities_CL | where Connection == "plain" | project Id, Data');
    expect(new Set(rows.map(({ Id }) => Id)).size).toBe(activities.length);
    const sample = rows.find(({ Id }) => Id === "9000000000000000007");
    expect(sample?.["Data"]).toBe('{"alertId":987654321098765437}');
  });

  test("a record of two megabytes is shrunk and marked, and takes no other with it", async () => {
    expect(standing("plain", "threats")).toMatchObject({ status: "ok", uploaded: 3, stored: 3 });
    const rows = await azure.kql(
      'SentinelOneThreats_CL | where Connection == "plain" | project ThreatName, Shrunk = isnotempty(tostring(ConnectorShrunk)) | order by ThreatName asc',
    );
    expect(rows).toEqual([
      { ThreatName: "sample-1", Shrunk: false },
      { ThreatName: "sample-2", Shrunk: true },
      { ThreatName: "sample-3", Shrunk: false },
    ]);
  });

  test("a time that cannot be read costs nothing but itself", async () => {
    expect(standing("plain", "groups")).toMatchObject({ status: "ok", stored: 2 });
    const rows = await azure.kql(
      'SentinelOneGroups_CL | where Connection == "plain" | project Name, HasTime = isnotnull(UpdatedAt), Generated = isnotnull(TimeGenerated) | order by Name asc',
    );
    expect(rows).toEqual([
      { Name: "first", HasTime: true, Generated: true },
      { Name: "second", HasTime: false, Generated: true },
    ]);
  });

  test("a feed that the console lacks is said to be missing, and stops nobody else", () => {
    expect(standing("plain", "agents")).toMatchObject({ status: "not-available", stored: 0 });
    expect(standing("plain", "agents")?.error).toMatch(/no feed "agents" \(404\).*remove "agents"/);
  });

  test("the token travels in its header and nowhere else", () => {
    expect([...plain.credentials]).toEqual([`ApiToken ${plainToken}`]);
    expect(plain.requests.filter((request) => request.includes(plainToken))).toEqual([]);
    expect(plain.requests.every((request) => request.startsWith("GET /web/api/v2.1/"))).toBe(true);
  });
});

describe("of consoles that refuse, fail or are none,", () => {
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
});
