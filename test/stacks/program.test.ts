import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";
import * as policies from "../policy/rules.ts";
import { deployMock, type MockDeployment, stackFileConfig } from "./mock-deployment.ts";
import { scenarioSettings, scenarios } from "./scenarios/scenarios.ts";

const canary = "canary-7f3a-token";
const emea = { name: "emea", vendor: "sentinelone", url: "https://emea.sentinelone.example", apiToken: canary };
const tenant = { name: "saas", vendor: "valence", region: "us", apiToken: canary };

const subscription = "aaaaaaaa-0000-0000-0000-000000000000";

const configs: Readonly<Record<string, () => Record<string, unknown>>> = {
  dev: () => stackFileConfig("dev", canary),
  staging: () => stackFileConfig("staging", canary),
  prod: () => stackFileConfig("prod", canary),
  local: () => ({ ...stackFileConfig("local", canary), connections: [emea, tenant] }),
  ...Object.fromEntries(scenarios.map((name) => [name, () => scenarioSettings(name, subscription, canary)])),
};
const inventoryOf = (stack: string) =>
  scenarios.some((name) => name === stack) ? `scenarios/${stack}/inventory.txt` : `inventory/${stack}.txt`;

const deployments: Record<string, MockDeployment> = {};
const deployed = (stack: string): MockDeployment => {
  const deployment = deployments[stack];
  if (!deployment) throw new Error(`Stack ${stack} was not evaluated.`);
  return deployment;
};

beforeAll(async () => {
  for (const [stack, config] of Object.entries(configs)) deployments[stack] = await deployMock(stack, config());
});

afterAll(() => {
  for (const stack of Object.keys(deployments)) delete deployments[stack];
});

describe.each(Object.keys(configs))("stack %s", (stack) => {
  test("has exactly the resources of its inventory", async () => {
    const lines = deployed(stack).resources.map(({ type, name }) => `${name}  ${type}`);
    await expect(`${lines.sort().join("\n")}\n`).toMatchFileSnapshot(inventoryOf(stack));
  });

  test("gives every resource the component that made it as parent", () => {
    const { resources } = deployed(stack);
    const owners = new Set(resources.filter(({ custom }) => !custom).map(({ name }) => name));
    const orphans = resources.filter(({ type, name, parent }) => {
      if (type === "pulumi:pulumi:Stack") return false;
      const owner = parent?.split("::").at(-1) ?? "";
      const expected = name === "connector" ? `sentinelone-valence-connector-${stack}` : "connector";
      return (
        !owners.has(owner) || !owner.startsWith(expected) || (name !== "connector" && !name.startsWith(`${owner}-`))
      );
    });
    expect(orphans).toEqual([]);
  });

  test("makes the SDK look for no type that no state of ours can hold", () => {
    expect(
      deployed(stack).resources.flatMap(({ otherTypes }) => otherTypes.filter((type) => type.includes("/v20"))),
    ).toEqual([]);
  });

  test("keeps to every policy", () => {
    const { rulesTellErrors, ...ofResources } = policies;
    const resources = deployed(stack).resources.map(({ type, name, inputs, dependencies }) => {
      return { key: name, type, props: inputs, dependencies };
    });
    const violations = resources.flatMap((resource) =>
      Object.values(ofResources).flatMap((rule) => rule(resource).map((violation) => `${resource.key}: ${violation}`)),
    );
    expect([...violations, ...rulesTellErrors(resources).keys()]).toEqual([]);
  });

  test("shows no token anywhere", () => {
    const { resources, outputs } = deployed(stack);
    const shown = resources.map(({ name, inputs }) => [name, withoutSecrets(inputs)]);
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(JSON.stringify(outputs)).not.toContain(canary);
  });

  test("keeps no token in the app's settings, and hides none of them", () => {
    const { siteConfig } = deployed(stack).get("connector-collector-func").inputs;
    expect(JSON.stringify(siteConfig)).not.toContain(canary);
    expect(JSON.stringify(siteConfig)).not.toContain(secretEnvelope);
  });
});

describe("tokens", () => {
  test("of stack config go into the vault, secret on their way", () => {
    const { properties } = deployed("dev").get("connector-vault-dev").inputs;
    expect(properties).toMatchObject({ value: { [secretEnvelope]: secretMark, value: canary } });
  });

  test("of a vault are never written, only opened to the worker", () => {
    const { resources } = deployed("prod");
    expect(resources.filter(({ type }) => type === "azure-native:keyvault:Secret")).toEqual([]);
    expect(deployed("prod").get("connector-vault-emea-reader").inputs).toMatchObject({
      scope: expect.stringMatching(/\/vaults\/kv-soc-prod\/secrets\/sentinelone-emea$/),
      roleDefinitionId: expect.stringMatching(/^\/subscriptions\/0{8}-.*4633458b-17de-408a-b874-0445c86b69e6$/),
      principalType: "ServicePrincipal",
    });
  });
});

