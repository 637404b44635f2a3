import { LogsQueryClient } from "@azure/monitor-query-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HttpPlane } from "../../../../local/azure/http-plane.ts";
import { createQueryPlane } from "../../../../local/azure/workspace/query-plane.ts";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { credentialOf, httpClientOf, send } from "../plane-client.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const reader = "73c42c96-874c-492b-b04d-ab87d138a893";
const storageReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const functions = [
  {
    id: "f1",
    alias: "Loud",
    parameters: "suffix:string='!'",
    query: "Things_CL | extend Text = strcat(toupper(Text), suffix)",
  },
  { id: "f2", alias: "Twice", parameters: "", query: "Things_CL | take 1" },
  { id: "f3", alias: "Twice", parameters: "", query: "Things_CL | take 2" },
  { id: "f4", alias: "Caller", parameters: "", query: "Twice | project Text" },
];
const workspace = {
  id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/log",
  customerId: "3f5c3f0e-0d62-4b0c-8a53-6c2f5e7c9b10",
  tables: [],
  functions,
};
const cloud = new DeployedCloud();
let store: WorkspaceStore;
let plane: HttpPlane;
let client: LogsQueryClient;

beforeAll(async () => {
  cloud.workspaces.push(workspace);
  store = await WorkspaceStore.open();
  await store.ensureTable(workspace.id, {
    name: "Things_CL",
    columns: [
      { name: "TimeGenerated", type: "dateTime" },
      { name: "Text", type: "string" },
      { name: "Big", type: "long" },
      { name: "Share", type: "real" },
      { name: "Flag", type: "boolean" },
      { name: "Data", type: "dynamic" },
    ],
  });
  // Ticks since year 1: eleven o'clock, and the same two days before.
  const eleven = 621_355_968_000_000_000n + BigInt(Date.parse("2026-11-20T11:00:00Z")) * 10_000n;
  const relation = store.layout(workspace.id, "Things_CL")?.relation;
  await store.write((connection) =>
    connection.run(
      `INSERT INTO ${relation} ("TimeGenerated", "Text", "Big", "Share", "Flag", "Data")
       VALUES (${eleven}, 'new', 7, 0.5, true, '{"a":[1]}'), (${eleven - 2n * 864_000_000_000n}, 'old', NULL, NULL, NULL, NULL)`,
    ),
  );
  plane = createQueryPlane(cloud, cloud.authority, store, { now: () => now });
  const principal = cloud.principal([{ role: reader, scope: workspace.id }]);
  client = new LogsQueryClient(credentialOf(cloud.authority, principal), { httpClient: httpClientOf(plane) });
});
afterAll(() => store.close());

const span = { startTime: new Date("2026-11-01T00:00:00Z"), endTime: new Date("2026-12-01T00:00:00Z") };

async function rows(
  query: string,
  timespan: Parameters<LogsQueryClient["queryWorkspace"]>[2] = span,
): Promise<unknown[][]> {
  const result = await client.queryWorkspace(workspace.customerId, query, timespan);
  return "tables" in result ? (result.tables[0]?.rows ?? []) : [];
}

test("Microsoft's client reads names, types and values", async () => {
  const result = await client.queryWorkspace(
    workspace.customerId,
    "Things_CL | where Text == 'new' | project TimeGenerated, Text, Big, Share, Flag, Data, Age = 1h, Nothing = int(null)",
    span,
  );
  expect(result).toMatchObject({
    status: "Success",
    tables: [
      {
        name: "PrimaryResult",
        columnDescriptors: [
          { name: "TimeGenerated", type: "datetime" },
          { name: "Text", type: "string" },
          { name: "Big", type: "long" },
          { name: "Share", type: "real" },
          { name: "Flag", type: "bool" },
          { name: "Data", type: "dynamic" },
          { name: "Age", type: "timespan" },
          { name: "Nothing", type: "int" },
        ],
        rows: [[new Date("2026-11-20T11:00:00Z"), "new", 7, 0.5, true, { a: [1] }, "01:00:00", null]],
      },
    ],
  });
});

test("workspace functions are called, with parameters and defaults", async () => {
  expect(await rows("Loud | where Text == 'NEW!' | project Text")).toEqual([["NEW!"]]);
  expect(await rows("Loud('?') | project Text | order by Text asc")).toEqual([["NEW?"], ["OLD?"]]);
});

// Azure Monitor docs, "Azure Monitor Log Analytics API: request format": the timespan is applied in addition to the query's own limits.
test.each([
  ["both ends", span, ["new", "old"]],
  ["a duration that ends now", { duration: "P1D" }, ["new"]],
  ["a duration of hours", { duration: "PT30M" }, []],
  ["a start and a duration", { startTime: new Date("2026-11-18T10:00:00Z"), duration: "PT2H" }, ["old"]],
  ["a duration and an end", { duration: "PT2H", endTime: new Date("2026-11-18T12:00:00Z") }, ["old"]],
])("a timespan of %s", async (_, timespan, expected) => {
  expect((await rows("Things_CL | project Text | order by Text asc", timespan)).flat()).toEqual(expected);
});

