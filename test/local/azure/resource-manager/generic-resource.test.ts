import { expect, test } from "vitest";
import { createAzureProvider } from "../../../../local/azure/resource-manager/azure-provider.ts";
import { fakeCloud } from "../fake-cloud.ts";
import { refusal } from "./subscription.ts";

const type = "azure-native:resources:Resource";
const place = { resourceGroupName: "rg", location: "usgovvirginia" };
const api = { apiVersion: "2024-04-01", resourceProviderNamespace: "Microsoft.Web", parentResourcePath: "" };
const plan = {
  ...place,
  ...api,
  resourceType: "serverfarms",
  resourceName: "plan-one",
  kind: "elastic",
  sku: { name: "EP1", tier: "ElasticPremium" },
  properties: { reserved: true },
};
const siteConfig = { linuxFxVersion: "Node|24", appSettings: [{ name: "WORK_QUEUE", value: "collect" }] };
const app = (serverFarmId: string) => ({
  ...place,
  ...api,
  resourceType: "sites",
  resourceName: "fn-one",
  kind: "functionapp,linux",
  properties: { serverFarmId, httpsOnly: true, siteConfig },
});

async function government() {
  const cloud = fakeCloud(undefined, "usgovernment");
  const provider = createAzureProvider(cloud);
  await provider.create("azure-native:resources:ResourceGroup", place);
  const create = async (inputs: Record<string, unknown>, of = type) => ({
    inputs,
    ...(await provider.create(of, inputs)),
  });
  return { cloud, provider, create };
}

test("an app that is sent in ARM's own words is an app like every other", async () => {
  const { cloud, create } = await government();
  const { id, outputs } = await create(app((await create(plan)).id));
  expect(outputs).toMatchObject({
    name: "fn-one",
    type: "Microsoft.Web/sites",
    kind: "functionapp,linux",
    properties: {
      defaultHostName: "fn-one.azurewebsites.us",
      httpsOnly: true,
      siteConfig: { linuxFxVersion: "Node|24" },
    },
  });
  expect(JSON.stringify(outputs)).not.toContain("WORK_QUEUE");
  expect(cloud.deployed.sites()).toMatchObject([
    {
      id,
      scmHost: "fn-one.scm.azurewebsites.us",
      appSettings: { WORK_QUEUE: "collect" },
      runtime: { name: "node", version: "24" },
    },
  ]);
});

test("it is read as it was sent, changed in place, and deleted", async () => {
  const { cloud, provider, create } = await government();
  const made = await create(app((await create(plan)).id));
  const read = await provider.read(type, made.id, made);
  expect(read?.inputs).toEqual(made.inputs);
  const changed = { ...made.inputs, properties: { ...(made.inputs["properties"] as object), httpsOnly: false } };
  expect(await provider.diff(type, made, changed)).toEqual({
    changed: ["properties.httpsOnly"],
    replaces: [],
    deleteBeforeReplace: false,
  });
  expect(await provider.diff(type, made, { ...made.inputs, resourceName: "fn-two" })).toMatchObject({
    replaces: ["resourceName"],
    deleteBeforeReplace: false,
  });
  await provider.update(type, made, changed);
  expect((await provider.read(type, made.id, made))?.inputs).toEqual(changed);
  await provider.delete(type, made);
  expect(cloud.deployed.sites()).toEqual([]);
});

// Azure Resource Manager docs, error-register-resource-provider; azure-cli issue 31943
test("US Government has no later API of App Service than that of April 2024", async () => {
  const { create } = await government();
  const refused = refusal(400, "NoRegisteredProviderFound", "The newest supported api-version is '2024-04-01'");
  await expect(create({ ...plan, apiVersion: "2024-11-01" })).rejects.toEqual(refused);
  const typed = { ...place, name: "plan-one", kind: "elastic", reserved: true, sku: plan.sku };
  await expect(create(typed, "azure-native:web:AppServicePlan")).rejects.toEqual(refused);
});

// Microsoft's azure-skills, consumption-to-flex
test("US Government has no Flex Consumption", async () => {
  const { create } = await government();
  const flex = { ...plan, sku: { name: "FC1", tier: "FlexConsumption" } };
  await expect(create(flex)).rejects.toEqual(refusal(400, "BadRequest", "FlexConsumption is not available in usgov"));
});

test("a region of another cloud is none of this one's", async () => {
  const { create } = await government();
  await expect(create({ ...plan, location: "westeurope" })).rejects.toEqual(
    refusal(400, "LocationNotAvailableForResourceType", "usgovvirginia"),
  );
});

test("a type that nobody sends so is told by its name", async () => {
  const { create } = await government();
  await expect(create({ ...plan, resourceType: "staticSites" })).rejects.toThrow("Microsoft.Web/staticSites");
});
