import { expect, test } from "vitest";
import { location, refusal, resourceGroupName, subscription, valid } from "../subscription.ts";

const stream = {
  columns: [
    { name: "TimeGenerated", type: "datetime" },
    { name: "Door", type: "string" },
  ],
};
const flow = {
  streams: ["Custom-Doors"],
  destinations: ["workspace"],
  transformKql: "source",
  outputStream: "Custom-Doors_CL",
};

/** A subscription with all that a rule needs, and the rule's inputs. */
async function withRule() {
  const made = await subscription("group", "workspace", "table", "endpoint");
  const rule = {
    resourceGroupName,
    location,
    dataCollectionRuleName: "dcr-one",
    dataCollectionEndpointId: made.known.endpoint.id,
    streamDeclarations: { "Custom-Doors": stream },
    destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: made.known.workspace.id }] },
    dataFlows: [flow],
  };
  return { ...made, rule };
}

test("an endpoint has the host that rows are sent to", async () => {
  const { known } = await subscription("group", "endpoint");
  expect(known.endpoint.outputs["logsIngestion"]).toEqual({
    endpoint: expect.stringMatching(
      /^https:\/\/dce-one-[0-9a-f]{4}\.westeurope-1\.ingest\.monitor\.azure\.com$/,
    ) as string,
  });
});

test("a rule has the id that rows are addressed to", async () => {
  const { cloud, create, known, rule } = await withRule();
  const { outputs } = await create("rule", rule);
  expect(outputs["immutableId"]).toMatch(/^dcr-[0-9a-f]{32}$/);
  expect(outputs["destinations"]).toEqual({
    logAnalytics: [
      {
        name: "workspace",
        workspaceResourceId: known.workspace.id,
        workspaceId: known.workspace.outputs["customerId"],
      },
    ],
  });
  expect(cloud.deployed.dataCollectionRule(outputs["immutableId"] as string)?.flows).toEqual([
    { stream: "Custom-Doors", transformKql: "source", table: "Doors_CL", workspaceId: known.workspace.id },
  ]);
});

const column = (name: string, type: string) => ({
  streamDeclarations: { "Custom-Doors": { columns: [...stream.columns, { name, type }] } },
});
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

test.each([
  // Azure Monitor docs, azure-monitor-limits-data-collection-rules
  ["11 flows", { dataFlows: many(11).map(() => flow) }, "11 are too many: at most 10"],
  [
    "11 streams",
    { streamDeclarations: Object.fromEntries(many(11).map((index) => [`Custom-Doors${index || ""}`, stream])) },
    "11 are too many: at most 10",
  ],
  [
    "a transform of 15,361 characters",
    { dataFlows: [{ ...flow, transformKql: "x".repeat(15_361) }] },
    "at most 15,360",
  ],
  // Azure Monitor docs, data-collection-rule-structure
  [
    "a stream without Custom-",
    { streamDeclarations: { Doors: stream, "Custom-Doors": stream } },
    "begins with Custom-",
  ],
  ["a column of type guid", column("Id_", "guid"), "'guid' is not valid"],
  ["a column of type dateTime", column("Opened", "dateTime"), "'dateTime' is not valid"],
  // Microsoft's data collection rule schema, dcr-schema.md
  ["a column called id", column("id", "string"), "'id' is reserved"],
  ["a column called title", column("title", "string"), "'title' is reserved"],
  ["a column of 61 letters", column("d".repeat(61), "string"), "1 to 60"],
  [
    "a stream that is not declared",
    { dataFlows: [{ ...flow, streams: ["Custom-Windows"] }] },
    "'Custom-Windows' is not declared",
  ],
  [
    "two streams in a flow with a transform",
    { dataFlows: [{ ...flow, streams: ["Custom-Doors", "Custom-Doors"] }] },
    "takes one stream",
  ],
  ["a destination that is not there", { dataFlows: [{ ...flow, destinations: ["lake"] }] }, "'lake' is not valid"],
  [
    "an output stream without _CL",
    { dataFlows: [{ ...flow, outputStream: "Custom-Doors" }] },
    "'Custom-Doors' is not valid",
  ],
])("a rule with %s is refused", async (_, inputs, message) => {
  const { create, rule } = await withRule();
  await expect(create("rule", { ...rule, ...inputs })).rejects.toEqual(refusal(400, "InvalidRequestContent", message));
});

