import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { LogsIngestionClient } from "@azure/monitor-ingestion";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeployedWorkspace } from "../../../../local/azure/cloud.ts";
import { createIngestionPlane, type IngestionPlane } from "../../../../local/azure/ingestion/ingestion-plane.ts";
import { queryWorkspace } from "../../../../local/azure/workspace/query.ts";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { credentialOf, httpClientOf, send } from "../plane-client.ts";

const group = "/subscriptions/s/resourceGroups/g/providers";
const endpoint = {
  id: `${group}/Microsoft.Insights/dataCollectionEndpoints/dce`,
  host: "dce-1a2b.westeurope-1.ingest.monitor.azure.com",
};
const publisher = "3913510d-42f4-4e42-8a64-420c390055eb";
const received = "2026-11-20T12:00:00.0000000Z";

const declared = [
  { name: "TimeGenerated", type: "datetime" },
  { name: "Text", type: "string" },
  { name: "Count", type: "int" },
  { name: "Big", type: "long" },
  { name: "Share", type: "real" },
  { name: "Flag", type: "boolean" },
  { name: "Data", type: "dynamic" },
];
const tableColumns = declared.map(({ name, type }) => ({ name, type: type === "datetime" ? "dateTime" : type }));

function ruleOf(name: string, transforms: Record<string, string>) {
  return {
    id: `${group}/Microsoft.Insights/dataCollectionRules/${name}`,
    immutableId: `dcr-${name}`,
    dataCollectionEndpointId: endpoint.id,
    streams: { "Custom-Things": declared },
    flows: Object.entries(transforms).map(([table, transformKql]) => ({
      stream: "Custom-Things",
      transformKql,
      table,
      workspaceId: workspace.id,
    })),
  };
}

let cloud: DeployedCloud;
let store: WorkspaceStore;
let workspace: DeployedWorkspace;
let plane: IngestionPlane;
let rule: ReturnType<typeof ruleOf>;

/** Deploys one rule with these transforms by table, and gives an identity that may publish to it. */
function deploy(transforms: Record<string, string>): void {
  rule = ruleOf("things", transforms);
  cloud.rules.splice(0, 1, rule);
}

beforeAll(async () => {
  store = await WorkspaceStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  // Each test has a workspace of its own in the one store.
  const customerId = randomUUID();
  workspace = {
    id: `${group}/Microsoft.OperationalInsights/workspaces/log-${customerId}`,
    customerId,
    tables: [],
    functions: [],
  };
  cloud = new DeployedCloud();
  cloud.workspaces.push(workspace);
  cloud.endpoints.push(endpoint);
  await store.ensureTable(workspace.id, { name: "Things_CL", columns: tableColumns });
  plane = createIngestionPlane(cloud, cloud.authority, store, { now: () => Date.parse(received) });
  deploy({ Things_CL: "source" });
});

interface Upload {
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly host?: string;
  readonly query?: string;
  readonly authorization?: string;
}

async function upload(options: Upload): Promise<{ status: number; code: string | null; message: string }> {
  const { path = `/dataCollectionRules/${rule.immutableId}/streams/Custom-Things`, host = endpoint.host } = options;
  const authorization =
    options.authorization ??
    cloud.bearer(cloud.principal([{ role: publisher, scope: rule.id }]), "https://monitor.azure.com");
  const response = await send(
    plane,
    new Request(`https://${host}${path}?${options.query ?? "api%2Dversion=2023-01-01"}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}), ...options.headers },
      body: options.body as string,
    }),
  );
  return { status: response.status, code: response.headers.get("x-ms-error-code"), message: await response.text() };
}

const uploadRows = (...rows: unknown[]) => upload({ body: JSON.stringify(rows) });

async function query(kql: string): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await queryWorkspace(store, workspace, kql, { now: new Date(received) });
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

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
  expect((await uploadRows(sent)).status).toBe(204);
  expect(await query("Things_CL | project-away TenantId, Type, _ResourceId")).toEqual([{ ...sent, Data: '{"k":[1]}' }]);
  expect(await query("Things_CL | project TenantId, Type, Received = ingestion_time()")).toEqual([
    { TenantId: workspace.customerId, Type: "Things_CL", Received: "2026-11-20T12:00:00Z" },
  ]);
});

test("Microsoft's own client delivers several megabytes", async () => {
  const principal = cloud.principal([{ role: publisher, scope: rule.id }]);
  const client = new LogsIngestionClient(`https://${endpoint.host}`, credentialOf(cloud.authority, principal), {
    httpClient: httpClientOf(plane),
  });
  await client.upload(
    rule.immutableId,
    "Custom-Things",
    Array.from({ length: 2500 }, (_, n) => ({ Count: n, Text: "x".repeat(1000) })),
  );
  expect(await query("Things_CL | summarize Rows = count(), Sum = sum(Count)")).toEqual([
    { Rows: 2500, Sum: 3_123_750 },
  ]);
  expect(plane.counters(rule.immutableId)).toMatchObject({ requests: 3, rowsReceived: 2500, rowsStored: 2500 });
});

