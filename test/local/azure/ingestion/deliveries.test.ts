import { LogsIngestionClient } from "@azure/monitor-ingestion";
import { afterEach, beforeEach, expect, test } from "vitest";
import { credentialOf, httpClientOf } from "../plane-client.ts";
import { endpoint, publisher, Things } from "./things.ts";

let things: Things;
beforeEach(async () => {
  things = await Things.open();
});
afterEach(() => things[Symbol.asyncDispose]());

test("what is acknowledged can be queried", async () => {
  const sent = {
    TimeGenerated: "2026-11-20T11:00:00.1234567Z",
    Text: "a",
    Count: 1,
    Big: 2,
    Share: 0.5,
    Flag: true,
    Data: { k: [1] },
  };
  expect((await things.uploadRows(sent)).status).toBe(204);
  expect(await things.query("Things_CL | project-away TenantId, Type, _ResourceId")).toEqual([
    { ...sent, Data: '{"k":[1]}' },
  ]);
  expect(await things.query("Things_CL | project TenantId, Type, Received = ingestion_time()")).toEqual([
    { TenantId: things.workspace.customerId, Type: "Things_CL", Received: "2026-11-20T12:00:00Z" },
  ]);
});

test("Microsoft's own client delivers several megabytes", async () => {
  const principal = things.cloud.principal([{ role: publisher, scope: things.rule.id }]);
  const client = new LogsIngestionClient(`https://${endpoint.host}`, credentialOf(things.cloud.authority, principal), {
    httpClient: httpClientOf(things.plane),
  });
  await client.upload(
    things.rule.immutableId,
    "Custom-Things",
    Array.from({ length: 2500 }, (_, n) => ({ Count: n, Text: "x".repeat(1000) })),
  );
  expect(await things.query("Things_CL | summarize Rows = count(), Sum = sum(Count)")).toEqual([
    { Rows: 2500, Sum: 3_123_750 },
  ]);
  expect(things.counters).toMatchObject({ requests: 3, rowsReceived: 2500, rowsStored: 2500 });
});

test("requests side by side are all stored", async () => {
  const statuses = await Promise.all(
    Array.from({ length: 20 }, (_, n) => things.uploadRows({ Count: n }, { Count: n })),
  );
  expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([204]));
  expect(await things.query("Things_CL | summarize Rows = count(), Sum = sum(Count)")).toEqual([
    { Rows: 40, Sum: 380 },
  ]);
});
