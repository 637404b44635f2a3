import { expect, test } from "vitest";
import { TestWorkspace } from "./test-workspace.ts";

const alert = (vuid: string, more: object = {}) => ({
  vuid,
  alertType: { name: "Public link", platform: "Box", severity: "Critical", description: "A file is open to all." },
  creationTimestamp: 1772450000,
  status: "Open",
  connectorUids: ["c-1"],
  ...more,
});

test("an alert shows who did what to whom, of a person or an app", async () => {
  await using workspace = await TestWorkspace.create();
  const event = {
    action: { actionName: "share" },
    eventResult: "Success",
    ip: "203.0.113.9",
    target: { name: "plan" },
  };
  await workspace.ingest("valence-alerts", [
    alert("a-1", { events: [{ ...event, actorType: "User", actorUser: { id: "7", email: "ida@example.org" } }] }),
    alert("a-2", {
      events: [{ ...event, actorType: "App", actorUser: { id: "" }, actorApp: { id: "9", name: "Sync" } }],
    }),
    alert("a-3"),
  ]);
  const columns = "AlertId, Severity, ActorId, ActorName, ActorEmail, ActionName, SrcIpAddr, TargetName";
  expect(await workspace.kql(`ValenceAlerts | project ${columns} | order by AlertId asc`)).toEqual(
    [
      ["a-1", "High", "7", "", "ida@example.org", "share", "203.0.113.9", "plan"],
      ["a-2", "High", "9", "Sync", "", "share", "203.0.113.9", "plan"],
      ["a-3", "High", "", "", "", "", "", ""],
    ].map((values) => Object.fromEntries(columns.split(", ").map((column, index) => [column, values[index]]))),
  );
});

test("what Valence pushed into the retired table stands beside it, under the new and the old names", async () => {
  await using workspace = await TestWorkspace.create();
  await workspace.ingest("valence-alerts", [alert("a-1")]);
  await workspace.addTable(
    "ValenceAlert_CL",
    `datatable(TimeGenerated:datetime, alertType_name_s:string, alertType_severity_s:string, createdTimestamp_d:real, connectorUids_s:string)[
      datetime(2023-12-01), "Stale token", "informational", 1701388800.0, '["c-0"]']`,
  );
  expect(
    await workspace.kql(
      "ValenceAlerts | project Type, AlertName, Severity, CreatedAt, ConnectorIds | order by Type asc",
    ),
  ).toEqual([
    {
      Type: "ValenceAlert_CL",
      AlertName: "Stale token",
      Severity: "Informational",
      CreatedAt: "2023-12-01T00:00:00Z",
      ConnectorIds: '["c-0"]',
    },
    {
      Type: "ValenceAlerts_CL",
      AlertName: "Public link",
      Severity: "High",
      CreatedAt: "2026-03-02T11:13:20Z",
      ConnectorIds: '["c-1"]',
    },
  ]);
  expect(
    await workspace.kql(
      "ValenceAlert | project alertType_name_s, alertType_severity_s, createdTimestamp_d, connectorUids_s",
    ),
  ).toEqual(
    expect.arrayContaining([
      {
        alertType_name_s: "Stale token",
        alertType_severity_s: "informational",
        createdTimestamp_d: 1701388800,
        connectorUids_s: '["c-0"]',
      },
      {
        alertType_name_s: "Public link",
        alertType_severity_s: "Critical",
        createdTimestamp_d: 1772450000,
        connectorUids_s: '["c-1"]',
      },
    ]),
  );
});

const sentences = [
  [
    "User created",
    'Created user eva@example.org with role "readonly" with access to all',
    { ObjectType: "User", ObjectName: "eva@example.org", Role: "readonly" },
  ],
  [
    "Connector deleted",
    'Deleted Google Workspace connector named "EU"',
    { ObjectType: "Connector", ObjectKind: "Google Workspace", ObjectName: "EU" },
  ],
  ["Connector renamed", 'Renamed Box connector from "A" to "B"', { ObjectKind: "Box", ObjectName: "A", NewName: "B" }],
  [
    "Authenticate connector",
    'Authenticated Slack connector named "HQ" via method "OAuth"',
    { ObjectName: "HQ", Method: "OAuth" },
  ],
  [
    "Upload data to connector",
    'Uploaded data file "u.csv" of kind "users" to a Custom connector named "HR"',
    { ObjectKind: "Custom", ObjectName: "HR", FileName: "u.csv" },
  ],
  [
    "Policy disabled",
    'Disabled a policy on Sharing. Policy name: "No links". Platform: "Box". Instance(s): "EU"',
    { ObjectType: "Policy", ObjectKind: "Sharing", ObjectName: "No links", Platform: "Box" },
  ],
  [
    "API Key created",
    'Created API Key "siem" for "svc@example.org"',
    { ObjectType: "API Key", ObjectName: "siem", ServiceUser: "svc@example.org" },
  ],
  ["User signed in", "Signed in with password", { ObjectType: "", ObjectName: "", EventResult: "Failure" }],
  ["Connector created", "A sentence nobody knows yet", { ObjectType: "Connector", ObjectName: "", ObjectKind: "" }],
] as const;

test("the audit log tells what its sentences are about, and nothing where it does not know them", async () => {
  await using workspace = await TestWorkspace.create();
  await workspace.ingest(
    "valence-audit-logs",
    sentences.map(([action, details], ordinal) => ({
      action,
      details,
      ordinal,
      actor: "mia",
      success: action !== "User signed in",
      timeEpoch: 1772450000,
    })),
  );
  expect(await workspace.kql("ValenceAuditLogs | order by Ordinal asc")).toEqual(
    sentences.map(([, details, shown]) => expect.objectContaining({ Actor: "mia", Details: details, ...shown })),
  );
});