test("a table that exists in every workspace is empty until something is written", async () => {
  expect(await rows("DCRLogErrors | count")).toEqual([[0]]);
});

test("a column that is added, or a function, is known to the next query", async () => {
  const columns = [{ name: "TimeGenerated", type: "dateTime" }];
  await store.ensureTable(workspace.id, { name: "Growing_CL", columns });
  expect(await rows("Growing_CL | count")).toEqual([[0]]);
  await store.ensureTable(workspace.id, {
    name: "Growing_CL",
    columns: [...columns, { name: "Late", type: "string" }],
  });
  expect(await rows("Growing_CL | project Late")).toEqual([]);
  functions.push({ id: "f5", alias: "Added", parameters: "", query: "Growing_CL | project Late" });
  expect(await rows("Added")).toEqual([]);
});

async function ask(body: unknown, options: { authorization?: string; path?: string } = {}) {
  const authorization =
    options.authorization ??
    cloud.bearer(cloud.principal([{ role: reader, scope: workspace.id }]), "https://api.loganalytics.io");
  const response = await send(
    plane,
    new Request(`https://api.loganalytics.io${options.path ?? `/v1/workspaces/${workspace.customerId}/query`}`, {
      method: "POST",
      headers: authorization ? { authorization } : {},
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
  return {
    status: response.status,
    body: (await response.json()) as { error: { code: string; innererror?: unknown } },
  };
}

test("the columns of bag_unpack come from the data within the timespan", async () => {
  const query = "Things_CL | evaluate bag_unpack(Data) | project Text, a = tostring(a)";
  expect(await rows(query, span)).toEqual([
    ["new", "[1]"],
    ["old", ""],
  ]);
});

// Azure Monitor docs, "Azure Monitor Log Analytics API errors".
describe("a query that cannot be answered names what and where", () => {
  test.each([
    ["an unknown column", "Things_CL\n| where Nothing == 1", "SemanticError", 2, 9, "Nothing"],
    ["an unknown table", "Nowhere_CL", "SemanticError", 1, 1, "Nowhere_CL"],
    ["a missing expression", "Things_CL | where ", "SyntaxError", 1, 18, "expression"],
    ["a function of two saved searches", "Twice | count", "SemanticError", 1, 1, "Twice"],
    ["what only the local Azure refuses", "Things_CL | reduce by Text", "NotSupportedError", 1, 13, "reduce"],
  ])("%s", async (_, query, code, line, pos, message) => {
    const { status, body } = await ask({ query });
    expect([status, body.error.code]).toEqual([400, "BadArgumentError"]);
    expect(body.error.innererror).toMatchObject({
      code,
      innererror: { line, pos, message: expect.stringContaining(message) as string },
    });
  });

  test("a function that calls a function of two saved searches", async () => {
    expect(await ask({ query: "Caller" })).toMatchObject({ status: 400 });
  });

  test.each([
    ["no query", {}],
    ["no JSON", "query"],
    ["a timespan that is none", { query: "Things_CL", timespan: "yesterday" }],
    ["other workspaces too", { query: "Things_CL", workspaces: ["other"] }],
  ])("%s", async (_, body) => {
    expect(await ask(body)).toMatchObject({ status: 400, body: { error: { code: "BadArgumentError" } } });
  });
});

test.each([
  ["no token", () => ({ authorization: "" }), 401, "MissingToken"],
  [
    "a token of another audience",
    () => ({ authorization: cloud.bearer(cloud.principal(), "https://monitor.azure.com") }),
    401,
    "InvalidAuthenticationTokenAudience",
  ],
  [
    "an identity that may not read",
    () => ({
      authorization: cloud.bearer(
        cloud.principal([{ role: storageReader, scope: workspace.id }]),
        "https://api.loganalytics.io",
      ),
    }),
    403,
    "InsufficientAccessError",
  ],
  [
    "an unknown workspace",
    () => ({ path: "/v1/workspaces/00000000-0000-0000-0000-000000000000/query" }),
    404,
    "WorkspaceNotFoundError",
  ],
  ["another path", () => ({ path: "/v1/$batch" }), 404, "PathNotFoundError"],
])("refused: %s", async (_, options, status, code) => {
  expect(await ask({ query: "Things_CL" }, options())).toMatchObject({ status, body: { error: { code } } });
});

test("GET asks the same", async () => {
  const authorization = cloud.bearer(
    cloud.principal([{ role: reader, scope: workspace.id }]),
    "https://api.loganalytics.io",
  );
  const url = `https://api.loganalytics.io/v1/workspaces/${workspace.customerId}/query?query=${encodeURIComponent("Things_CL | count")}&timespan=P1D`;
  const response = await plane.fetch(new Request(url, { headers: { authorization } }));
  expect(await response.json()).toMatchObject({ tables: [{ rows: [[1]] }] });
});
