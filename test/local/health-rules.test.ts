import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Expectation, readRules, scheduledQuery, withExpectations } from "../../kql/catalog-rules.ts";
import { dcrLogErrors, operation } from "../../local/azure/workspace/built-in-tables.ts";
import { now, type Row, TestWorkspace } from "./functions/test-workspace.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);

const expectations: readonly Expectation[] = ["emea", "apac"].map((connection) => ({
  connection,
  vendor: "sentinelone",
  streams: [
    { name: "activities", table: "SentinelOneActivities_CL", readable: true },
    { name: "threats", table: "SentinelOneThreats_CL", readable: true },
  ],
}));

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await TestWorkspace.create();
  await addRows(
    operation,
    // Sentinel's window ends five minutes before the run: what lies behind is the next run's, and 64 minutes old is this one's.
    [3 * minute, 30 * minute, 64 * minute, 66 * minute]
      .map((before) => operationRow(before, "Ingestion status = OverQuota"))
      .join(","),
  );
  await addRows(
    dcrLogErrors,
    [
      errorRow(10 * minute, "Custom-SentinelOneThreats", "first"),
      errorRow(6 * minute, "Custom-SentinelOneThreats", "second"),
      errorRow(64 * minute, "Custom-ValenceAuditLogs", "late"),
      errorRow(66 * minute, "Custom-ValenceAlerts", "old"),
      errorRow(minute, "Custom-Doors", "theirs"),
    ].join(","),
  );
});
afterEach(() => workspace.empty());
afterAll(() => workspace[Symbol.asyncDispose]());

/** A health row so many milliseconds ago; of emea's activities, unless told otherwise. */
const health = (before: number, more: Row = {}) => ({
  TimeGenerated: ago(before).toISOString(),
  Connection: "emea",
  Vendor: "sentinelone",
  Stream: "activities",
  Status: "ok",
  Uploaded: 0,
  ErrorClass: "",
  Error: "",
  ...more,
});
const report = (...rows: readonly Row[]) => workspace.ingest("health-runs", rows);

/** What a rule makes alerts of. */
function fire(name: string): Promise<Row[]> {
  const rule = readRules("health").find((candidate) => candidate.name === name);
  if (!rule) throw new Error(`There is no rule ${name}.`);
  return workspace.kql(withExpectations(scheduledQuery(rule), expectations));
}

