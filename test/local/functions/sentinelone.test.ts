import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publishedColumns } from "./published-columns.ts";
import { type Row, TestWorkspace } from "./test-workspace.ts";

const feeds = { activities: "id", agents: "id", groups: "id", threats: "id", alerts: "alertInfo.alertId" } as const;
type Feed = keyof typeof feeds;

/** One value, planted at one place of one record, and what the parser's column must show of it. */
interface Planted {
  readonly id: string;
  readonly column: string;
  readonly feed: string;
  readonly path: string;
  readonly value: unknown;
  readonly shown: unknown;
}

const at = "2026-03-04T01:02:03Z";
const planted: readonly Planted[] = Object.entries(publishedColumns).flatMap(([column, [type, ...places]], row) =>
  places
    .filter((place) => !place.startsWith("="))
    .map((place, index): Planted => {
      const [, feed, path, mark] = /^(\w+):([\w.]+)([!@#]?)$/.exec(place) as unknown as [
        string,
        string,
        string,
        string,
      ];
      const id = `${row}-${index}`;
      if (mark === "!") return { id, column, feed, path, value: true, shown: "true" };
      if (mark === "@") return { id, column, feed, path, value: at, shown: "2026-03-04T01:02:03.0000000Z" };
      if (mark === "#") return { id, column, feed, path, value: path.length, shown: String(path.length) };
      // An object is shown as text: something in it is planted.
      if (path.endsWith("Info"))
        return { id, column, feed, path: `${path}.planted`, value: id, shown: expect.stringContaining(id) };
      const value = { datetime: at, real: path.length + 0.5, bool: true }[type] ?? (feed === "classic" ? path : id);
      return { id, column, feed, path, value, shown: value };
    }),
);

describe("the parser SentinelOne", () => {
  let workspace: TestWorkspace;
  let byId: ReadonlyMap<string, Row>;
  beforeAll(async () => {
    workspace = await TestWorkspace.create(["SentinelOneAlertsV2_CL"]);
    for (const feed of Object.keys(feeds) as Feed[]) {
      const records = planted.filter((value) => value.feed === feed).map((value) => record(feed, value));
      await workspace.ingest(`sentinelone-${feed}`, records);
    }
    await workspace.addTable("SentinelOneAlertsV2_CL", unifiedAlerts(planted.filter(({ feed }) => feed === "v2")));
    await workspace.addTable("SentinelOne_CL", classicTable(planted.filter(({ feed }) => feed === "classic")));
    byId = new Map((await workspace.kql("SentinelOne")).map((row) => [String(row["EventId"]), row]));
  });
  afterAll(async () => {
    await workspace[Symbol.asyncDispose]();
  });

  test("yields Microsoft's 138 columns first, by name, type and order", () => {
    const columns = workspace.columns("SentinelOne").map(({ name, type }) => [name, type]);
    const expected = Object.entries(publishedColumns).map(([name, [type]]) => [name, type]);
    expect(expected).toHaveLength(138);
    expect(columns.slice(0, 138)).toEqual(expected);
  });

  test.each([...Map.groupBy(planted, ({ column }) => column)])(
    "%s shows what lies in each of its places",
    (_, places) => {
      const shown = places.map(({ id, feed, path, column }) => ({
        place: `${feed}:${path}`,
        shown: byId.get(feed === "classic" ? "id_s" : id)?.[column],
      }));
      expect(shown).toEqual(
        places.map(({ feed, path, shown: wanted }) => ({ place: `${feed}:${path}`, shown: wanted })),
      );
    },
  );

  test.each(["EventVendor", "EventProduct"])("%s is SentinelOne in every row", async (column) => {
    expect(await workspace.kql(`SentinelOne | distinct ${column}`)).toEqual([{ [column]: "SentinelOne" }]);
  });

  test("names the table and the kind of every row", async () => {
    const kinds = await workspace.kql(
      "SentinelOne | where Type != 'SentinelOneAlerts_CL' and Type != 'SentinelOne_CL' | distinct Type, EventType | order by Type asc",
    );
    expect(kinds).toEqual([
      { Type: "SentinelOneActivities_CL", EventType: "Activities." },
      { Type: "SentinelOneAgents_CL", EventType: "Agents." },
      { Type: "SentinelOneAlertsV2_CL", EventType: "AlertsV2." },
      { Type: "SentinelOneGroups_CL", EventType: "Groups." },
      { Type: "SentinelOneThreats_CL", EventType: "Threats." },
    ]);
  });

  test("surfaces threats and unified alerts, which Microsoft's leaves out", async () => {
    await workspace.ingest("sentinelone-threats", [
      { id: "t-1", threatInfo: { threatName: "dropper.exe", classification: "Trojan", sha256: "ab", updatedAt: at } },
    ]);
    expect(
      await workspace.kql(
        "SentinelOne | where ThreatId == 't-1' | project ThreatName, Classification, FileSha256, Connection",
      ),
    ).toEqual([{ ThreatName: "dropper.exe", Classification: "Trojan", FileSha256: "ab", Connection: "emea" }]);
  });
});

test("shows beside Microsoft's tables what else the connector collects, but for what repeats activities or may be of plan Basic", async () => {
  await using workspace = await TestWorkspace.create();
  await workspace.ingest("sentinelone-sites", [{ id: "s-1", name: "Bergen", accountName: "Fjord", state: "active" }]);
  await workspace.ingest("sentinelone-accounts", [{ id: "a-1", name: "Fjord", state: "active" }]);
  await workspace.ingest("sentinelone-applications", [
    { id: "p-1", applicationName: "Fjordmail", endpointName: "ws-1" },
  ]);
  await workspace.ingest("sentinelone-application-risks", [
    { id: "r-1", cveId: "CVE-2026-1", severity: "HIGH", endpointName: "ws-1" },
  ]);
  await workspace.ingest("sentinelone-device-control-events", [
    { id: "d-1", eventType: "connected", computerName: "ws-1", deviceName: "Stick" },
  ]);
  await workspace.ingest("sentinelone-threat-notes", [
    { id: "n-1", connectorThreatId: "t-1", text: "False alarm.", creator: "ida" },
  ]);
  await workspace.ingest("sentinelone-rogues", [{ id: "g-1", localIp: "192.0.2.7", hostnames: ["printer"] }]);
  await workspace.ingest("sentinelone-ranger", [{ id: "g-2", localIp: "192.0.2.8", hostnames: ["camera"] }]);
  await workspace.ingest("sentinelone-threat-timeline", [{ id: "l-1", connectorThreatId: "t-1", activityType: 19 }]);
  const telling =
    "EventType, EventId, Shown = strcat_delim('|', SiteName, Name, ComputerName, EventTypeDetailed, Severity, ThreatId, Comments, SrcIpAddr)";
  const rows = await workspace.kql(`SentinelOne | project ${telling} | order by EventType asc`);
  expect(rows.map((row) => Object.values(row).join(" "))).toEqual([
    "Accounts. a-1 |Fjord||||||",
    "ApplicationRisks. r-1 ||ws-1|CVE-2026-1|HIGH|||",
    "DeviceControlEvents. d-1 |Stick|ws-1|connected||||",
    "Ranger. g-2 ||camera|||||192.0.2.8",
    "Rogues. g-1 ||printer|||||192.0.2.7",
    "Sites. s-1 Bergen|Bergen||||||",
    "ThreatNotes. n-1 |||||t-1|False alarm.|",
  ]);
});

test("a new type of activity has a name on its first day, and one that says its own keeps it", async () => {
  await using workspace = await TestWorkspace.create();
  await workspace.ingest("sentinelone-activity-types", [{ id: 90017, action: "Teapot Connected" }]);
  await workspace.ingest("sentinelone-activities", [
    { id: "1", activityType: 90017, data: { username: "ida" } },
    { id: "2", activityType: 90017, description: "Teapot" },
    { id: "3", activityType: 90018 },
  ]);
  expect(
    await workspace.kql("SentinelOne | project EventId, EventTypeDetailed, DataSrcUserName | order by EventId asc"),
  ).toEqual([
    { EventId: "1", EventTypeDetailed: "Teapot Connected", DataSrcUserName: "ida" },
    { EventId: "2", EventTypeDetailed: "Teapot", DataSrcUserName: "" },
    { EventId: "3", EventTypeDetailed: "", DataSrcUserName: "" },
  ]);
});

test("a workspace that lacks tables is answered from those that it has, with all columns", async () => {
  await using workspace = await TestWorkspace.create(["SentinelOneThreats_CL", "SentinelOneAgents_CL"]);
  await workspace.ingest("sentinelone-groups", [{ id: "g-1", name: "Field", totalAgents: 7 }]);
  const [row] = await workspace.kql("SentinelOne");
  expect(row).toMatchObject({ EventType: "Groups.", Name: "Field", TotalAgents: 7, ThreatName: "", IsActive: null });
});

/** A record that holds its id and the one planted value. */
function record(feed: Feed, { id, path, value }: Planted): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  put(made, feeds[feed], id);
  put(made, path, value);
  return made;
}

