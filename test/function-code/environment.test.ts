import { expect, test } from "vitest";
import { readSettings } from "../../function-code/environment.ts";

const environment = {
  AZURE_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
  STATE_TABLE_ENDPOINT: "https://st.table.core.windows.net",
  INGESTION_ENDPOINT: "https://dce.westeurope-1.ingest.monitor.azure.com",
  INGESTION_AUDIENCE: "https://monitor.azure.com",
  INGESTION_RULES: '{"sentinelone-events":"dcr-1"}',
  CONNECTIONS:
    '[{"name":"emea","vendor":"sentinelone","url":"https://c.example","secretId":"https://kv/secrets/s","streams":["threats"]}]',
  COLLECTION:
    '{"sinceHours":24,"holdBackSeconds":120,"overlapSeconds":600,"ledgerDays":8,"snapshotHours":6,"idleMinutes":5}',
  WORK_QUEUE: "collect",
};

test("settings as the stack writes them are read", () => {
  expect(readSettings(environment)).toMatchObject({
    rules: { "sentinelone-events": "dcr-1" },
    connections: [{ name: "emea", streams: ["threats"] }],
    collection: { ledgerDays: 8 },
  });
});

test("everything that is wrong is said at once, by name", () => {
  const wrong = {
    ...environment,
    AZURE_CLIENT_ID: undefined,
    INGESTION_ENDPOINT: "dce",
    COLLECTION: "{}",
    CONNECTIONS: "[1",
  };
  expect(() => readSettings(wrong)).toThrow(
    /AZURE_CLIENT_ID is not set[^]*INGESTION_ENDPOINT is "dce"[^]*CONNECTIONS is not a list[^]*COLLECTION is not an object/,
  );
});
