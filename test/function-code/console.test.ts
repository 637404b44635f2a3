import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, HttpConsole, json, listing } from "./support/http-console.ts";
import { TestClock, testStart } from "./support/test-clock.ts";
import { TestWorker, type TestWorkerOptions } from "./support/test-worker.ts";

const token = "canary-token-6b1f";
const activity = { id: "1801", createdAt: "2026-11-20T11:30:00.000001Z" };
const page = `{"data":[{"id":"1801","createdAt":"2026-11-20T11:30:00.000001Z","data":{"n":1290568698312097725}}],"pagination":{"nextCursor":null}}`;

let console: HttpConsole;
beforeEach(async () => {
  console = await HttpConsole.start(listing([activity]));
});
afterEach(() => console[Symbol.asyncDispose]());

function workerFor(options: Partial<TestWorkerOptions> = {}, url = console.url): TestWorker {
  const connection = {
    name: "emea",
    vendor: "sentinelone",
    secretId: "s",
    streams: ["activities", "threats"],
  } as const;
  const secrets = { read: () => Promise.resolve(token) };
  return new TestWorker({ connections: [{ ...connection, url }], secrets, ...options });
}

/** The first requests for activities are answered like this, the others well. */
function first(count: number, bad: (response: ServerResponse) => void): void {
  const good = console.answer;
  let left = count;
  console.answer = (url, request, response) => {
    if (url.pathname.endsWith("/activities") && left-- > 0) bad(response);
    else good(url, request, response);
  };
}

const always = Number.POSITIVE_INFINITY;

describe("an answer that passes costs a retry and nothing else", () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ["429 as HTML, without Retry-After", (r) => r.writeHead(429).end("<html>429 Too Many Requests</html>")],
    ["429 with Retry-After in seconds", (r) => r.writeHead(429, { "retry-after": "3" }).end()],
    [
      "429 with Retry-After as a date",
      (r) => r.writeHead(429, { "retry-after": new Date(testStart + 5000).toUTCString() }).end(),
    ],
    ["500", (r) => json(r, 500, { errors: [{ code: 5000010 }] })],
    ["502 in plain text", (r) => r.writeHead(502).end("Bad Gateway")],
    ["503", (r) => r.writeHead(503).end()],
    ["a connection that is reset", (r) => r.destroy()],
    [
      "a body that is cut",
      (r) => r.writeHead(200, { "content-length": "999" }).write(page.slice(0, 40), () => r.destroy()),
    ],
    ["JSON that is cut", (r) => r.writeHead(200).end(page.slice(0, 60))],
    ["an empty 200", (r) => r.writeHead(200).end()],
    [
      "HTML with 200",
      (r) => r.writeHead(200, { "content-type": "application/json" }).end("<!doctype html><html></html>"),
    ],
    ["200 with errors and no data", (r) => json(r, 200, { errors: [{ code: 5000010 }], data: null })],
    [
      "gzip that is broken",
      (r) => r.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(page).subarray(0, 30)),
    ],
  ])("%s", async (_, bad) => {
    await using worker = workerFor();
    first(2, bad);
    const checkpoint = await worker.collect("emea", "sentinelone-activities");
    expect(checkpoint).toMatchObject({ status: "ok", uploaded: 1, retries: 2, caughtUp: true });
  });

  test("a server that says nothing runs into the time-out", async () => {
    await using worker = workerFor({ limits: { headersTimeout: 40 } });
    first(1, () => undefined);
    expect(await worker.collect("emea", "sentinelone-activities")).toMatchObject({ status: "ok", retries: 1 });
  });

  test("a body that never ends runs into the time-out", async () => {
    await using worker = workerFor({ limits: { bodyTimeout: 60 } });
    first(1, (response) => response.writeHead(200).write("{"));
    expect(await worker.collect("emea", "sentinelone-activities")).toMatchObject({ status: "ok", retries: 1 });
  });
});

const html = (status: number) => (response: ServerResponse) =>
  response.writeHead(status).end("<html>secret body</html>");

