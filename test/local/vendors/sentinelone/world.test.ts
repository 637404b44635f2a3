import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { DAY, HOUR, type Json, MINUTE, MORNING, openConsole, type TestConsole } from "../console.ts";

const PATHS = [
  "/activities?limit=300&sortBy=createdAt&sortOrder=desc",
  "/threats?limit=1000&sortBy=updatedAt",
  "/agents?limit=1000&sortBy=id",
  "/groups?limit=1000",
  "/cloud-detection/alerts?limit=1000",
  "/sites?limit=1000",
  "/accounts?limit=1000",
];

/** Digests, because two pages that differ are no reading matter. */
const bodies = async (console: TestConsole) =>
  Promise.all(PATHS.map(async (path) => `${path} ${hash("sha256", (await console.get(path)).text)}`));

const keysOf = (rows: readonly Json[]) => rows.map((row) => hash("sha256", JSON.stringify(row)));

test("the same seed and time give the same bytes, another seed gives others", async () => {
  await using one = await openConsole({ seed: 7 });
  await using same = await openConsole({ seed: 7 });
  await using other = await openConsole({ seed: 8 });
  expect(one.simulator.token).toBe(same.simulator.token);
  const [first, second, third] = await Promise.all([bodies(one), bodies(same), bodies(other)]);
  expect(second).toEqual(first);
  // Accounts are the same few in every seed, apart from their number of agents and their ids.
  expect(third.filter((body, index) => body === first[index])).toEqual([]);
});

test("it does not matter what was asked before, or when the console was started", async () => {
  await using early = await openConsole();
  early.now = MORNING - 8 * DAY;
  await bodies(early);
  early.now = MORNING;
  const lateStart: { now: number } = { now: MORNING + 9 * HOUR };
  await using late = await openConsole({ now: () => lateStart.now });
  lateStart.now = MORNING;
  expect(await bodies(late)).toEqual(await bodies(early));
});

test("a console that is started weeks later goes on with the same objects", async () => {
  await using first = await openConsole();
  // Its history begins two weeks later than the first one's, shortly before the window.
  first.now = MORNING + 10 * DAY;
  await using second = await openConsole({ now: () => MORNING + 10 * DAY });
  const path = `/activities?limit=1000&createdAt__gte=${new Date(MORNING - 5 * DAY).toISOString()}`;
  expect(keysOf(await second.walk(path))).toEqual(keysOf(await first.walk(path)));
  expect(keysOf(await second.walk("/agents?limit=1000"))).toEqual(keysOf(await first.walk("/agents?limit=1000")));
});

test("a full-size console has thousands of rows", async () => {
  await using console = await openConsole({ scale: 1 });
  const perDay = (
    await console.page(`/activities?countOnly=true&createdAt__gte=${new Date(MORNING - DAY).toISOString()}`)
  ).pagination;
  expect(perDay.totalItems).toBeGreaterThan(4000);
  expect(perDay.totalItems).toBeLessThan(9000);
  expect(console.simulator.keys("agents").length).toBeGreaterThanOrEqual(1500);
  expect(console.simulator.keys("threats").length).toBeGreaterThan(400);
  expect(console.simulator.keys("alerts").length).toBeGreaterThan(200);
  expect(console.simulator.keys("groups")).toHaveLength(60);
  expect(console.simulator.keys("sites")).toHaveLength(6);
});

test("keys are what the feeds show", async () => {
  await using console = await openConsole();
  const agents = await console.walk("/agents?limit=1000");
  expect(console.simulator.keys("agents").toSorted()).toEqual(
    agents.map((row) => `${row["id"]}|${row["updatedAt"]}`).toSorted(),
  );
  const threats = await console.walk("/threats?limit=1000");
  expect(console.simulator.keys("threats").toSorted()).toEqual(
    threats.map((row) => `${row["id"]}|${(row["threatInfo"] as Json)["updatedAt"]}`).toSorted(),
  );
  const alerts = await console.walk("/cloud-detection/alerts?limit=1000");
  expect(console.simulator.keys("alerts").toSorted()).toEqual(
    alerts.map(({ alertInfo }) => `${(alertInfo as Json)["alertId"]}|${(alertInfo as Json)["updatedAt"]}`).toSorted(),
  );
  expect(() => console.simulator.keys("weather")).toThrow(/No stream "weather" here. There are: activities, threats/);
});

