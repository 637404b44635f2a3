import { describe, expect, test } from "vitest";
import { DAY, HOUR, type Json, MORNING, openConsole } from "../console.ts";

const inventory = "/application-management/inventory";
const risks = "/application-management/risks?limit=1000&sortBy=id";
const endpoints = ({ applicationName, applicationVendor }: Json) =>
  `${inventory}/endpoints?limit=1000&sortBy=detectionDate&${new URLSearchParams({ applicationName, applicationVendor }).toString()}`;

describe("installed applications", () => {
  test("are listed by name, and each tells its endpoints and versions", async () => {
    await using console = await openConsole();
    const applications = await console.walk(`${inventory}?limit=7&sortBy=applicationName`);
    const keys: string[] = [];
    for (const application of applications) {
      const { data } = await console.page(endpoints(application));
      expect(data).toHaveLength(application["endpointsCount"] as number);
      expect(new Set(data.map(({ version }) => version as string)).size).toBe(application["applicationVersionsCount"]);
      keys.push(...data.map(({ id, cpe }) => `${id}|${cpe ?? ""}`));
    }
    expect(keys.sort()).toEqual(console.simulator.keys("applications").toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([
    `${inventory}/endpoints?applicationName=Zippa`,
    `${inventory}/endpoints?applicationVendor=Zippa`,
    `${inventory}?siteIds=1,2`,
    "/application-management/risks?siteIds=1,2",
    "/application-management/risks?sortBy=riskUpdatedDate",
  ])("%s is refused with 400", async (path) => {
    await using console = await openConsole();
    expect((await console.get(path)).status).toBe(400);
  });

  test("come, go and are recognised as time passes", async () => {
    await using console = await openConsole();
    const before = new Set(console.simulator.keys("applications"));
    console.now += 7 * DAY;
    const after = new Set(console.simulator.keys("applications"));
    const ids = (keys: Iterable<string>) => new Set([...keys].map((key) => key.split("|")[0]));
    expect([...ids(after)].filter((id) => !ids(before).has(id)).length).toBeGreaterThan(5);
    expect([...ids(before)].filter((id) => !ids(after).has(id)).length).toBeGreaterThan(5);
    expect([...after].filter((key) => !before.has(key) && ids(before).has(key.split("|")[0]))).not.toEqual([]);
  });

  test("are asked for three times a second", async () => {
    await using console = await openConsole({ rateLimits: true });
    expect((await console.get(inventory)).status).toBe(200);
    expect((await console.get(inventory)).status).toBe(429);
    console.now += 334;
    expect((await console.get(`${inventory}/endpoints?applicationName=a&applicationVendor=b`)).status).toBe(200);
    expect((await console.get(inventory)).status).toBe(429);
  });
});

describe("risks", () => {
  test("that were removed are shown to who asks for them, for a month", async () => {
    await using console = await openConsole();
    const shown = await console.walk(risks);
    const all = await console.walk(`${risks}&includeRemovals=true`);
    expect(all.map(({ id, status, mitigationStatus }) => `${id}|${status}|${mitigationStatus}`).sort()).toEqual(
      console.simulator.keys("application-risks").toSorted(),
    );
    const removed = all.filter(({ status }) => status === "Removed");
    expect(removed.length).toBeGreaterThan(5);
    expect(all.length - removed.length).toBe(shown.length);
    console.now += 31 * DAY;
    const later = new Set((await console.walk(`${risks}&includeRemovals=true`)).map(({ id }) => id as string));
    expect(removed.filter(({ id }) => later.has(id as string))).toEqual([]);
  });

  test("are found by the time of their last change, which no record has", async () => {
    await using console = await openConsole();
    const states = async () => {
      const rows = await console.walk(`${risks}&includeRemovals=true`);
      const volatile = { daysDetected: 0, lastScanDate: "" };
      return new Map(rows.map((row) => [row["id"] as string, JSON.stringify({ ...row, ...volatile })]));
    };
    const before = await states();
    console.now += DAY;
    const after = await states();
    const changed = [...after].filter(([id, state]) => before.get(id) !== state).map(([id]) => id);
    // Shown up to forty seconds after it happened.
    const since = new Date(MORNING - 40_000).toISOString();
    const found = await console.walk(`${risks}&includeRemovals=true&riskUpdatedDate__gte=${since}`);
    expect(changed.length).toBeGreaterThan(3);
    expect(found.map(({ id }) => id as string).filter((id) => !changed.includes(id)).length).toBeLessThan(3);
    expect(changed.filter((id) => !found.some((row) => row["id"] === id))).toEqual([]);
    expect(Object.keys(found[0] ?? {}).filter((name) => /updated/i.test(name))).toEqual([]);
  });
});

describe("what a threat's page shows", () => {
  test.each(["timeline", "notes"])("%s of a threat that there is not: 404 with the console's number", async (list) => {
    await using console = await openConsole();
    const { status, text } = await console.get(`/threats/1/${list}`);
    expect([status, text]).toEqual([404, expect.stringContaining('"code":4040010')]);
    const { data } = await console.page("/threats?limit=1");
    expect((await console.get(`/threats/${data[0]?.["id"]}/${list}`)).status).toBe(200);
    expect((await console.get(`/threats/${data[0]?.["id"]}/${list}/more`)).status).toBe(404);
  });

  test("the timeline is the threat's part of the activities", async () => {
    await using console = await openConsole();
    console.now += 6 * HOUR;
    const { data } = await console.page("/threats?limit=20&sortBy=createdAt&sortOrder=desc");
    const threat = data.at(-1)?.["id"] as string;
    const timeline = await console.walk(`/threats/${threat}/timeline?limit=3&sortBy=createdAt`);
    const activities = await console.walk(`/activities?limit=1000&sortBy=createdAt&threatIds=${threat}`);
    expect(timeline.length).toBeGreaterThan(1);
    const shown = new Set(activities.map(({ id }) => id as string));
    // The log shows some of it hours late.
    expect(timeline.filter(({ id }) => shown.has(id as string)).length).toBeGreaterThan(timeline.length / 2);
    expect(new Set(timeline.map((entry) => entry["threatId"] as string))).toEqual(new Set([threat]));
  });

  test("notes do not say which threat they are about, and some are edited later", async () => {
    await using console = await openConsole();
    let edited = 0;
    for (const { id } of (await console.page("/threats?limit=50")).data) {
      for (const note of (await console.page(`/threats/${id}/notes`)).data) {
        expect(Object.keys(note).sort()).toEqual([
          "createdAt",
          "creator",
          "creatorId",
          "edited",
          "id",
          "text",
          "updatedAt",
        ]);
        expect(note["edited"]).toBe(note["createdAt"] !== note["updatedAt"]);
        if (note["edited"] === true) edited++;
      }
    }
    expect(edited).toBeGreaterThan(2);
  });
});