describe("what Sentinel shows", () => {
  test("a workbook comes after the functions that it calls, and lies where Sentinel looks for it", () => {
    const { inputs, dependencies } = deployed("dev").get("connector-workbooks-sentinelone-overview");
    const source = String(inputs["sourceId"]);
    expect(inputs).toMatchObject({
      resourceGroupName: "rg-s1v-dev",
      category: "sentinel",
      kind: "shared",
      sourceId: expect.stringMatching(/^\/subscriptions\/.*\/workspaces\/log-s1v-dev$/i),
      resourceName: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
    expect(source).toBe(source.toLowerCase());
    expect(dependencies).toEqual(expect.arrayContaining(["connector-content-sentinelone-threats-latest"]));
  });

  test("workbooks of two stacks in one subscription have ids of their own", () => {
    const id = (stack: string) =>
      deployed(stack).get("connector-workbooks-sentinelone-overview").inputs["resourceName"];
    expect(id("dev")).not.toBe(id("staging"));
  });

  test("a vendor has a page where it is collected from", () => {
    const pages = (stack: string) =>
      deployed(stack).resources.flatMap(({ name }) => /^connector-pages-(\w+)$/.exec(name)?.[1] ?? []);
    expect(pages("dev")).toEqual(["sentinelone"]);
    expect(pages("local").sort()).toEqual(["sentinelone", "valence"]);
  });

  test("a page asks for the vendor's tables, and is replaced where it changes: Azure wants an etag for an update", () => {
    const page = deployed("local").get("connector-pages-valence");
    expect(page).toMatchObject({ replaceOnChanges: ["*"], deleteBeforeReplace: true });
    expect(page.inputs["connectorUiConfig"]).toMatchObject({
      graphQueries: [{ baseQuery: "ValenceAlerts_CL" }, { baseQuery: "ValenceAuditLogs_CL" }],
      dataTypes: [{ name: "ValenceAlerts_CL" }, { name: "ValenceAuditLogs_CL" }],
    });
  });
});

describe("what holds data", () => {
  const keeping = [
    "resources:ResourceGroup",
    "operationalinsights:Workspace",
    "operationalinsights:Table",
    "securityinsights:SentinelOnboardingState",
  ];
  const holders = (stack: string) =>
    deployed(stack).resources.filter(({ type }) => keeping.some((kind) => type === `azure-native:${kind}`));

  test("is protected, and stays when the stack goes", () => {
    // The resource group, the workspace, the vault, and a table for each stream.
    expect(holders("prod")).toHaveLength(3 + readCatalog().length);
    for (const { name, protect, retainOnDelete } of holders("prod")) {
      expect({ name, protect, retainOnDelete }).toEqual({ name, protect: true, retainOnDelete: true });
    }
    expect(deployed("prod").get("connector-vault-kv").inputs["properties"]).toMatchObject({
      enablePurgeProtection: true,
    });
  });

  test("goes with a stack that may be thrown away", () => {
    for (const { protect, retainOnDelete } of holders("local")) expect(protect || retainOnDelete).toBe(false);
    expect(deployed("local").get("connector-vault-kv").inputs["properties"]).not.toHaveProperty(
      "enablePurgeProtection",
    );
  });
});

test("an existing workspace is used as it is: neither created nor onboarded, its tables beside it", async () => {
  const workspaceId =
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/log-soc";
  const content = { enabled: "off" };
  const deployment = await deployMock("dev", { location: "westeurope", connections: [emea], workspaceId, content });
  const types = deployment.resources.map(({ type }) => type);
  expect(types).not.toContain("azure-native:operationalinsights:Workspace");
  expect(types).not.toContain("azure-native:securityinsights:SentinelOnboardingState");
  expect(deployment.get("connector-streams-sentinelone-threats-table").inputs).toMatchObject({
    resourceGroupName: "rg-soc",
    workspaceName: "log-soc",
  });
  // Azure takes rows in the workspace's own region only.
  expect(deployment.get("connector-streams-dce").inputs["location"]).toBe("northeurope");
  expect(deployment.get("connector-streams-valence-events-dcr").inputs["location"]).toBe("northeurope");
  expect(deployment.get("connector-collector-func").inputs["location"]).toBe("westeurope");
  expect(deployment.outputs).toMatchObject({ workspaceResourceId: workspaceId, resourceGroupName: "rg-s1v-dev" });
});

test("wrong settings stop the program before any resource exists", async () => {
  const registered: string[] = [];
  const evaluation = deployMock(
    "dev",
    { location: "West Europe", connections: [{ ...emea, url: "x" }] },
    { onRegister: (name) => registered.push(name) },
  );
  await expect(evaluation).rejects.toThrow(/2 settings of stack "dev" are wrong/);
  expect(registered.filter((name) => name !== "sentinelone-valence-connector-dev")).toEqual([]);
});

test("a preview shows every resource that an update will make", async () => {
  const names = ({ resources }: MockDeployment) => resources.map(({ name }) => name).sort();
  expect(names(await deployMock("dev", configs["dev"]?.() ?? {}, { preview: true }))).toEqual(names(deployed("dev")));
});

test("the outputs are those that people and tools rely on", () => {
  expect(Object.keys(deployed("prod").outputs).sort()).toEqual([
    "asimLinesToAdd",
    "bundle",
    "cloud",
    "collection",
    "connections",
    "functionAppName",
    "identityPrincipalId",
    "ingestionEndpoint",
    "natGateway",
    "publishingHost",
    "queueEndpoint",
    "resourceGroupName",
    "stateTableEndpoint",
    "storageAccountName",
    "valencePush",
    "vaultUri",
    "workspaceId",
    "workspaceResourceId",
  ]);
});

const secretEnvelope = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** The inputs as state shows them: what is in Pulumi's envelope is encrypted there. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[secretEnvelope] === secretMark) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutSecrets(part)]));
}
