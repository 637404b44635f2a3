import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../function-code/environment.ts";
import { stateTables } from "../../function-code/state/entities.ts";
import { readCatalog, readStreams } from "../../kql/catalog.ts";
import { deployMock, type MockDeployment, type Registration } from "../stacks/mock-deployment.ts";

let deployment: MockDeployment;
beforeAll(async () => {
  deployment = await deployMock("prod", {
    location: "westeurope",
    since: "36h",
    connections: [
      {
        name: "emea",
        vendor: "sentinelone",
        url: "https://emea.sentinelone.example/",
        apiToken: "t",
        streams: { groups: false },
        siteIds: ["1234567890123456789"],
      },
      { name: "saas", vendor: "valence", region: "us", apiToken: "t", profile: { header: "X-Key" } },
    ],
  });
});

const inputs = (name: string) => deployment.get(name).inputs;
const all = (type: string): readonly Registration[] =>
  deployment.resources.filter((resource) => resource.type === `azure-native:${type}`);

function appSettings(): Record<string, string> {
  const { appSettings } = inputs("connector-collector-func")["siteConfig"] as {
    appSettings: readonly { name: string; value: string }[];
  };
  expect(new Set(appSettings.map(({ name }) => name)).size).toBe(appSettings.length);
  return Object.fromEntries(appSettings.map(({ name, value }) => [name, value]));
}

describe("the app's settings", () => {
  test("are what the worker reads", () => {
    expect(readSettings(appSettings())).toMatchObject({
      connections: [
        {
          name: "emea",
          vendor: "sentinelone",
          url: "https://emea.sentinelone.example",
          secretId: "https://kv-s1v-prod-a1b2c3.vault.azure.net/secrets/connection-emea",
          streams: readStreams("sentinelone")
            .filter(({ name, enabledByDefault }) => enabledByDefault && name !== "groups")
            .map(({ name }) => name),
          siteIds: ["1234567890123456789"],
        },
        { name: "saas", vendor: "valence", streams: ["alerts", "audit-logs"], profile: { header: "X-Key" } },
      ],
      collection: {
        sinceHours: 36,
        holdBackSeconds: 120,
        overlapSeconds: 600,
        ledgerDays: 8,
        snapshotHours: 6,
        idleMinutes: 5,
      },
    });
  });

  test("name a rule for every stream that there is", () => {
    const rules = JSON.parse(appSettings()["INGESTION_RULES"] ?? "") as Record<string, string>;
    expect(Object.keys(rules).sort()).toEqual(
      [...new Set(readCatalog().map(({ vendor, rule }) => `${vendor}-${rule}`))].sort(),
    );
    expect(Object.values(rules).every((id) => id.startsWith("dcr-"))).toBe(true);
  });

  test("let host and queue trigger sign in as the identity, without any key", () => {
    const settings = appSettings();
    expect(settings).toMatchObject({
      AzureWebJobsStorage__credential: "managedidentity",
      AzureWebJobsStorage__clientId: settings["AZURE_CLIENT_ID"],
      AzureWebJobsStorage__blobServiceUri: "https://sts1vproda1b2c3.blob.core.windows.net",
      WorkQueue__credential: "managedidentity",
      WorkQueue__clientId: settings["AZURE_CLIENT_ID"],
      WorkQueue__queueServiceUri: "https://sts1vproda1b2c3.queue.core.windows.net",
      WORK_QUEUE: inputs("connector-storage-queue")["queueName"],
    });
    expect(JSON.stringify(settings)).not.toMatch(/AccountKey|SharedAccess/i);
  });

  test("hold none that Flex Consumption refuses", () => {
    const forbidden =
      /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_RUN_FROM_PACKAGE|WEBSITE_CONTENT.*|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_TIME_ZONE|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|AzureWebJobsStorage)$/;
    expect(Object.keys(appSettings()).filter((name) => forbidden.test(name))).toEqual([]);
    expect(inputs("connector-collector-func")["siteConfig"]).not.toHaveProperty("linuxFxVersion");
    expect(inputs("connector-collector-func")["siteConfig"]).not.toHaveProperty("alwaysOn");
  });
});

describe("the app", () => {
  test("runs on Node 24, from a container that its identity reads", () => {
    expect(inputs("connector-collector-func")).toMatchObject({
      kind: "functionapp,linux",
      httpsOnly: true,
      functionAppConfig: {
        runtime: { name: "node", version: "24" },
        deployment: {
          storage: {
            type: "blobContainer",
            value: `https://sts1vproda1b2c3.blob.core.windows.net/${String(inputs("connector-storage-package")["containerName"])}`,
            authentication: { type: "UserAssignedIdentity" },
          },
        },
      },
    });
  });

  test("is created after everything that its first start needs", () => {
    const { dependencies } = deployment.get("connector-collector-func");
    const needed = [
      ...all("authorization:RoleAssignment"),
      ...all("storage:Queue"),
      ...all("storage:Table"),
      ...all("storage:BlobContainer"),
    ];
    expect(needed.filter(({ name }) => !dependencies.includes(name))).toEqual([]);
  });

  test("gets its code through the host that Azure names", () => {
    expect(inputs("connector-code")).toMatchObject({ scmHost: "func-s1v-prod-a1b2c3.scm.azurewebsites.net" });
    expect(Object.keys(inputs("connector-code")).sort()).toEqual([
      "__provider",
      "appId",
      "cloud",
      "packageContainerId",
      "scmHost",
      "sha256",
    ]);
    // An app or a container that is replaced under the same name is empty, and has the same ids.
    expect(deployment.get("connector-code").replaceWith).toEqual([
      "connector-collector-func",
      "connector-storage-package",
    ]);
    expect(inputs("connector-code")["__provider"]).toContain('await import("../components/publish-code.ts")');
  });
});