// Azure-Sentinel issue 12145
test("a rule whose table is missing is refused", async () => {
  const { create, remove, known, rule } = await withRule();
  await remove("table", known.table);
  await expect(create("rule", rule)).rejects.toEqual(
    refusal(400, "InvalidPayload", /InvalidOutputTable: Table for output stream 'Custom-Doors_CL' is not available/),
  );
});

test.each([
  [
    "endpoint",
    { dataCollectionEndpointId: "/subscriptions/s/none" },
    "data collection endpoint '/subscriptions/s/none' does not exist",
  ],
  [
    "workspace",
    { destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: "/subscriptions/s/none" }] } },
    "workspace '/subscriptions/s/none' of destination 'workspace' does not exist",
  ],
  // Azure Monitor docs, logs-ingestion-api-overview
  ["region", { location: "northeurope" }, "both have to be in one region"],
])("a rule with a wrong %s is refused", async (_, inputs, message) => {
  const { create, rule } = await withRule();
  await expect(create("rule", { ...rule, ...inputs })).rejects.toEqual(refusal(400, "InvalidPayload", message));
});

async function withSetting() {
  const { create, known, rule, ...rest } = await withRule();
  const { id } = await create("rule", rule);
  const setting = {
    resourceUri: id,
    name: "errors",
    workspaceId: known.workspace.id,
    logs: [{ category: "LogErrors", enabled: true }],
  };
  return { ...rest, create, known, setting };
}

test("a rule's errors are sent to its workspace", async () => {
  const { create, setting } = await withSetting();
  expect((await create("diagnostics", setting)).outputs).toMatchObject({ name: "errors", logs: setting.logs });
});

test.each([
  // Azure Monitor docs, supported resource log categories
  [
    "an unknown category",
    { logs: [{ category: "Errors", enabled: true }] },
    "BadRequest",
    "Category 'Errors' is not supported",
  ],
  ["no destination", { workspaceId: undefined }, "InvalidRequestContent", "at least one destination"],
  ["nothing to send", { logs: [] }, "InvalidRequestContent", "at least one category"],
  // azurerm issue 23051
  [
    "a retention of its own",
    { logs: [{ category: "LogErrors", enabled: true, retentionPolicy: { days: 7, enabled: true } }] },
    "InvalidRequestContent",
    "no retention of their own",
  ],
])("a diagnostic setting with %s is refused", async (_, inputs, code, message) => {
  const { create, setting } = await withSetting();
  await expect(create("diagnostics", { ...setting, ...inputs })).rejects.toEqual(refusal(400, code, message));
});

test("a diagnostic setting needs its workspace, and a resource that has diagnostics", async () => {
  const { create, known, setting } = await withSetting();
  await expect(create("diagnostics", { ...setting, workspaceId: `${known.workspace.id}x` })).rejects.toEqual(
    refusal(404, "ResourceNotFound", "log-onex"),
  );
  await expect(create("diagnostics", { ...setting, resourceUri: known.endpoint.id })).rejects.toEqual(
    refusal(400, "ResourceTypeNotSupported", "Microsoft.Insights/dataCollectionEndpoints"),
  );
});

test.each([
  ["no workspace", { workspaceResourceId: "/subscriptions/s/none" }, "WorkspaceNotFound", "was not found"],
  ["45 days of retention", { retentionInDays: 45 }, "InvalidRequestContent", "'45' is not valid"],
])("Application Insights with %s is refused", async (_, inputs, code, message) => {
  const { create, known } = await subscription("group", "workspace");
  const component = {
    ...valid.group,
    resourceName: "appi-one",
    kind: "web",
    applicationType: "web",
    workspaceResourceId: known.workspace.id,
  };
  expect((await create("insights", component)).outputs["connectionString"]).toMatch(
    /^InstrumentationKey=[0-9a-f-]{36};IngestionEndpoint=https:\/\/westeurope-1\.in\.applicationinsights\.azure\.com\//,
  );
  await expect(create("insights", { ...component, resourceName: "appi-two", ...inputs })).rejects.toEqual(
    refusal(400, code, message),
  );
});
