import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canonical, parseLossless } from "../../function-code/valence/lossless.ts";
import { readProfile } from "../../function-code/valence/profile.ts";
import { HttpConsole, json } from "./support/http-console.ts";
import { testStart } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

const start = testStart / 1000 - 300;
const type = { vuid: "type-1", name: "Token leaked", severity: "High" };
const alert = (n: number, more: object = {}) => ({
  vuid: `alert-${n}`,
  alertTypeVuid: "type-1",
  creationTimestamp: start + n,
  status: "Open",
  ...more,
});
const audit = (second: number, action = "User created") => ({
  actor: "ada@example.org",
  action,
  timeEpoch: start + second,
});

let server: HttpConsole;
let alerts: object[];
let audits: object[];
/** Rows of each path as the guessed API would list them. */
beforeEach(async () => {
  alerts = [alert(1), alert(2)];
  audits = [];
  server = await HttpConsole.start((url, _, response) => {
    const query = url.searchParams;
    const all = url.pathname === "/api/v1/alerts" ? alerts : url.pathname === "/api/v1/audit-logs" ? audits : [type];
    const from = Number(query.get("from") ?? 0);
    const time = (row: object) =>
      Number(Object.entries(row).find(([name]) => /Timestamp|Epoch/.test(name))?.[1] ?? from);
    const rows = all.filter((row) => time(row) >= from).sort((a, b) => time(a) - time(b));
    const begin = Number(query.get("cursor") ?? 0);
    const end = begin + Number(query.get("limit"));
    json(response, 200, { items: rows.slice(begin, end), nextCursor: end < rows.length ? String(end) : null });
  });
});
afterEach(() => server[Symbol.asyncDispose]());

const workerFor = (profile?: Record<string, unknown>) =>
  new TestWorker({
    connections: [
      {
        name: "saas",
        vendor: "valence",
        url: server.url,
        secretId: "s",
        streams: ["alerts", "audit-logs"],
        ...(profile && { profile }),
      },
    ],
  });

describe("alerts", () => {
  test("arrive in Valence's own push schema, with their type in place of its id", async () => {
    await using worker = workerFor();
    expect(await worker.collect("saas", "valence-alerts")).toMatchObject({ status: "ok", uploaded: 2 });
    expect(worker.sink.of("valence-alerts")[0]).toEqual({
      vuid: "alert-1",
      creationTimestamp: start + 1,
      status: "Open",
      alertType: type,
      Connection: "saas",
    });
    expect(server.paths.filter((path) => path === "/api/v1/alert-types")).toHaveLength(1);
  });

  test("are sent again when they changed, not when their members changed places", async () => {
    await using worker = workerFor();
    await worker.collect("saas", "valence-alerts");
    const { vuid, ...rest } = alert(1);
    alerts = [{ ...rest, vuid }, alert(2, { status: "Closed" })];
    worker.clock.time += 3600_000;
    server.time += 3600_000;
    expect(await worker.collect("saas", "valence-alerts")).toMatchObject({ uploaded: 3 });
    expect(worker.sink.of("valence-alerts").at(-1)).toMatchObject({ vuid: "alert-2", status: "Closed" });
  });

  test("of an unknown type keep its id", async () => {
    alerts = [alert(1, { alertTypeVuid: "type-9" })];
    await using worker = workerFor();
    await worker.collect("saas", "valence-alerts");
    expect(worker.sink.of("valence-alerts")).toMatchObject([{ alertType: { vuid: "type-9" } }]);
  });

  test("keep numbers beyond 2^53", async () => {
    const text = `{"items":[{"vuid":"a","creationTimestamp":${start},"events":[{"id":1290568698312097725}]}],"nextCursor":null}`;
    server.answer = (_, __, response) => response.end(text);
    await using worker = workerFor();
    await worker.collect("saas", "valence-alerts");
    expect(worker.sink.json).toContain('"id":1290568698312097725');
  });
});

