import { expect, test } from "vitest";
import { appOn, refusal, subscription, valid } from "../subscription.ts";

const { functionAppConfig } = appOn("");
const { deployment, runtime } = functionAppConfig;

async function withPlan() {
  const made = await subscription("group", "identity", "plan");
  const app = {
    ...appOn(made.known.plan.id),
    identity: { type: "UserAssigned", userAssignedIdentities: [made.known.identity.id] },
    siteConfig: { appSettings: [{ name: "WORK_QUEUE", value: "collect" }] },
  };
  return { ...made, app };
}

test("an app has its hosts, its identities by id, and keeps its settings to itself", async () => {
  const { cloud, create, known, app } = await withPlan();
  const { id, outputs } = await create("app", app);
  expect(outputs).toMatchObject({
    defaultHostName: "fn-one.azurewebsites.net",
    hostNameSslStates: [
      { hostType: "Standard", name: "fn-one.azurewebsites.net" },
      { hostType: "Repository", name: "fn-one.scm.azurewebsites.net" },
    ],
    identity: {
      type: "UserAssigned",
      userAssignedIdentities: { [known.identity.id]: { clientId: known.identity.outputs["clientId"] } },
    },
  });
  expect(JSON.stringify(outputs)).not.toContain("WORK_QUEUE");
  expect(cloud.deployed.site("fn-one.scm.azurewebsites.net")).toEqual({
    id,
    name: "fn-one",
    scmHost: "fn-one.scm.azurewebsites.net",
    appSettings: { WORK_QUEUE: "collect" },
    identities: [known.identity.outputs["clientId"]],
    runtime: { name: "node", version: "24" },
  });
});

const setting = (name: string) => ({ siteConfig: { appSettings: [{ name, value: "x" }] } });
const scale = (scaleAndConcurrency: object) => ({ functionAppConfig: { ...functionAppConfig, scaleAndConcurrency } });

test.each([
  // Azure Functions docs, functions-infrastructure-as-code
  ["no functionAppConfig", { functionAppConfig: undefined }, "FunctionAppConfig section was not specified"],
  ["no deployment storage", { functionAppConfig: { runtime } }, "FunctionAppConfig.Deployment.Storage"],
  ["no runtime", { functionAppConfig: { deployment } }, "FunctionAppConfig.Runtime"],
  ["kind functionapp", { kind: "functionapp" }, "'functionapp' is not valid"],
  // Azure Functions docs, supported languages: Node 20 ended in April 2026
  [
    "Node 20",
    { functionAppConfig: { ...functionAppConfig, runtime: { name: "node", version: "20" } } },
    "'20' is not valid",
  ],
  // Azure Functions docs, flex-consumption-plan
  ["1,024 MB", scale({ instanceMemoryMB: 1024 }), "allowed are 512, 2048, 4096"],
  ["no instance", scale({ maximumInstanceCount: 0 }), "0 is not valid: 1 to 1000"],
  ["1,001 instances", scale({ maximumInstanceCount: 1001 }), "1001 is not valid: 1 to 1000"],
  // Microsoft's azure-skills, consumption-to-flex
  ["FUNCTIONS_WORKER_RUNTIME", setting("FUNCTIONS_WORKER_RUNTIME"), "AppSettings.FUNCTIONS_WORKER_RUNTIME"],
  ["FUNCTIONS_EXTENSION_VERSION", setting("FUNCTIONS_EXTENSION_VERSION"), "AppSettings.FUNCTIONS_EXTENSION_VERSION"],
  ["WEBSITE_RUN_FROM_PACKAGE", setting("WEBSITE_RUN_FROM_PACKAGE"), "AppSettings.WEBSITE_RUN_FROM_PACKAGE"],
  ["WEBSITE_CONTENTSHARE", setting("WEBSITE_CONTENTSHARE"), "AppSettings.WEBSITE_CONTENTSHARE"],
  ["WEBSITE_TIME_ZONE", setting("WEBSITE_TIME_ZONE"), "AppSettings.WEBSITE_TIME_ZONE"],
  ["linuxFxVersion", { siteConfig: { linuxFxVersion: "Node|24" } }, "LinuxFxVersion"],
  ["alwaysOn", { siteConfig: { alwaysOn: true } }, "AlwaysOn"],
])("a Flex Consumption app with %s is refused", async (_, inputs, message) => {
  const { create, app } = await withPlan();
  await expect(create("app", { ...app, ...inputs })).rejects.toEqual(refusal(400, "BadRequest", message));
});

test("an app on another plan may have what a Flex Consumption app may not", async () => {
  const { create, app } = await withPlan();
  const plan = await create("plan", { ...valid.plan, name: "plan-two", sku: { name: "EP1", tier: "ElasticPremium" } });
  await create("app", {
    ...app,
    ...setting("FUNCTIONS_WORKER_RUNTIME"),
    serverFarmId: plan.id,
    functionAppConfig: undefined,
  });
});

test.each([
  ["plan", { serverFarmId: "/subscriptions/s/none" }, "NotFound", "Cannot find server farm"],
  [
    "identity",
    { identity: { type: "UserAssigned", userAssignedIdentities: ["/none"] } },
    "ResourceNotFound",
    "'/none'",
  ],
])("an app needs its %s", async (_, inputs, code, message) => {
  const { create, app } = await withPlan();
  await expect(create("app", { ...app, ...inputs })).rejects.toEqual(refusal(404, code, message));
});

// Azure Functions docs, functions-scale
test("a Flex Consumption plan holds one app", async () => {
  const { create, app } = await withPlan();
  await create("app", app);
  await expect(create("app", { ...app, name: "fn-two" })).rejects.toEqual(refusal(409, "Conflict", "holds fn-one"));
});

test("an app's name is taken in every resource group", async () => {
  const { create, app } = await withPlan();
  await create("app", app);
  await create("group", { ...valid.group, resourceGroupName: "rg-other" });
  await expect(create("app", { ...app, resourceGroupName: "rg-other" })).rejects.toEqual(
    refusal(409, "Conflict", "fn-one already exists"),
  );
});

// Azure Functions docs, flex-consumption-plan: Linux only
test("a Flex Consumption plan is a Linux plan", async () => {
  const { create } = await subscription("group");
  await expect(create("plan", { ...valid.plan, reserved: false })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", "reserved has to be true"),
  );
});

test("a plan is not deleted under its app", async () => {
  const { create, remove, known, app } = await withPlan();
  const site = await create("app", app);
  await expect(remove("plan", known.plan)).rejects.toEqual(refusal(409, "Conflict", "fn-one"));
  await remove("app", site);
  await remove("plan", known.plan);
});
