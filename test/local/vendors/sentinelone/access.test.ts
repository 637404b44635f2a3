import { expect, test } from "vitest";
import { DAY, HOUR, MORNING, openConsole } from "../console.ts";

const errors = (text: string) => (JSON.parse(text) as { errors: { code: number; title: string }[] }).errors;

test.each([
  ["no header", ""],
  ["an unknown token", "ApiToken 0123456789"],
  ["another scheme", "Basic dXNlcjpwYXNz"],
])("%s is answered with 401", async (_, authorization) => {
  await using console = await openConsole();
  const { status, text } = await console.get("/threats", authorization);
  expect(status).toBe(401);
  expect(errors(text)).toEqual([{ code: 4010010, detail: null, title: "Authentication Failed" }]);
});

test("the scheme's case does not matter", async () => {
  await using console = await openConsole();
  expect((await console.get("/user", `APIToken ${console.simulator.token}`)).status).toBe(200);
});

test("a token reads what its permissions allow, and 403 tells the rest", async () => {
  await using console = await openConsole({ tokens: [{ token: "narrow", permissions: ["Threats.view"] }] });
  expect((await console.get("/threats", "ApiToken narrow")).status).toBe(200);
  const { status, text } = await console.get("/agents", "ApiToken narrow");
  expect(status).toBe(403);
  expect(errors(text)[0]?.title).toBe("User does not have required permissions.");
  expect((await console.get("/user", "ApiToken narrow")).status).toBe(200);
});

test("a token ends at its hour", async () => {
  await using console = await openConsole({
    tokens: [{ token: "short", permissions: ["*"], expiresAt: MORNING + HOUR }],
  });
  expect((await console.get("/user", "ApiToken short")).status).toBe(200);
  console.now += HOUR;
  expect((await console.get("/user", "ApiToken short")).status).toBe(401);
});

test("a token can learn when it ends, in two ways", async () => {
  await using console = await openConsole({
    tokens: [{ token: "short", permissions: ["*"], expiresAt: MORNING + DAY }],
  });
  const { text } = await console.get("/user", "ApiToken short");
  const { apiToken } = (JSON.parse(text) as { data: { apiToken: { createdAt: string; expiresAt: string } } }).data;
  expect(apiToken.expiresAt).toBe("2026-03-19T10:00:00Z");
  expect(apiToken.createdAt).toMatch(/\.\d{6}Z$/);
  const details = await fetch(`${console.simulator.url}/web/api/v2.1/users/api-token-details`, {
    method: "POST",
    headers: { authorization: `ApiToken ${console.simulator.token}` },
    body: JSON.stringify({ data: { apiToken: "short" } }),
  });
  expect(await details.json()).toEqual({ data: apiToken });
});

test("token details of something else are a 400", async () => {
  await using console = await openConsole();
  for (const body of ["", "null", "[]", '{"data":{"apiToken":"unknown"}}']) {
    const { status } = await fetch(`${console.simulator.url}/web/api/v2.1/users/api-token-details`, {
      method: "POST",
      headers: { authorization: `ApiToken ${console.simulator.token}` },
      body,
    });
    expect(status).toBe(400);
  }
});

test("the status needs no token, the version does", async () => {
  await using console = await openConsole();
  expect(JSON.parse((await console.get("/system/status", "")).text)).toEqual({ data: { health: "ok" } });
  expect((await console.get("/system/info", "")).status).toBe(401);
  const { text } = await console.get("/system/info");
  expect(Object.keys((JSON.parse(text) as { data: object }).data)).toEqual(
    expect.arrayContaining(["build", "release", "version", "latestAgentVersion"]),
  );
});

test("what does not exist is JSON below the API and plain text elsewhere", async () => {
  await using console = await openConsole();
  const inside = await console.get("/nowhere");
  expect([inside.status, errors(inside.text)[0]?.code]).toEqual([404, 4040010]);
  const outside = await fetch(`${console.simulator.url}/web/api/v1/threats`);
  expect([outside.status, await outside.text()]).toEqual([404, "404 page not found\n"]);
});

test("too many requests are refused in HTML until the bucket fills again", async () => {
  await using console = await openConsole({ rateLimits: true });
  const burst = 30;
  for (let request = 0; request < burst; request++) expect((await console.get("/activities?limit=1")).status).toBe(200);
  const refused = await console.get("/activities?limit=1");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("content-type")).toBe("text/html");
  expect(refused.headers.get("retry-after")).toBeNull();
  expect(refused.text).toContain("<h1>429 Too Many Requests</h1>");
  expect((await console.get("/threats?limit=1")).status).toBe(200);
  console.now += 100;
  expect((await console.get("/activities?limit=1")).status).toBe(200);
  expect((await console.get("/activities?limit=1")).status).toBe(429);
});
