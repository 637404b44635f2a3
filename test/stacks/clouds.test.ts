import { beforeAll, describe, expect, test } from "vitest";
import { deployMock, type MockDeployment, stackFileConfig } from "./mock-deployment.ts";
import { settings } from "./sample-settings.ts";

describe("in US Government", () => {
  let deployment: MockDeployment;
  beforeAll(async () => {
    deployment = await deployMock("dev", {
      ...stackFileConfig("dev", "canary"),
      location: "usgovvirginia",
      "azure-native:environment": "usgovernment",
    });
  });
  const inputs = (name: string) => deployment.get(name).inputs;

  test("the stack has exactly the resources of its inventory", async () => {
    const lines = deployment.resources.map(({ type, name }) => `${name}  ${type}`);
    await expect(`${lines.sort().join("\n")}\n`).toMatchFileSnapshot("inventory/usgovernment.txt");
  });

  // azure-cli issue 31943: Microsoft.Web ends there with 2024-04-01; azure-skills, consumption-to-flex: there is no Flex Consumption
  test("the worker runs on Elastic Premium, by an API that is there", () => {
    expect(deployment.resources.filter(({ type }) => type.startsWith("azure-native:web:"))).toEqual([]);
    const web = { resourceProviderNamespace: "Microsoft.Web", apiVersion: "2024-04-01" };
    expect(inputs("connector-collector-asp")).toMatchObject({
      ...web,
      resourceType: "serverfarms",
      sku: { name: "EP1", tier: "ElasticPremium" },
      properties: { reserved: true, maximumElasticWorkerCount: 20 },
    });
    expect(inputs("connector-collector-func")).toMatchObject({
      ...web,
      resourceType: "sites",
      kind: "functionapp,linux",
      properties: { siteConfig: { linuxFxVersion: "Node|24", minTlsVersion: "1.2" }, httpsOnly: true },
    });
  });

  test("its settings name that cloud, and the package that its own identity reads", () => {
    const { siteConfig } = inputs("connector-collector-func")["properties"] as {
      siteConfig: { appSettings: { name: string; value: string }[] };
    };
    const read = Object.fromEntries(siteConfig.appSettings.map(({ name, value }) => [name, value]));
    expect(read).toMatchObject({
      INGESTION_AUDIENCE: "https://monitor.azure.us",
      FUNCTIONS_EXTENSION_VERSION: "~4",
      FUNCTIONS_WORKER_RUNTIME: "node",
      WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: expect.stringContaining("connector-id"),
    });
    const { sha256, packageUrl, cloud } = inputs("connector-code") as Record<string, string>;
    expect(read["WEBSITE_RUN_FROM_PACKAGE"]).toMatch(new RegExp(`/deployment-package/${sha256}\\.zip$`));
    expect({ packageUrl, cloud }).toEqual({ packageUrl: read["WEBSITE_RUN_FROM_PACKAGE"], cloud: "usgovernment" });
    expect(Object.keys(read).filter((name) => /CONTENTAZUREFILE|AccountKey/i.test(name))).toEqual([]);
  });

  test("nothing names the public cloud", () => {
    const named = deployment.resources.filter(({ inputs }) =>
      /https:\/\/(management|monitor)\.azure\.com|login\.microsoftonline\.com|api\.loganalytics\.io/.test(
        JSON.stringify(inputs),
      ),
    );
    expect(named.map(({ name }) => name)).toEqual([]);
    expect(deployment.outputs["cloud"]).toBe("usgovernment");
  });
});

test("China is refused, and told why", () => {
  expect(() => settings({}, "china")).toThrow("Microsoft retired Sentinel in Azure operated by 21Vianet on 2026-08-18");
});

test("a private network needs Flex Consumption", () => {
  expect(() => settings({ network: "private" }, "usgovernment")).toThrow("public in the cloud usgovernment");
});