describe("an answer that does not pass becomes the stream's status, and nothing is lost", () => {
  test.each<[string, (response: ServerResponse) => void, string, string, RegExp]>([
    ["403", html(403), "not-permitted", "permission", /lacks the permission Activity Page\.view/],
    ["404", html(404), "not-available", "unavailable", /has no feed "activities"/],
    ["501", html(501), "not-available", "unavailable", /has no feed "activities"/],
    ["401 with a token that works elsewhere", html(401), "not-permitted", "permission", /\(401\)/],
    ["429 for ever", html(429), "throttled", "throttled", /too many requests/],
    ["429 for an hour", (r) => r.writeHead(429, { "retry-after": "3600" }).end(), "throttled", "throttled", /429/],
    ["500 for ever", html(500), "failing", "server", /fails \(500\)/],
    [
      "400",
      (r) => json(r, 400, { errors: [{ code: 4000010, title: "secret body" }] }),
      "failing",
      "refused",
      /400, code 4000010/,
    ],
    ["HTML for ever", html(200), "failing", "answer", /HTML .* instead of the expected JSON/],
    [
      "times of an unknown format",
      (r) => json(r, 200, { data: [{ id: "1", createdAt: "yesterday" }] }),
      "failing",
      "timestamps",
      /"createdAt"/,
    ],
    [
      "rows that the filter should have kept back",
      (r) => json(r, 200, { data: [{ id: "1", createdAt: "2020-01-01T00:00:00Z" }] }),
      "failing",
      "filter",
      /did not apply the time filter/,
    ],
    [
      "rows in no order",
      (r) => json(r, 200, { data: [activity, { id: "2", createdAt: "2026-11-20T10:00:00Z" }] }),
      "failing",
      "filter",
      /not in order/,
    ],
    [
      "a redirect",
      (r) => r.writeHead(302, { location: "https://evil.example/x" }).end(),
      "failing",
      "address",
      /redirects to evil\.example/,
    ],
  ])("%s", async (_, bad, status, errorClass, message) => {
    await using worker = workerFor();
    first(always, bad);
    const failed = await worker.collect("emea", "sentinelone-activities");
    expect(failed).toMatchObject({ status, errorClass, uploaded: 0, caughtUp: false });
    expect(failed.lastError).toMatch(/^sentinelone "emea": /);
    expect(failed.lastError).toMatch(message);
    expect(failed.lastError).not.toContain("secret body");
    expect(failed).not.toHaveProperty("watermark");
    expect(failed).not.toHaveProperty("leaseUntil");
    expect(JSON.stringify([failed, worker.logged, worker.sink.of("health-runs")])).not.toContain(token);
    expect(worker.sink.of("health-runs")).toMatchObject([{ Status: status, ErrorClass: errorClass }]);

    console.answer = listing([activity]);
    expect(await worker.collect("emea", "sentinelone-activities")).toMatchObject({ status: "ok", uploaded: 1 });
  });

  test("a token that GET /user refuses is dead", async () => {
    await using worker = workerFor();
    console.answer = (_, __, response) => json(response, 401, { errors: [{ code: 4010010 }] });
    const failed = await worker.collect("emea", "sentinelone-activities");
    expect(failed).toMatchObject({ status: "failing", errorClass: "token" });
    expect(failed.lastError).toContain("401 on GET /user");
  });

  test("a feed that fails stops nobody else", async () => {
    await using worker = workerFor();
    first(always, html(403));
    await worker.collect("emea", "sentinelone-activities");
    const threats = (url: URL, response: ServerResponse) =>
      json(response, 200, {
        data: [{ id: "7", threatInfo: { updatedAt: "2026-11-20T11:00:00Z" } }],
        pagination: null,
        url: url.pathname,
      });
    console.answer = (url, _, response) => threats(url, response);
    expect(await worker.collect("emea", "sentinelone-threats")).toMatchObject({ status: "ok", uploaded: 1 });
  });

  test.each([
    ["http://console.example", /not https/],
    ["https://127.0.0.1:1", /refuses the connection/],
    ["https://no-such-host.invalid", /there is no host named no-such-host\.invalid|connection to no-such-host/],
  ])("%s is not asked with the token", async (url, message) => {
    await using worker = workerFor({}, url);
    const failed = await worker.collect("emea", "sentinelone-activities");
    expect(failed.status).toBe("failing");
    expect(failed.lastError).toMatch(/^sentinelone "emea": /);
    expect(failed.lastError).toMatch(message);
  });
});

