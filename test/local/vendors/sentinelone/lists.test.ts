import { expect, test } from "vitest";
import { DAY, HOUR, type Json, MINUTE, MORNING, openConsole } from "../console.ts";

const id = (row: Json) => row["id"] as string;

test("a list gives ten rows unless told, and at most a thousand", async () => {
  await using console = await openConsole();
  expect((await console.page("/activities")).data).toHaveLength(10);
  expect((await console.page("/activities?limit=1000")).data).toHaveLength(1000);
  for (const limit of ["1001", "0", "-1", "ten", "1.5"]) {
    const { status, text } = await console.get(`/activities?limit=${limit}`);
    expect(status).toBe(400);
    expect(text).toContain('"code":4000010');
    expect(text).toContain("limit: ");
  }
});

test.each([
  "/threats?sortBy=colour",
  "/threats?sortBy=toString",
  "/threats?sortOrder=up",
  "/threats?updatedAt__gte=yesterday",
  "/activities?createdAt__between=5",
  "/threats?countOnly=maybe",
  "/threats?skip=1001",
  "/threats?cursor=bm9uc2Vuc2U=",
  "/threats?ids=",
])("%s is refused with 400", async (path) => {
  await using console = await openConsole();
  expect((await console.get(path)).status).toBe(400);
});

test("lists of scopes have an end", async () => {
  await using console = await openConsole();
  const sites = Array.from({ length: 500 }, (_, index) => index).join(",");
  expect((await console.get(`/threats?siteIds=${sites}`)).status).toBe(200);
  expect((await console.get(`/threats?siteIds=${sites},500`)).status).toBe(400);
});

test("parameters that the feed does not know are ignored", async () => {
  await using console = await openConsole();
  const all = await console.page("/activities?countOnly=true");
  // Activities know no `updatedAt`, sites no comparison, and nobody knows the last one.
  expect(await console.page("/activities?countOnly=true&updatedAt__gte=2126-01-01T00:00:00Z")).toEqual(all);
  expect((await console.page("/accounts?updatedAt__gt=2126-01-01T00:00:00Z")).data).toHaveLength(2);
  expect((await console.page("/cloud-detection/alerts?updatedAt__gt=2126-01-01T00:00:00Z")).data).not.toEqual([]);
});

test("the count alone, a page without the count, and both", async () => {
  await using console = await openConsole();
  const shown = console.simulator.keys("threats").length;
  expect(await console.page("/threats?countOnly=true")).toEqual({
    data: [],
    pagination: { nextCursor: null, totalItems: shown },
  });
  expect((await console.page("/threats?limit=1")).pagination.totalItems).toBe(shown);
  expect((await console.page("/threats?limit=1&skipCount=true")).pagination).not.toHaveProperty("totalItems");
});

test("the console never counts more than fifty thousand activities", async () => {
  await using console = await openConsole({ scale: 0.7 });
  expect(console.simulator.keys("activities").length).toBeGreaterThan(50_000);
  expect((await console.page("/activities?countOnly=true")).pagination.totalItems).toBe(50_000);
});

test("rows are skipped at the beginning of a walk", async () => {
  await using console = await openConsole();
  const { data } = await console.page("/threats?limit=20&sortBy=id");
  expect((await console.page("/threats?limit=10&sortBy=id&skip=10")).data.map(id)).toEqual(data.slice(10).map(id));
});

test("sites come in an envelope of their own", async () => {
  await using console = await openConsole();
  const { data } = JSON.parse((await console.get("/sites?limit=2")).text) as { data: Json };
  expect(data["sites"]).toHaveLength(2);
  expect(data["allSites"]).toEqual({ activeLicenses: expect.any(Number), totalLicenses: expect.any(Number) });
});