describe("refused before the body is looked at", () => {
  const holder = () => cloud.principal([{ role: publisher, scope: rule.id }]);
  // Azure Monitor docs, "Logs Ingestion API in Azure Monitor" and "Troubleshoot DCR data collection": response codes.
  test.each<[string, () => Omit<Upload, "body">, number, string]>([
    ["no token", () => ({ authorization: "" }), 401, "MissingToken"],
    [
      "a token of another audience",
      () => ({ authorization: cloud.bearer(holder(), "https://storage.azure.com") }),
      401,
      "InvalidAuthenticationTokenAudience",
    ],
    [
      "an identity without the role on the rule",
      () => ({
        authorization: cloud.bearer(
          cloud.principal([{ role: publisher, scope: workspace.id }]),
          "https://monitor.azure.com",
        ),
      }),
      403,
      "OperationFailed",
    ],
    ["an unknown rule", () => ({ path: "/dataCollectionRules/dcr-nobody/streams/Custom-Things" }), 404, "NotFound"],
    [
      "an unknown stream",
      () => ({ path: `/dataCollectionRules/${rule.immutableId}/streams/Custom-Nothing` }),
      404,
      "NotFound",
    ],
    ["an unknown endpoint", () => ({ host: "dce-other.westeurope-1.ingest.monitor.azure.com" }), 404, "NotFound"],
    ["no api-version", () => ({ query: "" }), 400, "UnsupportedApiVersion"],
    ["an unknown api-version", () => ({ query: "api-version=2019-01-01" }), 400, "UnsupportedApiVersion"],
  ])("%s", async (_, options, status, code) => {
    expect(await upload({ body: "[]", ...options() })).toMatchObject({ status, code });
  });

  test("the endpoint of another rule", async () => {
    cloud.endpoints.push({ id: `${endpoint.id}-2`, host: "dce-2.westeurope-1.ingest.monitor.azure.com" });
    expect(await upload({ body: "[]", host: "dce-2.westeurope-1.ingest.monitor.azure.com" })).toMatchObject({
      status: 404,
    });
  });
});

const row = (bytes: number) => JSON.stringify([{ Text: "x".repeat(bytes - 13) }]);
// Azure Monitor docs, "Service limits: Logs Ingestion API": 1 MB, compressed and uncompressed; "Body": an array of objects.
test.each<[string, () => Omit<Upload, "path">, number, string | null]>([
  ["exactly 1 MB", () => ({ body: row(1_048_576) }), 204, null],
  ["a byte more than 1 MB", () => ({ body: row(1_048_577) }), 413, "ContentLengthLimitExceeded"],
  [
    "a byte more than 1 MB after unpacking",
    () => ({ body: gzipSync(row(1_048_577)), headers: { "content-encoding": "gzip" } }),
    413,
    "ContentLengthLimitExceeded",
  ],
  ["gzip of an array", () => ({ body: gzipSync(row(100)), headers: { "content-encoding": "gzip" } }), 204, null],
  ["gzip that is none", () => ({ body: row(100), headers: { "content-encoding": "gzip" } }), 400, "InvalidContent"],
  [
    "gzip that ends early",
    () => ({ body: gzipSync(row(100)).subarray(0, -4), headers: { "content-encoding": "gzip" } }),
    400,
    "InvalidContent",
  ],
  [
    "another encoding",
    () => ({ body: row(100), headers: { "content-encoding": "br" } }),
    400,
    "InvalidContentEncoding",
  ],
  ["broken JSON", () => ({ body: '[{"Text":"a"' }), 400, "InvalidContent"],
  ["an object", () => ({ body: '{"Text":"a"}' }), 400, "InvalidContent"],
  ["an array of numbers", () => ({ body: "[1]" }), 400, "InvalidContent"],
  ["no UTF-8", () => ({ body: Buffer.from('[{"Text":"\xff"}]', "latin1") }), 400, "InvalidContent"],
  ["an empty array", () => ({ body: "[]" }), 204, null],
])("a body of %s", async (_, options, status, code) => {
  expect(await upload(options())).toMatchObject({ status, code });
});

