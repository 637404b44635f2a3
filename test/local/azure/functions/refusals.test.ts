import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { FunctionApps } from "./function-apps.ts";

/** Packages and sites that Azure would not run, or would run in silence without doing anything. */
let apps: FunctionApps;
beforeAll(async () => {
  apps = await FunctionApps.start();
});
afterAll(() => apps[Symbol.asyncDispose]());

const timer = `app.timer("any", { schedule: "0 0 0 * * *", handler: () => {} });`;
const queue = `app.storageQueue("collect", { queueName: "work", connection: "WorkQueue", handler: () => {} });`;
const noBundle = { hostJson: { extensionBundle: undefined } };

test.each([
  ["a queue trigger without the extension bundle", queue, noBundle, 'host.json has no "extensionBundle"'],
  [
    "a queue output without the extension bundle",
    `app.timer("any", { schedule: "0 0 0 * * *", handler: () => {},
      return: output.storageQueue({ queueName: "work", connection: "WorkQueue" }) });`,
    noBundle,
    "queue output would never run",
  ],
  ["no function at all", "", {}, "registers nothing"],
  ["an entry that throws", `throw new Error("CONNECTIONS is missing")`, {}, "CONNECTIONS is missing"],
  ["no entry", timer, { packageJson: { main: undefined } }, 'package.json has no "main"'],
  ["an entry that is not there", timer, { packageJson: { main: "dist/main.js" } }, "Cannot find module"],
  ["two functions of one name", timer + timer, {}, 'two functions named "any"'],
  [
    "a trigger of another kind",
    `app.http("web", { handler: () => {} });`,
    {},
    'trigger "httpTrigger" is not supported',
  ],
  [
    "a schedule that is no schedule",
    `app.timer("any", { schedule: "every minute", handler: () => {} });`,
    {},
    '"every minute" is not NCRONTAB',
  ],
  [
    "a setting that is not there",
    `app.storageQueue("collect", { queueName: "%NO_QUEUE%", connection: "WorkQueue", handler: () => {} });`,
    {},
    "%NO_QUEUE% does not resolve",
  ],
  [
    "a connection that is not there",
    `app.storageQueue("collect", { queueName: "work", connection: "Other", handler: () => {} });`,
    {},
    "Other__queueServiceUri is missing",
  ],
  ["a batch that is too large", queue, { hostJson: { extensions: { queues: { batchSize: 33 } } } }, "batchSize"],
  ["a time span that is none", timer, { hostJson: { functionTimeout: "30 minutes" } }, '"30 minutes" is no time span'],
])("%s is refused", async (_, main, options, message) => {
  await expect(apps.deploy(main, options)).rejects.toThrow(message);
  expect(apps.host.functions("func-test")).toEqual([]);
});

const account = () => apps.cloud.accounts[0]?.id ?? "";
const settings = (changed: Record<string, string | undefined>) => {
  const all = Object.entries({ ...apps.site.appSettings, ...changed });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
};

test.each([
  ["another runtime", () => ({ runtime: { name: "node", version: "22" } }), "node 22; the local host has node 24"],
  [
    "a host without storage",
    () => ({ appSettings: settings({ AzureWebJobsStorage__accountName: undefined }) }),
    "The host has no storage",
  ],
  [
    "storage that is not there",
    () => ({ appSettings: settings({ AzureWebJobsStorage__accountName: "stother" }) }),
    "no storage account stother",
  ],
  ["an identity that the app does not have", () => ({ identities: [] }), "AzureWebJobsStorage__clientId: no identity"],
  [
    "a setting that only Key Vault knows",
    () => ({
      appSettings: settings({ TOKEN: "@Microsoft.KeyVault(SecretUri=https://kv-x.vault.azure.net/secrets/a)" }),
    }),
    "TOKEN is a Key Vault reference",
  ],
  [
    "a queue by connection string",
    () => ({ appSettings: settings({ WorkQueue__queueServiceUri: undefined, WorkQueue: "AccountKey=" }) }),
    "WorkQueue is a connection string",
  ],
])("%s is refused", async (_, change, message) => {
  const error = await apps.deploy(queue, {}, { ...apps.site, ...change() }).catch((error: unknown) => error);
  expect(error).toMatchObject({ message: expect.stringContaining(message) });
});

test("a host that may not use its storage is refused, at deployment and at each timer", async () => {
  apps.cloud.revoke(apps.principal, builtInRoles.storageBlobDataOwner);
  await expect(apps.deploy(timer)).rejects.toThrow("lacks the role Storage Blob Data Owner on stfunctions");
  apps.cloud.grant(apps.principal, builtInRoles.storageBlobDataOwner, account());
  await apps.deploy(timer);
  await apps.host.runTimer("func-test", "any");
  apps.cloud.revoke(apps.principal, builtInRoles.storageBlobDataOwner);
  await expect(apps.host.runTimer("func-test", "any")).rejects.toThrow("lacks the role");
  apps.cloud.grant(apps.principal, builtInRoles.storageBlobDataOwner, account());
});

test("a timer that is not there is named, with those that are", async () => {
  await apps.deploy(timer);
  await expect(apps.host.runTimer("func-test", "other")).rejects.toThrow('no timer function "other". It has: any.');
});

test.each(["host.json", "package.json"])("a package without %s is refused", async (file) => {
  const folder = await apps.unpackedPackage(timer);
  await rm(join(folder, file));
  await expect(apps.host.deploy(apps.site, folder)).rejects.toThrow(`no ${file} at its root`);
});