test("activity types name every type that occurs", async () => {
  await using console = await openConsole();
  const { data } = JSON.parse((await console.get("/activities/types")).text) as { data: Json[] };
  const known = new Set(data.map(id));
  const rows = await console.walk("/activities?limit=1000");
  expect(rows.filter((row) => !known.has(row["activityType"] as string))).toEqual([]);
  expect(data[0]).toEqual({
    id: expect.any(Number),
    action: expect.any(String),
    descriptionTemplate: expect.any(String),
  });
});

test.each([
  ["/activities?limit=400&sortBy=createdAt", "activities"],
  ["/threats?limit=3&sortBy=updatedAt", "threats"],
  ["/agents?limit=20&sortBy=updatedAt&sortOrder=desc", "agents"],
  ["/groups?limit=5&sortBy=name", "groups"],
  ["/cloud-detection/alerts?limit=4&sortBy=alertInfoReportedAt", "alerts"],
])("a walk over a console that stands still brings every row once: %s", async (path, stream) => {
  await using console = await openConsole();
  const rows = await console.walk(path);
  const keys = rows.map((row) => String(row["id"] ?? (row["alertInfo"] as Json)["alertId"]));
  expect(new Set(keys)).toEqual(new Set(console.simulator.keys(stream).map((key) => key.split("|")[0])));
  expect(new Set(keys).size).toBe(keys.length);
});

test.each(["createdAt", "updatedAt"])("threats come in order of %s, up and down", async (field) => {
  await using console = await openConsole();
  const times = (rows: readonly Json[]) => rows.map((row) => (row["threatInfo"] as Json)[field] as string);
  const up = times((await console.page(`/threats?limit=1000&sortBy=${field}`)).data);
  expect(up).toEqual(up.toSorted());
  expect(times((await console.page(`/threats?limit=1000&sortBy=${field}&sortOrder=desc`)).data)).toEqual(
    up.toReversed(),
  );
});

test("a row that moves shifts others past a positional cursor, but not past a keyset cursor", async () => {
  for (const cursor of ["position", "key"] as const) {
    await using console = await openConsole({ cursor, scale: 0.3 });
    const before = new Map(console.simulator.keys("threats").map((key) => key.split("|") as [string, string]));
    const walked = new Set(
      (await console.walk("/threats?limit=10&sortBy=updatedAt", () => (console.now += 3 * HOUR))).map(id),
    );
    const after = new Map(console.simulator.keys("threats").map((key) => key.split("|") as [string, string]));
    expect([...after].some(([id, updatedAt]) => before.has(id) && before.get(id) !== updatedAt)).toBe(true);
    const missed = [...before.keys()].filter((id) => !walked.has(id));
    expect(missed.length > 0).toBe(cursor === "position");
  }
});

test("activities that show up late push others onto the next page of a positional walk", async () => {
  await using console = await openConsole({ scale: 1 });
  const window = `createdAt__gte=${new Date(MORNING - HOUR).toISOString()}&createdAt__lt=${new Date(MORNING).toISOString()}`;
  const path = `/activities?limit=50&sortBy=createdAt&sortOrder=desc&${window}`;
  const rows = (await console.walk(path, () => (console.now += MINUTE))).map(id);
  expect(new Set(rows).size).toBeLessThan(rows.length);
});

test("a cursor survives being encoded once", async () => {
  await using console = await openConsole({ cursor: "key" });
  const { pagination } = await console.page("/threats?limit=1&sortBy=updatedAt");
  const cursor = pagination.nextCursor ?? "";
  expect(cursor).toBe(Buffer.from(Buffer.from(cursor, "base64").toString()).toString("base64"));
  expect((await console.get(`/threats?limit=1&sortBy=updatedAt&cursor=${encodeURIComponent(cursor)}`)).status).toBe(
    200,
  );
});

test("history ends where the console began to keep it", async () => {
  await using console = await openConsole();
  const { data } = await console.page("/activities?limit=1&sortBy=createdAt");
  const age = MORNING - Date.parse((data[0] as Json)["createdAt"] as string);
  expect(age).toBeGreaterThan(13 * DAY);
  expect(age).toBeLessThan(21 * DAY);
});