test("a refused body stores nothing of it", async () => {
  await upload({ body: '[{"Text":"a"},1]' });
  expect(await query("Things_CL | count")).toEqual([{ Count: 0 }]);
  expect(plane.counters(rule.immutableId).requests).toBe(0);
});

// Azure Monitor docs, "Troubleshoot DCR data collection": properties that are not declared are dropped; the schema never changes.
test("undeclared properties are dropped and counted", async () => {
  await uploadRows({ Text: "a", text: "b", Other: 1 }, { Text: "c", Other: null });
  expect(await query("Things_CL | project Text | order by Text asc")).toEqual([{ Text: "a" }, { Text: "c" }]);
  expect(plane.counters(rule.immutableId).columnsDropped).toEqual(
    new Map([
      ["Other", 2],
      ["text", 1],
    ]),
  );
});

test("values that are not of the declared type become null, and are counted", async () => {
  await uploadRows({
    Text: "a",
    Count: "many",
    Big: {},
    Share: "x",
    Flag: "perhaps",
    TimeGenerated: "soon",
    Data: "text",
  });
  expect(await query("Things_CL | project Text, Count, Big, Share, Flag, Data = tostring(Data)")).toEqual([
    { Text: "a", Count: null, Big: null, Share: null, Flag: null, Data: "text" },
  ]);
  expect(plane.counters(rule.immutableId).valuesNulled).toBe(5);
});

test("a string column takes numbers and objects as their text", async () => {
  await uploadRows({ Text: { a: [1, "é"] } }, { Text: 12 }, { Text: null });
  expect((await query("Things_CL | project Text | order by Text asc")).map(({ Text }) => Text)).toEqual([
    "",
    "12",
    '{"a":[1,"é"]}',
  ]);
});

test("64-bit numbers survive", async () => {
  await upload({ body: '[{"Big":9223372036854775807,"Data":{"n":9007199254740993}}]' });
  expect(await query("Things_CL | project Big = tostring(Big), N = tostring(Data.n)")).toEqual([
    { Big: "9223372036854775807", N: "9007199254740993" },
  ]);
});

// Azure Monitor docs, "Service limits: Logs Ingestion API": maximum size of a field's value 64 KB, longer ones are cut.
test("values above 64 KB are cut at a character, and cut JSON is no JSON any more", async () => {
  await uploadRows({ Text: `a${"é".repeat(40_000)}`, Data: { k: "x".repeat(70_000) } }, { Text: "x".repeat(65_536) });
  const [cut, whole] = await query(
    "Things_CL | project Bytes = strlen(Text), Kind = gettype(Data), Missing = isnull(Data.k) | order by Bytes asc",
  );
  expect(cut).toEqual({ Bytes: 32_768, Kind: "string", Missing: true });
  expect(whole).toMatchObject({ Bytes: 65_536 });
  expect(plane.counters(rule.immutableId).valuesCut).toBe(2);
});

// Azure Monitor docs, "Standard columns: TimeGenerated".
test.each([
  ["missing", undefined, "2026-11-20T12:00:00Z"],
  ["null", null, "2026-11-20T12:00:00Z"],
  ["two days old", "2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z"],
  ["older than two days", "2026-11-18T11:59:59.9999999Z", "2026-11-20T12:00:00Z"],
  ["a day ahead", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"],
  ["more than a day ahead", "2026-11-21T12:00:00.0000001Z", "2026-11-20T12:00:00Z"],
])("TimeGenerated that is %s", async (_, given, stored) => {
  await uploadRows({ TimeGenerated: given });
  expect(await query("Things_CL | project TimeGenerated")).toEqual([{ TimeGenerated: stored }]);
});

test("requests side by side are all stored", async () => {
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, n) => uploadRows({ Count: n }, { Count: n })));
  expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([204]));
  expect(await query("Things_CL | summarize Rows = count(), Sum = sum(Count)")).toEqual([{ Rows: 40, Sum: 380 }]);
});