describe("what is asked", () => {
  test("limit, order, lower bound and token are sent; the first page counts", async () => {
    await using worker = workerFor();
    await worker.collect("emea", "sentinelone-activities");
    const asked = console.asked.find(({ url }) => url.pathname === "/web/api/v2.1/activities");
    expect(Object.fromEntries(asked?.url.searchParams ?? [])).toEqual({
      limit: "1000",
      sortBy: "createdAt",
      sortOrder: "asc",
      createdAt__gte: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
    });
    expect(asked?.authorization).toBe(`ApiToken ${token}`);
  });

  test("the record travels as it was written, without join tokens", async () => {
    await using worker = workerFor();
    first(1, (response) =>
      response.writeHead(200).end(page.replace('"data":{', '"registrationToken":"join-me","data":{')),
    );
    await worker.collect("emea", "sentinelone-activities");
    expect(worker.sink.of("sentinelone-activities")).toEqual([
      {
        TimeGenerated: expect.stringMatching(/Z$/) as string,
        Connection: "emea",
        Record:
          '{"id":"1801","createdAt":"2026-11-20T11:30:00.000001Z","registrationToken":"","data":{"n":1290568698312097725}}',
      },
    ]);
  });

  test("when the token ends is read and reported", async () => {
    await using worker = workerFor();
    const { tokenExpiresAt } = await worker.collect("emea", "sentinelone-activities");
    expect(tokenExpiresAt).toBe("2026-12-24T00:00:00Z");
    expect(worker.sink.of("health-runs")).toMatchObject([
      { TokenExpiresAt: "2026-12-24T00:00:00Z", Status: "ok", Uploaded: 1 },
    ]);
  });

  describe("however many workers meet a console", () => {
    const users = () => console.paths.filter((path) => path.endsWith("/user")).length;
    const hour = 3600_000;

    test("one of its streams asks when the token ends, once an hour, and the others know", async () => {
      const clock = new TestClock();
      await using worker = workerFor({ clock });
      await worker.collect("emea", "sentinelone-activities");
      for (let minute = 1; minute < 60; minute++) {
        clock.time += hour / 60;
        await worker.collect("emea", "sentinelone-activities", worker.elsewhere());
        const { tokenExpiresAt } = await worker.collect("emea", "sentinelone-threats", worker.elsewhere());
        expect(tokenExpiresAt).toBe("2026-12-24T00:00:00Z");
      }
      expect(users()).toBe(1);
      clock.time += hour / 60;
      await worker.collect("emea", "sentinelone-activities", worker.elsewhere());
      expect(users()).toBe(2);
    });

    test("those that know nothing yet take the time from what they ask anyway", async () => {
      await using worker = workerFor();
      console.time = worker.clock.time - 600_000;
      console.answer = listing([]);
      const { watermark, tokenExpiresAt } = await worker.collect("emea", "sentinelone-threats");
      expect(Date.parse(watermark ?? "")).toBe(console.time - 120_000);
      expect(new Set(console.paths)).toEqual(new Set(["/web/api/v2.1/threats"]));
      expect(tokenExpiresAt).toBeUndefined();
    });
  });

  test("a rotated secret is taken up in the middle of a run", async () => {
    let reads = 0;
    const secrets = {
      read: (_: string, fresh?: boolean) => Promise.resolve(fresh ? (reads++, "new") : reads > 0 ? "new" : "old"),
    };
    await using worker = workerFor({ secrets });
    const good = console.answer;
    console.answer = (url, request, response) => {
      if (request.headers.authorization === "ApiToken new") good(url, request, response);
      else json(response, 401, {});
    };
    expect(await worker.collect("emea", "sentinelone-activities")).toMatchObject({ status: "ok", uploaded: 1 });
  });

  test("an answer that is too large is asked for in smaller pages", async () => {
    await using worker = workerFor({ limits: { maxBytes: 4000 } });
    const rows = Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      createdAt: `2026-11-20T11:00:${i + 10}Z`,
      text: "x".repeat(500),
    }));
    console.answer = paged(rows);
    expect(await worker.collect("emea", "sentinelone-activities")).toMatchObject({ status: "ok", uploaded: 12 });
  });

  test("a run draws on the console's bucket of requests; one right behind it finds it empty", async () => {
    const clock = new TestClock();
    await using worker = workerFor({ clock });
    const pages = 30;
    console.answer = (url, request, response) => {
      if (!url.pathname.endsWith("/activities")) return listing([])(url, request, response);
      const number = Number(url.searchParams.get("cursor") ?? 0) + 1;
      const nextCursor = number < pages ? String(number) : null;
      const createdAt = new Date(testStart - 60_000 + number).toISOString();
      json(response, 200, { data: [{ id: `${number}`, createdAt }], pagination: { nextCursor } });
    };
    const seconds = async () => {
      const begin = clock.time;
      await worker.collect("emea", "sentinelone-activities", worker.elsewhere());
      return (clock.time - begin) / 1000;
    };
    expect(await seconds()).toBeCloseTo((pages - 25) / 9.5);
    // One request more, which only tells the time.
    expect(await seconds()).toBeCloseTo(pages / 9.5);
  });

  test("the watermark follows the console's clock, not ours", async () => {
    const clock = new TestClock();
    await using worker = workerFor({ clock });
    console.time = clock.time - 600_000;
    const { watermark } = await worker.collect("emea", "sentinelone-activities");
    expect(Date.parse(watermark ?? "")).toBe(console.time - 120_000);
  });
});

/** A console with filters, limit and a positional cursor. */
function paged(rows: readonly { readonly createdAt: string }[]): Answer {
  return (url, request, response) => {
    if (!url.pathname.endsWith("/activities")) return listing([])(url, request, response);
    const query = url.searchParams;
    const found = rows.filter((row) => Date.parse(row.createdAt) >= Date.parse(query.get("createdAt__gte") ?? ""));
    const start = Number(query.get("cursor") ?? 0);
    const end = start + Number(query.get("limit"));
    json(response, 200, {
      data: found.slice(start, end),
      pagination: { nextCursor: end < found.length ? String(end) : null, totalItems: found.length },
    });
  };
}
