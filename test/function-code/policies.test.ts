import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { HttpConsole, json } from "./support/http-console.ts";
import { TestClock } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

const minute = 60_000;
const stream = "sentinelone-policies";

type Policy = Readonly<Record<string, unknown>>;

/** By path, e.g. `/groups/7`. */
let policies: Map<string, Policy>;
let refused: ReadonlySet<string>;
/** Groups of which the list says that they inherit. */
let inheriting: ReadonlySet<string>;
let server: HttpConsole;
beforeEach(async () => {
  policies = new Map();
  refused = new Set();
  inheriting = new Set(["inherits"]);
  const list = (kind: string) =>
    [...new Set([...policies.keys(), "/groups/inherits"])]
      .filter((path) => path.startsWith(`/${kind}/`))
      .map((path) => {
        const id = path.slice(kind.length + 2);
        return { id, name: `${kind} ${id}`, ...(kind === "groups" && { inherits: inheriting.has(id) }) };
      });
  server = await HttpConsole.start((url, _, response) => {
    const path = url.pathname.replace("/web/api/v2.1", "");
    if (path === "/user") return json(response, 200, { data: { apiToken: {} } });
    if (refused.has(path)) return json(response, 403, {});
    const pagination = { nextCursor: null };
    if (path === "/accounts" || path === "/groups")
      return json(response, 200, { data: list(path.slice(1)), pagination });
    if (path === "/sites") return json(response, 200, { data: { sites: list("sites") }, pagination });
    const policy = policies.get(path.replace("/policy", ""));
    json(response, policy?.["missing"] ? 404 : 200, { data: policy });
  });
});
afterEach(() => server[Symbol.asyncDispose]());

function workerFor(more: { siteIds?: readonly string[] } = {}): TestWorker {
  const connection = { name: "emea", vendor: "sentinelone", secretId: "s", streams: ["policies"] } as const;
  return new TestWorker({ connections: [{ ...connection, ...more, url: server.url }] });
}

const scopes = (worker: TestWorker) =>
  worker.sink.records(stream).map((record) => `${String(record["scopeType"])} ${String(record["scopeName"])}`);

describe("a policy is asked for", () => {
  beforeEach(() => {
    policies.set("/accounts/1", { a: 1 }).set("/sites/2", { a: 2 }).set("/sites/3", { a: 1, inheritedFrom: "account" });
    policies.set("/groups/4", { a: 4 }).set("/groups/5", { missing: true });
  });

  test("of every account, site and group that has one of its own", async () => {
    await using worker = workerFor();
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 3, caughtUp: true });
    expect(scopes(worker)).toEqual(["account accounts 1", "site sites 2", "group groups 4"]);
    expect(server.paths.filter((path) => path.includes("inherits"))).toEqual([]);
  });

  test("below the scope of a token that may not list accounts", async () => {
    refused = new Set(["/accounts"]);
    await using worker = workerFor();
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", uploaded: 2 });
  });

  test("of nobody else's accounts where the connection names sites", async () => {
    await using worker = workerFor({ siteIds: ["2"] });
    await worker.collect("emea", stream);
    expect(server.paths.some((path) => path.includes("/accounts"))).toBe(false);
    const [sites] = server.asked.filter(({ url }) => url.pathname.endsWith("/sites"));
    expect(sites?.url.searchParams.get("siteIds")).toBe("2");
  });

  test("or the stream says that the token may not", async () => {
    refused = new Set(["/accounts/1/policy", "/sites/2/policy", "/sites/3/policy", "/groups/4/policy"]);
    await using worker = workerFor();
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "not-permitted" });
  });

  test("of the others where the token lacks one scope, which log and health tell until it may be read", async () => {
    refused = new Set(["/sites/2/policy"]);
    await using worker = workerFor();
    const told = expect.stringMatching(/refuses the policies of 1 scopes \(site 2\); .*Policy\.view/);
    const checkpoint = await worker.collect("emea", stream);
    expect(checkpoint).toMatchObject({ status: "ok", uploaded: 2, errorClass: "permission", lastError: told });
    expect(worker.sink.of("health-runs").at(-1)).toMatchObject({ Status: "ok", ErrorClass: "permission", Error: told });
    expect(worker.logged).toContainEqual(expect.stringMatching(/^warn: emea\/sentinelone-policies: ok, .*\(site 2\)/));
    refused = new Set();
    worker.clock.time += 60 * minute;
    expect(await worker.collect("emea", stream)).not.toHaveProperty("errorClass");
    expect(worker.sink.of("health-runs").at(-1)).toMatchObject({ Status: "ok", ErrorClass: "" });
  });
});

test("requests for policies keep one pace together", async () => {
  for (let i = 0; i < 40; i++) policies.set(`/sites/${i}`, { a: i });
  await using worker = workerFor();
  const start = worker.clock.time;
  await worker.collect("emea", stream);
  expect(worker.clock.time - start).toBeGreaterThan(7000);
});

test("a change tells what it replaces and which settings differ, once", async () => {
  await using worker = workerFor();
  policies.set("/groups/4", { mode: "protect", engines: { a: "on", b: "on" }, list: [1], updatedAt: "x", gone: null });
  await worker.collect("emea", stream);
  policies.set("/groups/4", { mode: "protect", engines: { a: "off", b: "on", c: "on" }, list: [1, 2], updatedAt: "y" });
  for (let i = 0; i < 3; i++) {
    worker.clock.time += 60 * minute;
    await worker.collect("emea", stream);
  }
  const [first, second, ...others] = worker.sink.records(stream);
  expect(others).toEqual([]);
  expect(first).not.toHaveProperty("previousHash");
  expect(second).toMatchObject({
    previousHash: first?.["hash"],
    changedKeys: ["engines.a", "engines.c", "gone", "list"],
    policy: { engines: { a: "off" }, updatedAt: "y" },
  });
});

