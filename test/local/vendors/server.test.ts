import { expect, test } from "vitest";
import { startSentinelOne } from "../../../local/vendors/sentinelone.ts";
import type { SimulatorRequest } from "../../../local/vendors/simulator.ts";
import { HOUR, MORNING, openConsole } from "./console.ts";

test("the Date header tells the simulator's time", async () => {
  await using console = await openConsole();
  expect((await console.get("/system/status")).headers.get("date")).toBe(new Date(MORNING).toUTCString());
  console.now += HOUR;
  expect((await console.get("/system/status")).headers.get("date")).toBe(new Date(MORNING + HOUR).toUTCString());
});

test("an intercepted request is answered by the test, the next one by the console", async () => {
  const seen: SimulatorRequest[] = [];
  await using console = await openConsole({
    intercept: (request) => {
      seen.push(request);
      return request.count === 1 ? { status: 503, headers: { "Retry-After": "2" }, body: "busy" } : undefined;
    },
  });
  const first = await console.get("/threats?limit=1");
  expect([first.status, first.headers.get("retry-after"), first.text]).toEqual([503, "2", "busy"]);
  expect((await console.get("/threats?limit=1")).status).toBe(200);
  expect(seen.map(({ method, path, count }) => [method, path, count])).toEqual([
    ["GET", "/web/api/v2.1/threats", 1],
    ["GET", "/web/api/v2.1/threats", 2],
  ]);
  expect(seen[0]?.query.get("limit")).toBe("1");
});

test("an answer can be cut in the middle of its body", async () => {
  await using console = await openConsole({
    intercept: () => ({ status: 200, body: "x".repeat(5000), cutAfter: 100 }),
  });
  await expect(console.get("/threats")).rejects.toThrow(/terminated/);
});

test("an intercept that fails is reported as the simulator's failure", async () => {
  await using console = await openConsole({ intercept: () => Promise.reject(new Error("no such plan")) });
  const answer = await console.get("/threats");
  expect(answer.status).toBe(500);
  expect(answer.text).toContain("no such plan");
});

test("closing ends requests that are still waiting, and can be repeated", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const intercept = () => {
    arrive();
    return new Promise<undefined>(() => {});
  };
  const simulator = await startSentinelOne({ scale: 0.01, intercept });
  const outcome = fetch(`${simulator.url}/web/api/v2.1/system/status`).then(
    () => "answered",
    () => "cut",
  );
  await arrived;
  await simulator.close();
  expect(await outcome).toBe("cut");
  await simulator.close();
});

test("a port that is taken is an error, not a silent other port", async () => {
  await using console = await openConsole();
  const port = Number(new URL(console.simulator.url).port);
  await expect(startSentinelOne({ scale: 0.01, port })).rejects.toThrow(/EADDRINUSE/);
});
