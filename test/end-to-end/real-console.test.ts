import { afterAll, beforeAll, expect, test } from "vitest";
import type { Summary } from "../../local/commands/start/summary.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";
import { type PlainConsole, plainConsole, records } from "./plain-console.ts";

const token = "token-of-a-plain-console";
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

let plain: PlainConsole;
let azure: TestAzure;
let summary: Summary;

beforeAll(async () => {
  plain = await plainConsole(token, { "/activities": activities, "/threats": threats, "/groups": groups });
  const streams = { activities: true, threats: true, groups: true, agents: true };
  azure = await localAzure({
    connections: [{ name: "plain", vendor: "sentinelone", url: plain.url, apiToken: token, streams }],
  });
  summary = await azure.collect(
    "sentinelone-activities",
    "sentinelone-threats",
    "sentinelone-groups",
    "sentinelone-agents",
  );
});
afterAll(async () => {
  await azure[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
});

const standing = (name: string) => summary.streams.find(({ stream }) => stream === name);

test("every record of every page arrives once, with ids that no JavaScript number could hold", async () => {
  expect(standing("activities")).toMatchObject({
    status: "ok",
    uploaded: activities.length,
    stored: activities.length,
  });
  const rows = await azure.kql("SentinelOneActivities_CL | project Id, Data");
  expect(new Set(rows.map(({ Id }) => Id)).size).toBe(activities.length);
  const sample = rows.find(({ Id }) => Id === "9000000000000000007");
  expect(sample?.["Data"]).toBe('{"alertId":987654321098765437}');
});

test("a record of two megabytes is shrunk and marked, and takes no other with it", async () => {
  expect(standing("threats")).toMatchObject({ status: "ok", uploaded: 3, stored: 3 });
  const rows = await azure.kql(
    "SentinelOneThreats_CL | project ThreatName, Shrunk = isnotempty(tostring(ConnectorShrunk)) | order by ThreatName asc",
  );
  expect(rows).toEqual([
    { ThreatName: "sample-1", Shrunk: false },
    { ThreatName: "sample-2", Shrunk: true },
    { ThreatName: "sample-3", Shrunk: false },
  ]);
});

test("a time that cannot be read costs nothing but itself", async () => {
  expect(standing("groups")).toMatchObject({ status: "ok", stored: 2 });
  const rows = await azure.kql(
    "SentinelOneGroups_CL | project Name, HasTime = isnotnull(UpdatedAt), Generated = isnotnull(TimeGenerated) | order by Name asc",
  );
  expect(rows).toEqual([
    { Name: "first", HasTime: true, Generated: true },
    { Name: "second", HasTime: false, Generated: true },
  ]);
});

test("a feed that the console lacks is said to be missing, and stops nobody else", () => {
  expect(standing("agents")).toMatchObject({ status: "not-available", stored: 0 });
  expect(standing("agents")?.error).toMatch(/no feed "agents" \(404\).*remove "agents"/);
});

test("the token travels in its header and nowhere else", () => {
  expect([...plain.credentials]).toEqual([`ApiToken ${token}`]);
  expect(plain.requests.filter((request) => request.includes(token))).toEqual([]);
  expect(plain.requests.every((request) => request.startsWith("GET /web/api/v2.1/"))).toBe(true);
});