test("heartbeats move lastActiveDate, not updatedAt", async () => {
  await using console = await openConsole();
  const read = async () =>
    new Map((await console.walk("/agents?limit=1000&isActive=true")).map((row) => [row["id"], row]));
  const before = await read();
  console.now += 10 * MINUTE;
  const after = await read();
  const moved = [...before].filter(
    ([id, row]) => after.has(id) && after.get(id)?.["lastActiveDate"] !== row["lastActiveDate"],
  );
  const changed = moved.filter(([id, row]) => after.get(id)?.["updatedAt"] !== row["updatedAt"]);
  expect(moved.length).toBeGreaterThan(10);
  expect(changed.length).toBeLessThan(moved.length / 5);
});

test("machines fall silent at night without a change of their state", async () => {
  await using console = await openConsole();
  console.now = MORNING + 4 * HOUR;
  const day = new Map((await console.walk("/agents?limit=1000&isActive=true")).map((row) => [row["id"], row]));
  console.now = MORNING + 16 * HOUR;
  const silent = await console.walk(
    `/agents?limit=1000&lastActiveDate__lt=${new Date(console.now - HOUR).toISOString()}`,
  );
  const fell = silent.filter((row) => day.has(row["id"]) && row["isActive"] === false);
  expect(fell.length).toBeGreaterThan(10);
  expect(fell.some((row) => row["updatedAt"] === day.get(row["id"])?.["updatedAt"])).toBe(true);
});

test("machines change within a week: addresses, users, versions; some are infected, some replaced", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const before = new Map((await console.walk("/agents?limit=1000")).map((row) => [row["id"], row]));
  expect([...before.values()].some((row) => row["infected"] === true && row["activeThreats"] > 0)).toBe(true);
  console.now += 7 * DAY;
  const after = await console.walk("/agents?limit=1000");
  const known = after.filter((row) => before.has(row["id"]));
  const fields = ["externalIp", "lastLoggedInUserName", "agentVersion", "scanFinishedAt", "policyUpdatedAt"];
  const unchanged = fields.filter((field) => known.every((row) => row[field] === before.get(row["id"])?.[field]));
  expect(unchanged).toEqual([]);
  expect(known.every((row) => row["updatedAt"] > before.get(row["id"])?.["updatedAt"] || row["isDecommissioned"])).toBe(
    true,
  );
  expect(after.length).toBeGreaterThan(known.length);
  expect(after.some((row) => row["isDecommissioned"] && row["decommissionedAt"] === row["updatedAt"])).toBe(true);
});

test("a policy change gives all machines of a group one and the same updatedAt", async () => {
  await using console = await openConsole({ scale: 0.2 });
  const together = new Map<string, Set<string>>();
  for (let day = 0; day < 14; day++) {
    console.now += DAY;
    for (const row of await console.walk("/agents?limit=1000")) {
      const moment = `${row["groupId"]} ${row["updatedAt"]}`;
      together.set(moment, (together.get(moment) ?? new Set()).add(row["id"]));
    }
  }
  expect(Math.max(...[...together.values()].map((ids) => ids.size))).toBeGreaterThan(4);
});

test("threats are worked on: mitigated within a minute, judged and closed within days, and updatedAt follows", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const found = new Date(MORNING - DAY).toISOString();
  const path = `/threats?limit=1000&createdAt__gte=${found}&createdAt__lt=${new Date(MORNING).toISOString()}`;
  const states: Json[][] = [];
  for (const pass of [0, 1, 2, 3]) {
    console.now = MORNING + pass * 2 * DAY;
    states.push((await console.walk(path)).map((row) => row["threatInfo"] as Json));
  }
  const [first, , , last] = states as [Json[], Json[], Json[], Json[]];
  expect(first.length).toBeGreaterThan(2);
  expect(last.map((info) => info["threatId"])).toEqual(first.map((info) => info["threatId"]));
  const closed = (infos: Json[]) => infos.filter((info) => info["incidentStatus"] === "resolved").length;
  expect(closed(last)).toBeGreaterThan(closed(first));
  const changed = last.filter((info, index) => info["incidentStatus"] !== first[index]?.["incidentStatus"]);
  const before = new Map(first.map((info) => [info["threatId"], info["updatedAt"] as string]));
  expect(changed.filter((info) => info["updatedAt"] <= (before.get(info["threatId"]) ?? ""))).toEqual([]);
});

test("triage closes several threats with one and the same instant", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const times = (await console.walk("/threats?limit=1000&incidentStatuses=resolved")).map(
    (row) => (row["threatInfo"] as Json)["updatedAt"],
  );
  expect(new Set(times).size).toBeLessThan(times.length);
});