test.each([
  ["the policy says so", "4", { mode: "wider", inheritedFrom: "site" }],
  ["the list of groups says so", "inherits", { mode: "wider" }],
])("a scope that gives its policy up is sent once more: %s", async (_, id, given) => {
  await using worker = workerFor();
  const path = `/groups/${id}`;
  inheriting = new Set(["inherits"].filter((name) => name !== id));
  policies.set(path, { mode: "own" });
  await worker.collect("emea", stream);
  inheriting = new Set(["inherits"]);
  policies.set(path, given);
  for (let i = 0; i < 2; i++) {
    worker.clock.time += 60 * minute;
    await worker.collect("emea", stream);
  }
  const [own, ended, ...others] = worker.sink.records(stream);
  expect(others).toEqual([]);
  expect(ended).toMatchObject({
    scopeId: id,
    policy: { inherits: true },
    previousHash: own?.["hash"],
    changedKeys: ["inherits", "mode"],
  });
});

test("a policy that goes back to what it was is a change too; its time and author alone are none", async () => {
  await using worker = workerFor();
  for (const [mode, updatedAt] of [
    ["a", 1],
    ["b", 2],
    ["b", 3],
    ["a", 4],
  ] as const) {
    policies.set("/groups/4", { mode, updatedAt, userId: String(updatedAt) });
    await worker.collect("emea", stream);
    worker.clock.time += minute;
  }
  const rows = worker.sink.records(stream);
  expect(rows.map((record) => (record["policy"] as Policy)["mode"])).toEqual(["a", "b", "a"]);
  expect(rows[2]?.["hash"]).toBe(rows[0]?.["hash"]);
  expect(rows[2]?.["previousHash"]).toBe(rows[1]?.["hash"]);
});

test("what was acknowledged before a death is neither sent again nor forgotten as the policy before", async () => {
  await using worker = workerFor();
  policies.set("/groups/4", { mode: "a" });
  await worker.collect("emea", stream);
  policies.set("/groups/4", { mode: "b" });
  worker.clock.time += 60 * minute;
  const write = worker.tables.objects.write.bind(worker.tables.objects);
  worker.tables.objects.write = () => Promise.reject(new Error("the process dies here"));
  await worker.collect("emea", stream);
  worker.tables.objects.write = write;
  await worker.collect("emea", stream);
  policies.set("/groups/4", { mode: "c" });
  worker.clock.time += 60 * minute;
  await worker.collect("emea", stream);
  const rows = worker.sink.records(stream);
  expect(rows.map((record) => (record["policy"] as Policy)["mode"])).toEqual(["a", "b", "c"]);
  expect(rows[2]?.["previousHash"]).toBe(rows[1]?.["hash"]);
});

test("a policy of half a megabyte is kept whole, and sent cut to what a column takes", async () => {
  await using worker = workerFor();
  const settings = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`setting${i}`, Math.sin(i) * 1e15]));
  policies.set("/groups/4", { mode: "a", settings });
  await worker.collect("emea", stream);
  policies.set("/groups/4", { mode: "a", settings: { ...settings, setting8999: 0 } });
  worker.clock.time += 60 * minute;
  await worker.collect("emea", stream);
  const rows = worker.sink.records(stream);
  expect(rows[1]).toMatchObject({ changedKeys: ["settings.setting8999"], connectorShrunk: ["policy.settings"] });
});

test("the simulated console's policies arrive, and their changes", async () => {
  const clock = new TestClock();
  await using simulator = await startSentinelOne({ scale: 0.1, rateLimits: false, now: () => clock.time });
  const connection = { name: "emea", vendor: "sentinelone", secretId: "s", streams: ["policies"] } as const;
  const secrets = { read: () => Promise.resolve(simulator.token) };
  await using worker = new TestWorker({ connections: [{ ...connection, url: simulator.url }], clock, secrets });
  const shown = new Set<string>();
  for (let week = 0; week < 4; week++) {
    expect(await worker.collect("emea", stream)).toMatchObject({ status: "ok", caughtUp: true });
    for (const key of simulator.keys("policies")) shown.add(key);
    const changed = worker.sink.records(stream).filter((record) => record["hash"] !== record["previousHash"]);
    const keys = changed.map((record) => {
      const { updatedAt } = record["policy"] as Policy;
      return `${String(record["scopeType"])}|${String(record["scopeId"])}|${String(updatedAt)}`;
    });
    expect(new Set(keys)).toEqual(shown);
    expect(new Set(keys).size).toBe(keys.length);
    clock.time += 7 * 24 * 60 * minute;
  }
  expect(worker.sink.records(stream).some((record) => "changedKeys" in record)).toBe(true);
});

test("every two weeks all policies are sent again, as unchanged", async () => {
  await using worker = workerFor();
  policies.set("/groups/4", { mode: "a" });
  await worker.collect("emea", stream);
  worker.clock.time += 14 * 24 * 60 * minute;
  server.time = worker.clock.time;
  await worker.collect("emea", stream);
  const [first, again] = worker.sink.records(stream);
  expect(again).toEqual({ ...first, previousHash: first?.["hash"], changedKeys: [] });
});
