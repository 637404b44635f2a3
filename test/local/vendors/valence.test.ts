import { expect, test } from "vitest";
import type { SimulatorOptions } from "../../../local/vendors/simulator.ts";
import { startValence } from "../../../local/vendors/valence.ts";
import { DAY, type Json, MINUTE, MORNING } from "./console.ts";

async function openTenant(options: SimulatorOptions = {}) {
  const clock = { now: MORNING };
  const simulator = await startValence({ scale: 0.2, now: () => clock.now, ...options });
  const get = async (path: string, authorization = `Bearer ${simulator.token}`) => {
    const response = await fetch(`${simulator.url}/api/v1${path}`, { headers: { authorization } });
    return { status: response.status, text: await response.text() };
  };
  const page = async (path: string) =>
    JSON.parse((await get(path)).text) as { items: Json[]; nextCursor: string | null };
  const walk = async (path: string) => {
    const items: Json[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const next: Awaited<ReturnType<typeof page>> = await page(
        cursor === "" ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
      );
      items.push(...next.items);
      cursor = next.nextCursor;
    }
    return items;
  };
  return { simulator, clock, get, page, walk, [Symbol.asyncDispose]: () => simulator.close() };
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

test("the same seed and time give the same bytes", async () => {
  await using one = await openTenant({ seed: 4 });
  await using same = await openTenant({ seed: 4 });
  await using other = await openTenant({ seed: 5 });
  for (const path of ["/alerts?limit=500", "/audit-logs?limit=500"]) {
    expect((await same.get(path)).text).toBe((await one.get(path)).text);
    expect((await other.get(path)).text).not.toBe((await one.get(path)).text);
  }
});

test.each(["/alerts", "/audit-logs"])("%s: pages of a hundred unless told, of five hundred at most", async (path) => {
  await using tenant = await openTenant({ scale: 1 });
  expect((await tenant.page(path)).items).toHaveLength(100);
  expect((await tenant.page(`${path}?limit=500`)).items).toHaveLength(500);
  for (const limit of ["501", "0", "many"]) expect((await tenant.get(`${path}?limit=${limit}`)).status).toBe(400);
  expect((await tenant.get(`${path}?cursor=bm9uc2Vuc2U`)).status).toBe(400);
});

test.each([
  ["/alerts", "creationTimestamp"],
  ["/audit-logs", "timeEpoch"],
])("%s: from is included, to is not, and time ascends", async (path, field) => {
  await using tenant = await openTenant();
  const all = await tenant.walk(`${path}?limit=77`);
  const times = all.map((row) => row[field] as number);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const [from, to] = [times[10], times[40]] as [number, number];
  const within = await tenant.walk(`${path}?limit=9&from=${from}&to=${to}`);
  expect(within).toEqual(all.filter((row) => row[field] >= from && row[field] < to));
  expect(within[0]?.[field]).toBe(from);
});

test("alerts have the published shape", async () => {
  await using tenant = await openTenant({ scale: 1 });
  const alerts = await tenant.walk("/alerts?limit=500");
  const types = (await tenant.page("/alert-types")).items;
  const known = new Set(types.map((type) => type["vuid"]));
  const events = alerts.flatMap((alert) => alert["events"] as Json[]);
  expect(alerts.every((alert) => known.has(alert["alertTypeVuid"]) && !("alertType" in alert))).toBe(true);
  expect(alerts[0]?.["vuid"]).toMatch(/^VALENCE:_:\w+:_:ALERT:_::_::_:[0-9a-f-]{36}$/);
  expect(types.map((type) => type["severity"])).toEqual(expect.arrayContaining(["Critical", "High", "Medium", "Low"]));
  expect(types[0]).toMatchObject({
    mitreAttackTactics: [expect.any(String)],
    mitreAttackTechniques: [expect.any(String)],
  });
  expect(events.some((event) => "actorUser" in event) && events.some((event) => "actorApp" in event)).toBe(true);
  expect(events.every((event) => "actorUser" in event !== "actorApp" in event)).toBe(true);
  expect(Object.keys(events[0]?.["aux"] as Json)).toEqual(
    expect.arrayContaining(["Target[3]", "Version@odata", "@odata"]),
  );
});

test("audit rows have no id, and some occur twice alike", async () => {
  await using tenant = await openTenant({ scale: 1 });
  const rows = (await tenant.walk("/audit-logs?limit=500")).map((row) => JSON.stringify(row));
  expect(Object.keys(JSON.parse(rows[0] ?? "{}") as Json).toSorted()).toEqual(
    ["action", "actor", "details", "ipAddress", "success", "timeEpoch"], // all there is
  );
  expect(new Set(rows).size).toBeLessThan(rows.length);
});

test("keys are what the tenant shows, true repeats counted", async () => {
  await using tenant = await openTenant();
  const alerts = await tenant.walk("/alerts?limit=500");
  expect(tenant.simulator.keys("alerts")).toEqual(alerts.map((alert) => alert["vuid"]));
  const keys = tenant.simulator.keys("audit-logs");
  expect(keys).toHaveLength((await tenant.walk("/audit-logs?limit=500")).length);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.some((key) => key.endsWith("|1"))).toBe(true);
  expect(() => tenant.simulator.keys("weather")).toThrow(/There are: alerts, audit-logs/);
});

test("the tenant goes on while it runs, and forgets nothing", async () => {
  await using tenant = await openTenant({ scale: 1 });
  const before = tenant.simulator.keys("alerts");
  tenant.clock.now += 9 * DAY;
  const after = new Set(tenant.simulator.keys("alerts"));
  expect(after.size).toBeGreaterThan(before.length);
  expect(before.every((key) => after.has(key))).toBe(true);
});

test("an alert shows up a little after its time", async () => {
  await using tenant = await openTenant({ scale: 200 });
  const written = seconds(MORNING);
  const window = `/alerts?limit=500&from=${written - 600}&to=${written}`;
  const known = (await tenant.walk(window)).length;
  tenant.clock.now += 2 * MINUTE;
  expect((await tenant.walk(window)).length).toBeGreaterThan(known);
});

test("errors are JSON: wrong key, expired key, missing permission, no such path", async () => {
  const tokens = [
    { token: "alerts-only", permissions: ["alerts.read"] },
    { token: "short", permissions: ["*"], expiresAt: MORNING },
  ];
  await using tenant = await openTenant({ tokens });
  const status = async (path: string, authorization?: string) => {
    const { status, text } = await tenant.get(path, authorization);
    const { message, ...rest } = JSON.parse(text) as Json;
    return [status, typeof message, rest["status"]];
  };
  expect(await status("/alerts", "Bearer wrong")).toEqual([401, "string", 401]);
  expect(await status("/alerts", `ApiToken ${tenant.simulator.token}`)).toEqual([401, "string", 401]);
  expect(await status("/alerts", "Bearer short")).toEqual([401, "string", 401]);
  expect((await tenant.get("/alerts", "Bearer alerts-only")).status).toBe(200);
  expect(await status("/audit-logs", "Bearer alerts-only")).toEqual([403, "string", 403]);
  expect(await status("/users")).toEqual([404, "string", 404]);
});

test("an intercepted request is answered by the test", async () => {
  await using tenant = await openTenant({
    intercept: () => ({ status: 429, headers: { "Retry-After": "1" }, body: "{}" }),
  });
  expect((await tenant.get("/alerts")).status).toBe(429);
});