test("activities show up late: most soon, some after minutes, a few after hours", async () => {
  await using console = await openConsole({ scale: 0.5 });
  let [all, minutesLate, hoursLate] = [0, 0, 0];
  for (let from = MORNING; from < MORNING + DAY; from += HOUR) {
    const path = `/activities?countOnly=true&createdAt__between=${from}-${from + HOUR - 1}`;
    const countAt = async (now: number) => {
      console.now = now;
      return (await console.page(path)).pagination.totalItems ?? 0;
    };
    const soon = await countAt(from + HOUR + 5_000);
    const later = await countAt(from + HOUR + 10 * MINUTE);
    const last = await countAt(from + 7 * HOUR);
    all += last;
    minutesLate += later - soon;
    hoursLate += last - later;
  }
  expect(minutesLate).toBeGreaterThan(0);
  expect(hoursLate).toBeGreaterThan(0);
  expect(minutesLate + hoursLate).toBeLessThan(all / 20);
});

test("people act on many machines in one microsecond", async () => {
  await using console = await openConsole();
  const rows = await console.walk("/activities?limit=1000&sortBy=createdAt");
  const together = new Map<string, Json[]>();
  for (const row of rows) together.set(row["createdAt"], [...(together.get(row["createdAt"]) ?? []), row]);
  const largest = [...together.values()].reduce((a, b) => (b.length > a.length ? b : a));
  expect(largest.length).toBeGreaterThanOrEqual(5);
  expect(new Set(largest.map((row) => row["userId"])).size).toBe(1);
  expect(new Set(largest.map((row) => row["id"])).size).toBe(largest.length);
});

test("ids are text of 19 digits outside activity.data, and exact numbers inside", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const { text } = await console.get("/activities?limit=1&activityTypes=3608&sortBy=createdAt&sortOrder=desc");
  const alertId = /"alertId":(\d+),/.exec(text)?.[1] ?? "";
  expect(alertId).toMatch(/^\d{19}$/);
  expect(String(Number(alertId))).not.toBe(alertId);
  const [alert] = (await console.page(`/cloud-detection/alerts?ids=${alertId}`)).data;
  expect(alert?.["alertInfo"].alertId).toBe(alertId);
});

test("activities are proper JSON: no member twice", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const { data } = JSON.parse((await console.get("/activities/types")).text) as { data: Json[] };
  // Their ids are beyond what a round trip through doubles keeps.
  const withExactIds = [3600, 3601, 3602, 3603, 3608, 3784];
  const types = data.map(({ id }) => id as number).filter((id) => !withExactIds.includes(id));
  const { text } = await console.get(`/activities?limit=1000&activityTypes=${types.join(",")}`);
  expect(hash("sha256", JSON.stringify(JSON.parse(text)))).toBe(hash("sha256", text));
});

test("records have the odd traits that break collectors", async () => {
  await using console = await openConsole({ scale: 0.3 });
  const threats = (await console.walk("/threats?limit=1000")).map((row): Json => ({ ...row, info: row["threatInfo"] }));
  const activities = (await console.page("/activities?limit=1000")).data;
  const alerts = (await console.walk("/cloud-detection/alerts?limit=1000")).map((row) => row["alertInfo"] as Json);
  expect(threats.some(({ info }) => info.updatedAt < info.createdAt)).toBe(true);
  expect(threats.some(({ info }) => /&(amp|lt);/.test(info.publisherName))).toBe(true);
  expect(threats.some((row) => !("ecsInfo" in row)) && threats.some((row) => "ecsInfo" in row)).toBe(true);
  expect(threats.every(({ info }) => !("severity" in info))).toBe(true);
  expect(activities.filter((row) => row["updatedAt"] < row["createdAt"]).length).toBeGreaterThan(900);
  expect(alerts.every((info) => info["reportedAt"] > info["createdAt"])).toBe(true);
  const { text } = await console.get("/groups?limit=1");
  expect(text).toContain('"registrationToken":"');
  expect((await console.get("/sites?limit=1")).text).toContain('"registrationToken":"');
});

test("what was shown since the start holds everything that any poll has seen", async () => {
  await using console = await openConsole();
  const streams = ["activities", "threats", "agents", "groups", "alerts", "sites"];
  const seen = new Map(streams.map((stream) => [stream, new Set(console.simulator.keys(stream))]));
  for (let poll = 0; poll < 30; poll++) {
    console.now += 97 * MINUTE;
    for (const stream of streams) for (const key of console.simulator.keys(stream)) seen.get(stream)?.add(key);
  }
  for (const stream of streams) {
    const ever = new Set(console.simulator.keysEverShown(stream));
    expect([stream, [...(seen.get(stream) ?? [])].filter((key) => !ever.has(key))]).toEqual([stream, []]);
  }
  expect(new Set(console.simulator.keysEverShown("agents")).size).toBeGreaterThan(
    console.simulator.keys("agents").length,
  );
});
