import { gunzipSync } from "node:zlib";
import { type ClientOptions, getClient } from "@azure-rest/core-client";
import { describe, expect, test } from "vitest";
import { IngestionApi } from "../../function-code/upload.ts";
import { TestClock } from "./support/test-clock.ts";

const routes = { "sentinelone-threats": { stream: "Custom-Threats", rule: "sentinelone-events", table: "Threats_CL" } };
const rows = [{ Record: "1" }, { Record: "2" }];
const json = Buffer.from(JSON.stringify(rows));

type Transport = NonNullable<ClientOptions["httpClient"]>;
type Headers = Parameters<Transport["sendRequest"]>[0]["headers"];

interface Call {
  readonly url: string;
  readonly rows: unknown[];
}

/** Microsoft's client as it is, over a transport that answers with these statuses, one a call, then with 204. */
function ingestion(...statuses: (number | { status: number; retryAfter: string } | "reset")[]) {
  const clock = new TestClock();
  const calls: Call[] = [];
  const transport: Transport = {
    sendRequest: (request) => {
      const text = gunzipSync(request.body as Buffer).toString();
      calls.push({ url: request.url, rows: JSON.parse(text) as unknown[] });
      const next = statuses.shift() ?? 204;
      if (next === "reset") return Promise.reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
      const status = typeof next === "number" ? next : next.status;
      const headers = new (request.headers.constructor as new () => Headers)();
      if (typeof next !== "number") headers.set("retry-after", next.retryAfter);
      const bodyAsText = JSON.stringify({ error: { code: "Whatever", message: "canary" } });
      return Promise.resolve({ request, status, headers, bodyAsText });
    },
  };
  const credential = { getToken: () => Promise.resolve({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const client = getClient("https://dce.example", credential, {
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    credentials: { scopes: ["https://monitor.example/.default"] },
  });
  const rules = { "sentinelone-events": "dcr-1" };
  const api = new IngestionApi(() => Promise.resolve(client), routes, rules, { clock, random: () => 1 });
  return { api, calls, clock };
}

describe("the ingestion API", () => {
  test("rows go to the stream's rule", async () => {
    const { api, calls } = ingestion();
    await api.upload("sentinelone-threats", json, {});
    expect(calls).toEqual([
      {
        url: "https://dce.example/dataCollectionRules/dcr-1/streams/Custom-Threats?api-version=2023-01-01",
        rows,
      },
    ]);
  });

  test.each([
    ["429 without Retry-After", 429, 1000],
    ["429 with Retry-After", { status: 429, retryAfter: "7" }, 7000],
    ["503", 503, 1000],
    ["a reset", "reset", 1000],
  ] as const)("%s is repeated by our policy", async (_, answer, wait) => {
    const { api, calls, clock } = ingestion(answer);
    let attempts = 0;
    let retries = 0;
    const beforeEach = () => Promise.resolve(void attempts++);
    await api.upload("sentinelone-threats", json, { beforeEach, onRetry: () => void retries++ });
    expect([calls.length, attempts, retries]).toEqual([2, 2, 1]);
    expect(clock.sleeps).toEqual([wait]);
  });

  test.each([
    [401, "waiting-for-azure", /Monitoring Metrics Publisher/],
    [403, "waiting-for-azure", /Monitoring Metrics Publisher/],
    [404, "waiting-for-azure", /does not know stream Custom-Threats/],
    [413, "failing", /413/],
  ])("%i is %s, at once", async (status, expected, message) => {
    const { api, calls } = ingestion(status);
    const failure = await api.upload("sentinelone-threats", json, {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: expected, message: expect.stringMatching(message) as string });
    expect((failure as Error).message).not.toContain("canary");
    expect(calls).toHaveLength(1);
  });

  test("a stream without a rule is a fault of the deployment", async () => {
    const { api } = ingestion();
    await expect(api.upload("sentinelone-nothing", json, {})).rejects.toMatchObject({ errorClass: "configuration" });
  });
});