function put(into: Record<string, unknown>, path: string, value: unknown): void {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) into[key] = value;
  else put((into[key] ??= {}) as Record<string, unknown>, rest.join("."), value);
}

/** Microsoft's table, which has no column Connection. */
function unifiedAlerts(values: readonly Planted[]): string {
  const columns = {
    TimeGenerated: "datetime",
    AlertId: "string",
    AlertName: "string",
    AlertDescription: "string",
    DetectedAt: "datetime",
    CreatedAt: "datetime",
    UpdatedAt: "datetime",
    Status: "string",
    Severity: "string",
    AnalystVerdict: "string",
    ExternalId: "string",
    StorylineId: "string",
    AttackSurfaces: "dynamic",
    ConfidenceLevel: "string",
    Classification: "string",
    Product: "string",
    Vendor: "string",
    AssigneeName: "string",
    AssigneeEmail: "string",
    Assets: "dynamic",
    DataSources: "dynamic",
  };
  return datatable(
    columns,
    values.map(({ id, path, value }) => ({ AlertId: id, [path]: value })),
  );
}

/** One row with everything; the types follow from the suffixes that the Data Collector gave. */
function classicTable(values: readonly Planted[]): string {
  const types: Readonly<Record<string, string>> = { s: "string", g: "string", d: "real", b: "bool", t: "datetime" };
  const columns = Object.fromEntries(values.map(({ path }) => [path, types[path.at(-1) as string] as string]));
  const row = Object.fromEntries(values.map(({ path, value }) => [path, value]));
  return datatable({ TimeGenerated: "datetime", ...columns }, [row]);
}

function datatable(columns: Readonly<Record<string, string>>, rows: readonly Row[]): string {
  const literal = (type: string, value: unknown) => {
    if (type === "string") return JSON.stringify(value ?? "");
    return `${type}(${value === undefined ? "null" : JSON.stringify(value).replaceAll('"', "")})`;
  };
  const declared = Object.entries(columns).map(([name, type]) => `${name}:${type}`);
  const values = rows.map((row) =>
    Object.entries(columns)
      .map(([name, type]) => literal(type, row[name]))
      .join(", "),
  );
  return `datatable(${declared.join(", ")})[${values.join(",\n")}]`;
}