describe("the transform", () => {
  test("may leave out TimeGenerated, which is then the time of receipt", async () => {
    deploy({ Things_CL: "source | project Text" });
    await uploadRows({ Text: "a", TimeGenerated: "2026-11-20T11:00:00Z" });
    expect(await query("Things_CL | project TimeGenerated")).toEqual([{ TimeGenerated: "2026-11-20T12:00:00Z" }]);
  });

  test("decides which rows and columns are stored", async () => {
    deploy({ Things_CL: "source | where Count > 1 | project TimeGenerated, Text = strcat(Text, '!'), Extra = 1" });
    await uploadRows({ Text: "a", Count: 1 }, { Text: "b", Count: 2 });
    expect(await query("Things_CL | project Text, Count")).toEqual([{ Text: "b!", Count: null }]);
    expect(plane.counters(rule.immutableId)).toMatchObject({
      rowsReceived: 2,
      rowsStored: 1,
      rowsFiltered: 1,
      rowsLost: 0,
    });
    expect(plane.counters(rule.immutableId).columnsDropped).toEqual(new Map([["Extra", 1]]));
  });

  test("may say now(), which is the time of each request", async () => {
    let time = Date.parse(received);
    plane = createIngestionPlane(cloud, cloud.authority, store, { now: () => time });
    deploy({ Things_CL: "source | extend TimeGenerated = now()" });
    await uploadRows({ Text: "a" });
    time += 1000;
    await uploadRows({ Text: "b" });
    expect(
      (await query("Things_CL | project TimeGenerated | order by TimeGenerated asc")).map(
        (row) => row["TimeGenerated"],
      ),
    ).toEqual(["2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z"]);
  });

  test("that changes is used from the next request on", async () => {
    await uploadRows({ Text: "a" });
    deploy({ Things_CL: "source | extend Text = 'changed'" });
    await uploadRows({ Text: "b" });
    expect((await query("Things_CL | project Text | order by Text asc")).map(({ Text }) => Text)).toEqual([
      "a",
      "changed",
    ]);
  });
});

// Azure Monitor docs, "Monitor and troubleshoot DCR data collection": 204 means accepted; what is lost later shows in metrics and `DCRLogErrors`.
describe("rows that are lost after they were acknowledged", () => {
  const setting = (workspaceId: string) => ({
    id: `${rule.id}/providers/Microsoft.Insights/diagnosticSettings/errors`,
    type: "azure-native:monitor:DiagnosticSetting",
    inputs: { resourceUri: rule.id, workspaceId, logs: [{ category: "LogErrors", enabled: true }] },
    outputs: {},
  });

  test.each([
    ["a table that does not exist", "Missing_CL", "source", "Ingestion", "The table Missing_CL does not exist"],
    ["a transform that does not bind", "Other_CL", "source | project Nothing", "Transformation", "Nothing"],
    [
      "a transform whose result does not fit",
      "Other_CL",
      "source | extend Text = 1",
      "Transformation",
      "Column Text of the transform's result has type",
    ],
  ])("%s: counted, written to DCRLogErrors, and no other table's", async (_, table, transform, operation, message) => {
    await store.ensureTable(workspace.id, { name: "Other_CL", columns: tableColumns });
    deploy({ [table]: transform, Things_CL: "source" });
    cloud.resources.push(setting(workspace.id));
    expect((await uploadRows({ Text: "a" })).status).toBe(204);
    expect(await query("Things_CL | count")).toEqual([{ Count: 1 }]);
    expect(await query("Other_CL | count")).toEqual([{ Count: 0 }]);
    expect(plane.counters(rule.immutableId)).toMatchObject({ rowsReceived: 1, rowsStored: 1, rowsLost: 1 });
    const [logged] = await query("DCRLogErrors | project TimeGenerated, OperationName, InputStreamId, Message");
    expect(logged).toMatchObject({
      TimeGenerated: "2026-11-20T12:00:00Z",
      OperationName: operation,
      InputStreamId: "Custom-Things",
    });
    expect(logged?.["Message"]).toContain(message);
  });

  test("nothing is written where no diagnostic setting asks for it", async () => {
    deploy({ Missing_CL: "source" });
    await uploadRows({ Text: "a" });
    expect(await query("DCRLogErrors | count")).toEqual([{ Count: 0 }]);
  });
});