test("the worker's identity has these rights, each on one resource, and no other", () => {
  const rights = all("authorization:RoleAssignment").map(
    ({ name, inputs: { roleDefinitionId, scope, principalType } }) => {
      expect(principalType).toBe("ServicePrincipal");
      return `${name}: ${String(roleDefinitionId).split("/").at(-1)} on ${String(scope).split("/").at(-1)}`;
    },
  );
  const rules = [...new Set(readCatalog().map(({ vendor, rule }) => `${vendor}-${rule}`))].sort();
  expect(rights.sort()).toEqual([
    ...rules.map(
      (rule) =>
        `connector-collector-${rule}-sender: 3913510d-42f4-4e42-8a64-420c390055eb on connector-streams-${rule}-dcr`,
    ),
    "connector-health-telemetry: 3913510d-42f4-4e42-8a64-420c390055eb on connector-health-appi",
    "connector-storage-blobs: b7e6dc6d-f1e8-4753-8033-0f276bb0955b on connector-storage-st",
    "connector-storage-queues: 974c5e8b-45b9-4653-ba55-5f855dd0fb88 on connector-storage-st",
    "connector-storage-tables: 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 on connector-storage-st",
    "connector-vault-emea-reader: 4633458b-17de-408a-b874-0445c86b69e6 on connector-vault-emea",
    "connector-vault-saas-reader: 4633458b-17de-408a-b874-0445c86b69e6 on connector-vault-saas",
  ]);
});

test("vault and telemetry know roles only, no access policies and no keys", () => {
  expect(inputs("connector-vault-kv")["properties"]).toMatchObject({
    enableRbacAuthorization: true,
    enableSoftDelete: true,
  });
  expect(inputs("connector-health-appi")).toMatchObject({ disableLocalAuth: true });
});

test("storage has no shared key, and the state tables that the worker works with", () => {
  expect(inputs("connector-storage-st")).toMatchObject({
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    minimumTlsVersion: "TLS1_2",
  });
  const tables = all("storage:Table").map(({ inputs: { tableName } }) => String(tableName));
  expect(new Set(tables)).toEqual(new Set(Object.values(stateTables)));
});

describe.each(readCatalog())("stream $id", (stream) => {
  test("has its table, with the API's own type names and a description on every column", () => {
    const { schema, tableName } = inputs(`connector-streams-${stream.id}-table`) as {
      tableName: string;
      schema: { columns: { name: string; type: string; description: string }[] };
    };
    expect(tableName).toBe(stream.table);
    expect(schema.columns.map(({ name }) => name)).toEqual(stream.columns.map(({ name }) => name));
    expect(schema.columns.find(({ name }) => name === "TimeGenerated")?.type).toBe("dateTime");
    expect(schema.columns.filter(({ type, description }) => /^(datetime|bool)$/.test(type) || !description)).toEqual(
      [],
    );
  });

  test("flows through its rule into that table", () => {
    const rule = deployment.get(`connector-streams-${stream.vendor}-${stream.rule}-dcr`);
    expect(rule.inputs["dataFlows"]).toContainEqual({
      streams: [stream.stream],
      destinations: ["workspace"],
      transformKql: stream.transform.trim(),
      outputStream: `Custom-${stream.table}`,
    });
    expect(rule.inputs["streamDeclarations"]).toHaveProperty([stream.stream, "columns", "length"], stream.input.length);
    // Azure refuses a rule whose table is not there yet.
    expect(rule.dependencies).toContain(`connector-streams-${stream.id}-table`);
  });

  test("has a function that shows the newest version of each object", () => {
    const name = `${stream.table.replace(/_CL$/, "")}Latest`;
    const latest = deployment.get(`connector-content-${stream.id}-latest`);
    expect(latest.inputs).toMatchObject({ functionAlias: name, query: expect.stringContaining(stream.table) });
    expect(latest.dependencies).toContain(`connector-streams-${stream.id}-table`);
    // Azure answers 409 to a PUT over a saved search.
    expect(latest).toMatchObject({ replaceOnChanges: ["*"], deleteBeforeReplace: true });
  });
});

test("every rule tells what it could not store", () => {
  const rules = all("monitor:DataCollectionRule").map(({ name }) => name);
  const watched = all("monitor:DiagnosticSetting").map(({ inputs: { resourceUri } }) =>
    String(resourceUri).split("/").at(-1),
  );
  expect(new Set(watched)).toEqual(new Set(rules));
});
