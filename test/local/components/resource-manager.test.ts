import type { Agent } from "node:https";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectResourceManager, ResourceManagerError } from "../../../components/resource-manager.ts";
import { CertificateAuthority } from "../../../local/azure/network/ca.ts";
import { type Front, startFront } from "../../../local/azure/network/front.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";

let front: Front;
let agent: Agent;
/** Method, path and token of each request, and its body if it had one. */
let asked: string[];
let answers: Response[];
let now: number;
let tokens: number;

beforeAll(async () => {
  front = await startFront({ ca: await CertificateAuthority.open() });
  agent = frontAgent(front);
  front.mount({
    serves: (host) => host === "management.azure.com",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      const token = request.headers.get("authorization")?.replace("Bearer ", "");
      asked.push([request.method, `${pathname}${search}`, token, body].filter(Boolean).join(" "));
      return answers.shift() ?? Response.json({});
    },
  });
});
afterAll(async () => {
  agent.destroy();
  await front.close();
});
beforeEach(() => {
  [asked, answers, now, tokens] = [[], [], 0, 0];
});

const hour = 3_600_000;
const connect = () =>
  connectResourceManager(
    {
      credential: {
        getToken: () => Promise.resolve({ token: `token-${++tokens}`, expiresOnTimestamp: now + hour }),
      },
      agent,
      now: () => now,
      sleep(milliseconds) {
        now += milliseconds;
        return Promise.resolve();
      },
    },
    "public",
  );

test("a collection is read page by page, with one token until it is about to end", async () => {
  const next = "https://management.azure.com/all?api-version=1&page=2";
  answers = [Response.json({ value: [{ id: "a" }], nextLink: next }), Response.json({ value: [{ id: "b" }] })];
  const azure = connect();
  expect((await azure.list("/all", "1")).map(({ id }) => id)).toEqual(["a", "b"]);
  now = hour - 60_000;
  await azure.get("/one", "1");
  expect(asked).toEqual([
    "GET /all?api-version=1 token-1",
    "GET /all?api-version=1&page=2 token-1",
    "GET /one?api-version=1 token-2",
  ]);
});

test("what is not there is nothing; what is not shown names the role that sees it", async () => {
  answers = [404, 403, 403, 400].map((status) => new Response("{}", { status }));
  const azure = connect();
  expect(await azure.get("/one", "1")).toBeUndefined();
  await expect(azure.get("/one", "1")).rejects.toThrow(
    "Azure does not show you /one (403). That needs the role Reader on it.",
  );
  await expect(azure.reveal("/app/config/list", "1", "Website Contributor")).rejects.toThrow(
    "does not show you /app/config/list (403). That needs the role Website Contributor on it.",
  );
  await expect(azure.get("/one", "1")).rejects.toThrow(ResourceManagerError);
  expect(asked[2]).toBe("POST /app/config/list?api-version=1 token-1");
});

test("what is written tells its status, whatever it is", async () => {
  answers = [409, 204].map((status) => new Response(null, { status }));
  const azure = connect();
  expect(await azure.put("/one", "1", { properties: {} })).toBe(409);
  expect(await azure.delete("/one", "1")).toBe(204);
  expect(asked).toEqual(['PUT /one?api-version=1 token-1 {"properties":{}}', "DELETE /one?api-version=1 token-1"]);
});

test("a failure that may pass is asked about again for half a minute, as Azure wishes", async () => {
  answers = [
    new Response("{}", { status: 429, headers: { "retry-after": "7" } }),
    new Response("{}", { status: 503 }),
    Response.json({ id: "/one" }),
  ];
  const azure = connect();
  expect(await azure.get("/one", "1")).toEqual({ id: "/one" });
  expect(now).toBe(8000);
  answers = Array.from({ length: 20 }, () => new Response("{}", { status: 500 }));
  await expect(azure.get("/one", "1")).rejects.toThrow("management.azure.com does not answer about /one (500).");
  expect(now).toBeLessThan(8000 + 30_000);
});
