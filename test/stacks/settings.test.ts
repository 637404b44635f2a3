import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { readStreams } from "../../kql/catalog.ts";
import { emea, settings, tenant, withConnection } from "./sample-settings.ts";

const onByDefault = readStreams("sentinelone")
  .filter((stream) => stream.enabledByDefault)
  .map(({ name }) => name);

test("a stack that says only what it must gets the defaults", () => {
  const { connections, ...rest } = settings();
  expect(rest).toEqual({
    cloud: "public",
    location: "westeurope",
    tags: {},
    workspaceId: undefined,
    retentionDays: 90,
    totalRetentionDays: 90,
    basicStreams: [],
    dailyCapGb: undefined,
    auditLogs: false,
    resourceLocks: false,
    protectData: true,
    network: undefined,
    collection: {
      sinceHours: 24,
      holdBackSeconds: 120,
      overlapSeconds: 600,
      ledgerDays: 8,
      snapshotHours: 6,
      idleMinutes: 5,
    },
    functions: {},
    content: { enabled: true, rules: {}, hunting: {}, workbooks: {} },
    operators: [],
    alertEmails: [],
    pushers: [],
    instanceMemoryMb: 512,
    maximumInstances: 40,
  });
  expect(connections).toMatchObject([
    {
      name: "emea",
      url: "https://emea.sentinelone.example",
      streams: onByDefault,
    },
  ]);
});

test("every setting is read from the text that config holds", () => {
  const id =
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc";
  const read = settings({
    workspaceId: id,
    retentionDays: "365",
    protectData: "false",
    tags: '{"owner":"soc"}',
    since: "7d",
    operators: '[{"principalId":"AAAAAAAA-0000-0000-0000-000000000001","principalType":"Group"}]',
    alertEmails: '["soc@example.org"]',
    holdBackSeconds: "0",
    overlapSeconds: "60",
    ledgerDays: "30",
    snapshotHours: "12",
    idleMinutes: "1",
    instanceMemoryMb: "2048",
    maximumInstances: "5",
  });
  expect(read).toMatchObject({
    workspaceId: id,
    retentionDays: 365,
    protectData: false,
    tags: { owner: "soc" },
    operators: [{ principalId: "aaaaaaaa-0000-0000-0000-000000000001", principalType: "Group" }],
    alertEmails: ["soc@example.org"],
    collection: {
      sinceHours: 168,
      holdBackSeconds: 0,
      overlapSeconds: 60,
      ledgerDays: 30,
      snapshotHours: 12,
      idleMinutes: 1,
    },
    instanceMemoryMb: 2048,
    maximumInstances: 5,
  });
});

test("settings cannot be changed after they were read", () => {
  const read = settings();
  expect(Object.isFrozen(read) && Object.isFrozen(read.collection) && read.connections.every(Object.isFrozen)).toBe(
    true,
  );
});

describe("a connection", () => {
  const only = (connection: Record<string, unknown>) => withConnection(connection).connections[0];

  test("of Valence is reached by region, and has both feeds on", () => {
    expect(only(tenant)).toMatchObject({ url: "https://apieu.valencesecurity.com", streams: ["alerts", "audit-logs"] });
  });

  test("switches streams one by one, the others stay as they are", () => {
    expect(only({ ...emea, streams: { groups: false, agents: "false" } })?.streams).toEqual(
      onByDefault.filter((name) => name !== "groups" && name !== "agents"),
    );
  });

  test("keeps site ids to the last digit", () => {
    expect(only({ ...emea, siteIds: ["1234567890123456789"] })?.siteIds).toEqual(["1234567890123456789"]);
  });

  test("has a secret token, whatever config it came from", async () => {
    const token = only(emea)?.token;
    if (token?.kind !== "config") throw new Error("The token does not come from config.");
    expect(await pulumi.isSecret(token.token)).toBe(true);
  });

  test("may leave its token to a vault", () => {
    const { apiToken: _, ...rest } = emea;
    const secretId = "https://kv-soc.vault.azure.net/secrets/emea";
    expect(only({ ...rest, secretId })?.token).toEqual({ kind: "vault", secretId, vaultId: undefined });
  });

  test.each(["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"])(
    "of this machine may speak plain http: %s",
    (url) => {
      expect(only({ ...emea, url })?.url).toBe(url);
    },
  );
});