describe("audit logs", () => {
  test("keep exact repeats, and know them again at the next poll", async () => {
    audits = [audit(1), audit(1), audit(1, "User deleted"), audit(2)];
    await using worker = workerFor();
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ uploaded: 4 });
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ uploaded: 4 });
    expect(worker.sink.of("valence-audit-logs").map(({ ordinal }) => ordinal)).toEqual([0, 1, 0, 0]);
    audits.push(audit(2));
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ uploaded: 5 });
  });

  test.each([1, 2, 3])("count the same on pages of %i, whatever the second holds", async (pageSize) => {
    audits = [audit(1), audit(1), audit(1), audit(1), audit(2), audit(2), audit(3)];
    await using worker = workerFor({ pageSize });
    await worker.collect("saas", "valence-audit-logs");
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ status: "ok", uploaded: 7 });
  });
});

describe("the profile", () => {
  test.each([
    [{ paging: "offset", parameters: { continuation: "offset" }, pageSize: 2 }],
    [{ paging: "page", parameters: { continuation: "page" }, pageSize: 2 }],
    [{ paging: "none" }],
    [{ order: "unknown", pageSize: 1 }],
  ])("%j is followed", async (profile) => {
    audits = [audit(1), audit(2), audit(3), audit(4), audit(5)];
    const guess = server.answer;
    server.answer = (url, request, response) => {
      const page = url.searchParams.get("page");
      const cursor = url.searchParams.get("offset") ?? (page === null ? undefined : String((Number(page) - 1) * 2));
      if (cursor !== undefined) url.searchParams.set("cursor", cursor);
      guess(url, request, response);
    };
    await using worker = workerFor(profile);
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ status: "ok", uploaded: 5 });
  });

  test("decides header, scheme, method, unit and where the list is", async () => {
    const seen: unknown[] = [];
    server.answer = (_, request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen.push([request.method, request.headers["x-api-key"], JSON.parse(body)]);
        json(response, 200, { data: { rows: [audit(1)] }, meta: {} });
      });
    };
    const profile = {
      method: "POST",
      header: "X-Api-Key",
      scheme: "",
      timeUnit: "milliseconds",
      items: "/data/rows",
      next: "/meta/next",
      parameters: { to: "" },
    };
    await using worker = workerFor(profile);
    expect(await worker.collect("saas", "valence-audit-logs")).toMatchObject({ status: "ok", uploaded: 1 });
    const since = worker.clock.time - 24 * 3600_000;
    expect(seen.at(-1)).toMatchObject(["POST", "token-of-the-test", { limit: 500 }]);
    expect((seen.at(-1) as [string, string, { from: number }])[2].from).toBeGreaterThan(since - 60_000);
  });

  test("that is wrong is reported by each stream, with every mistake", async () => {
    const profile = { paging: "pages", item: "/x", pageSize: 0, paths: { alerts: "https://evil.example" } };
    await using worker = workerFor(profile);
    const failed = await worker.collect("saas", "valence-alerts");
    expect(failed).toMatchObject({ status: "failing", errorClass: "configuration" });
    expect(failed.lastError).toMatch(/"paging" is "pages".*"item" is unknown.*"pageSize" is 0.*"paths.alerts"/);
  });

  test("is the default where nothing is said", () => {
    expect(readProfile("saas")).toMatchObject({ method: "GET", scheme: "Bearer", items: "/items" });
  });
});

test("a key that is refused is named as that", async () => {
  server.answer = (_, __, response) => json(response, 401, {});
  await using worker = workerFor();
  expect(await worker.collect("saas", "valence-alerts")).toMatchObject({ status: "failing", errorClass: "token" });
});

test("the same value has one canonical text", () => {
  const one = parseLossless('{"b":[1,{"y":null,"x":12345678901234567890}],"a":"é"}');
  const other = parseLossless('{"a":"\\u00e9","b":[1,{"x":12345678901234567890,"y":null}]}');
  expect(canonical(one)).toBe(canonical(other));
  expect(canonical(one)).toContain("12345678901234567890");
});