test("every column that an alert speaks of is in the query's result", () => {
  for (const rule of readRules("health")) {
    const { id, alertName, alertDescription } = rule;
    const columns = workspace.columns(withExpectations(scheduledQuery(rule), expectations)).map(({ name }) => name);
    const spoken = [...`${alertName} ${alertDescription}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, column]) => column);
    expect(spoken.filter((column) => !columns.includes(column ?? "")).map((column) => `${id}: ${column}`)).toEqual([]);
  }
});

describe("a stream that is not collected", () => {
  test("is told from those that are, though it never was", async () => {
    await report(
      health(10 * minute),
      health(90 * minute, { Stream: "threats", Status: "empty" }),
      health(5 * minute, { Connection: "apac", Status: "failing" }),
    );
    expect((await fire("stream-not-collected")).map(({ Subject }) => Subject)).toEqual(["sentinelone/threats of apac"]);
  });

  test("is no longer collected after two hours, and a report that it is overdue is no sign of life", async () => {
    const streams = expectations.flatMap(({ connection, streams }) =>
      streams.map(({ name }) => ({ Connection: connection, Stream: name })),
    );
    await report(...streams.slice(1).map((stream) => health(0, stream)));
    await report(health(121 * minute), health(minute, { Status: "failing", ErrorClass: "overdue" }));
    expect(await fire("stream-not-collected")).toMatchObject([{ Connection: "emea", Stream: "activities" }]);
  });
});

describe("a stream that falls silent", () => {
  /** Rows every hour of each working day's daytime, until some hours ago. */
  const daytime = (silence: number) =>
    Array.from({ length: 13 * 24 }, (_, i) => ago(silence + i * hour))
      .filter((time) => time.getUTCHours() > 7 && time.getUTCHours() < 19)
      .map((time) => health(now.getTime() - time.getTime(), { Uploaded: 3 }));

  test("is told by its own rhythm: the night is no silence", async () => {
    await report(...daytime(0), health(minute, { Status: "empty" }));
    expect(await fire("stream-silent")).toEqual([]);
  });

  test("is told when it stays away longer than ever", async () => {
    await report(...daytime(30 * hour), health(minute, { Status: "empty" }));
    expect(await fire("stream-silent")).toMatchObject([{ Connection: "emea", Stream: "activities" }]);
  });

  test("is not said to be silent while it fails: another rule says so", async () => {
    await report(...daytime(30 * hour), health(minute, { Status: "failing" }));
    expect(await fire("stream-silent")).toEqual([]);
  });
});

test("a stream keeps failing when no run of the hour was good", async () => {
  const bad = { Status: "failing", ErrorClass: "server", Error: "The server fails (503)." };
  await report(health(50 * minute, bad), health(35 * minute, bad), health(20 * minute, bad));
  await report(health(50 * minute, { ...bad, Stream: "threats" }), health(5 * minute, { Stream: "threats" }));
  await report(health(5 * minute, { ...bad, Connection: "apac" }));
  expect(await fire("stream-failing")).toMatchObject([
    { Connection: "emea", Stream: "activities", Status: "failing", ErrorClass: "server", Error: bad.Error },
  ]);
});

test("a permission is lost only where it was there", async () => {
  const refused = { Status: "not-permitted", ErrorClass: "permission", Error: "The role lacks Threats.view." };
  await report(health(3 * day), health(minute, refused));
  await report(health(minute, { ...refused, Stream: "threats" }));
  await report(health(3 * day, { Connection: "apac", ...refused }), health(minute, { Connection: "apac" }));
  const inPart = { Stream: "policies", ErrorClass: "permission", Error: "Refused: site 2." };
  await report(health(3 * day, { Stream: "policies" }), health(minute, inPart));
  await report(...[3 * day, minute].map((age) => health(age, { Connection: "apac", ...inPart })));
  expect(await fire("permission-lost")).toMatchObject([
    { Connection: "emea", Stream: "activities", Error: refused.Error },
    { Connection: "emea", Stream: "policies", Status: "ok", Error: inPart.Error },
  ]);
});

test.each([
  [40, undefined],
  [29.5, "expires within 30 days"],
  [20, undefined],
  [13.5, "expires within 14 days"],
  [6.5, "expires within 7 days"],
  [0.5, "expires within a day"],
  [-0.5, "has expired"],
])("a token that ends in %d days: %s", async (days, warning) => {
  await report(health(hour, { TokenExpiresAt: ago(-days * day).toISOString() }), health(minute));
  const alerts = await fire("token-expires");
  expect(alerts.map((alert) => [alert["Connection"], alert["Warning"]])).toEqual(warning ? [["emea", warning]] : []);
});

test("each threshold of a token's end is met by exactly one daily run", async () => {
  const days = Array.from({ length: 36 }, (_, i) => i + 0.3);
  await report(
    ...days.map((left) => health(hour, { Connection: `c${left}`, TokenExpiresAt: ago(-left * day).toISOString() })),
  );
  expect(
    (await fire("token-expires")).map((alert) => alert["Warning"]).sort((a, b) => (String(a) < String(b) ? -1 : 1)),
  ).toEqual(["expires within 14 days", "expires within 30 days", "expires within 7 days", "expires within a day"]);
});

const errorRow = (before: number, stream: string, message: string) =>
  `datetime(${ago(before).toISOString()}), "Transformation", "${stream}", "${message}", "", "", ""`;

const operationRow = (before: number, detail: string) =>
  `datetime(${ago(before).toISOString()}), "Warning", "Data Collection Status", "", "${detail}", "", "", "", "", ""`;

/** One of Azure's own tables, with these rows as KQL writes them. */
async function addRows({ name, columns }: typeof dcrLogErrors | typeof operation, rows: string): Promise<void> {
  const types = { dateTime: "datetime", string: "string" } as const;
  const declared = columns.map((column) => `${column.name}: ${types[column.type]}`);
  await workspace.addTable(name, `datatable (${declared.join(", ")}) [${rows}]`);
}

test("a workspace that has reached its daily cap is told with the time from which rows are lost", async () => {
  expect(await fire("daily-cap-reached")).toEqual([
    {
      Reached: ago(64 * minute)
        .toISOString()
        .replace(".000", ""),
      Detail: "Ingestion status = OverQuota",
    },
  ]);
});

test("rows that a rule could not store are told, those of other people's rules are not", async () => {
  expect(await fire("rows-refused")).toMatchObject([
    { InputStreamId: "Custom-SentinelOneThreats", Errors: 2, Message: "second" },
    { InputStreamId: "Custom-ValenceAuditLogs", Errors: 1, Message: "late" },
  ]);
});

describe("rows that Azure acknowledged", () => {
  const activity = (id: number, time: Date) => ({ id: String(id), createdAt: time.toISOString(), activityType: 27 });
  const store = (count: number, ingested: Date, createdAt = ingested) =>
    workspace.ingest(
      "sentinelone-activities",
      Array.from({ length: count }, (_, i) => activity(i, createdAt)),
      ingested,
    );

  test("are all stored, however old they are", async () => {
    await report(health(2 * hour, { Uploaded: 5 }), health(90 * minute, { Uploaded: 2 }));
    await store(5, ago(2 * hour + 10 * minute), ago(40 * hour));
    await store(2, ago(80 * minute));
    expect(await fire("rows-not-stored")).toEqual([]);
  });

  test("are told by stream and connection where they are missing", async () => {
    await report(health(2 * hour, { Uploaded: 5 }), health(3 * hour, { Uploaded: 4 }));
    await report(health(2 * hour, { Uploaded: 6, Connection: "apac", Stream: "threats" }));
    await store(7, ago(2 * hour));
    expect((await fire("rows-not-stored")).sort((a, b) => Number(a["Missing"]) - Number(b["Missing"]))).toMatchObject([
      { Connection: "emea", Stream: "activities", Uploaded: 9, Stored: 7, Missing: 2 },
      { Connection: "apac", Stream: "threats", Uploaded: 6, Stored: 0, Missing: 6 },
    ]);
  });

  test("have an hour's time to arrive", async () => {
    await report(health(30 * minute, { Uploaded: 5 }));
    expect(await fire("rows-not-stored")).toEqual([]);
  });
});

test("rows of a table that somebody took the column Connection from are missing", async () => {
  await workspace.addTable("Taken_CL", "datatable (TimeGenerated: datetime) [datetime(2026-03-04T03:00:00Z)]");
  const rule = readRules("health").find(({ name }) => name === "rows-not-stored");
  const streams = [{ name: "activities", table: "Taken_CL", readable: true }];
  await report(health(2 * hour, { Uploaded: 1 }));
  const query = withExpectations(rule?.query ?? "", [{ connection: "emea", vendor: "sentinelone", streams }]);
  expect(await workspace.kql(query)).toMatchObject([{ Connection: "emea", Stream: "activities", Missing: 1 }]);
});

test("a rule that expects fifty consoles fits into what Sentinel takes", () => {
  const streams = Array.from({ length: 18 }, (_, i) => ({
    name: `stream-number-${i}`,
    table: `SentinelOneStream${i}_CL`,
    readable: true,
  }));
  const many = Array.from({ length: 50 }, (_, i) => ({
    connection: `customer-with-a-rather-long-name-${i}`.slice(0, 32),
    vendor: "sentinelone" as const,
    streams,
  }));
  for (const { query } of readRules("health")) expect(withExpectations(query, many).length).toBeLessThan(10_000);
});

test("rows of a table that no rule can read are taken for stored", async () => {
  const rule = readRules("health").find(({ name }) => name === "rows-not-stored");
  const unreadable = expectations.map((one) => ({
    ...one,
    streams: one.streams.map((stream) => ({ ...stream, readable: stream.name !== "threats" })),
  }));
  await report(health(2 * hour, { Uploaded: 3, Stream: "threats" }), health(2 * hour, { Uploaded: 4 }));
  const missing = await workspace.kql(withExpectations(rule?.query ?? "", unreadable));
  expect(missing.map(({ Stream }) => Stream)).toEqual(["activities"]);
});
