import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { FunctionApps } from "./function-apps.ts";

let apps: FunctionApps;
beforeEach(async () => {
  apps = await FunctionApps.start();
});
afterEach(() => apps[Symbol.asyncDispose]());

const waits = `
  const ending = new AbortController();
  app.hook.appTerminate(() => ending.abort());
  app.storageQueue("collect", {
    queueName: "work",
    connection: "WorkQueue",
    handler: async (message, context) => {
      context.log("running");
      await new Promise((resolve) => (message.stubborn ? undefined : ending.signal.addEventListener("abort", resolve)));
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      context.log("finished");
    },
  });`;

/** How often the queue's messages were handed out, of those that can be had now. */
async function waiting(): Promise<readonly number[]> {
  const { receivedMessageItems } = await apps.queue("work").receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ dequeueCount }) => dequeueCount);
}

test("an app that is stopped hears of it, finishes what it does, and its message is done", async () => {
  await apps.deploy(waits);
  await apps.send("work", {});
  await apps.until("running");
  await apps.stopService(60_000);
  expect(apps.logs.map(({ message }) => message)).toContain("finished");
  expect((await apps.queue("work").getProperties()).approximateMessagesCount).toBe(0);
});

test("an app that does not finish in time is ended, and its message can be had again at once", async () => {
  await apps.deploy(waits, { hostJson: { extensions: { queues: { visibilityTimeout: "01:00:00" } } } });
  await apps.send("work", { stubborn: true });
  await apps.until("running");
  await apps.stopService(10);
  expect(apps.logs.map(({ message }) => message)).not.toContain("finished");
  expect(await waiting()).toEqual([2]);
});

test("a change of settings restarts the app with them; a site that is deleted ends", async () => {
  await apps.deploy(
    `app.timer("show", { schedule: "0 0 0 * * *", handler: (_, context) => context.log("set to " + process.env.SINCE) });`,
  );
  await apps.host.runTimer("func-test", "show");
  apps.cloud.putSite({ ...apps.site, appSettings: { ...apps.site.appSettings, SINCE: "7d" } });
  await apps.host.runTimer("func-test", "show");
  apps.cloud.putSite(apps.site);
  await apps.host.runTimer("func-test", "show");
  expect(apps.logged("set to ")).toEqual(["undefined", "7d", "undefined"]);

  apps.cloud.removeSite("func-test");
  await apps.host.whenIdle();
  await expect(apps.host.runTimer("func-test", "show")).rejects.toThrow('No function app "func-test" runs');
});

test("timers fire on their schedule", async () => {
  await apps.stopService();
  await using scheduled = await FunctionApps.start({ timers: "scheduled" });
  await scheduled.deploy(
    `app.timer("tick", { schedule: "* * * * * *", handler: (_, context) => context.log("tick") });`,
  );
  await scheduled.until("tick");
});

test("apps that are held do nothing until they are released, and then also those that could not start", async () => {
  await using held = await FunctionApps.start({ held: true });
  await held.send("work", {});
  const main = `app.storageQueue("collect", { queueName: "work", connection: "WorkQueue", handler: (_, context) => context.log("ran") });`;
  await held.deploy(main);
  await held.host.whenIdle();
  expect((await held.queue("work").peekMessages()).peekedMessageItems.length).toBe(1);

  await held.stopService();
  await held.startService();
  const owner = builtInRoles.storageBlobDataOwner;
  held.cloud.revoke(held.principal, owner);
  await expect(held.host.restore(held.site, await held.unpackedPackage(main))).rejects.toThrow("lacks the role");
  held.cloud.grant(held.principal, owner, held.cloud.group);
  held.host.release();
  await held.until("ran");
});

test("the worker's environment is the app's settings and what Azure adds, and nothing of the developer's", async () => {
  process.env["AZURE_FEDERATED_TOKEN_FILE"] = "/somewhere";
  try {
    await apps.deploy(`console.log("environment " + JSON.stringify(process.env));
      app.timer("any", { schedule: "0 0 0 * * *", handler: () => {} });`);
  } finally {
    delete process.env["AZURE_FEDERATED_TOKEN_FILE"];
  }
  const environment = JSON.parse(apps.logged("environment ")[0] ?? "") as Record<string, string>;
  expect(environment).toMatchObject({
    ...apps.site.appSettings,
    WEBSITE_SITE_NAME: "func-test",
    FUNCTIONS_WORKER_RUNTIME: "node",
    TZ: "UTC",
  });
  expect(environment).not.toHaveProperty("AZURE_FEDERATED_TOKEN_FILE");
});

test("the worker's own Azure SDKs get the app's identity and reach the local Azure by its real names", async () => {
  await apps.deploy(`
    const { ManagedIdentityCredential } = require("@azure/identity");
    const { QueueClient } = require("@azure/storage-queue");
    app.timer("sdk", { schedule: "0 0 0 * * *", handler: async (_, context) => {
      const credential = new ManagedIdentityCredential({ clientId: process.env.WorkQueue__clientId });
      const queue = new QueueClient(process.env.WorkQueue__queueServiceUri + "/work", credential);
      context.log("there " + (await queue.exists()));
      await fetch("https://console.example/").catch((error) => context.log("outside " + error.cause.code));
    } });`);
  await apps.host.runTimer("func-test", "sdk");
  expect(apps.logged("there ")).toEqual(["true"]);
  expect(apps.logged("outside ")).toEqual(["ERR_OUTSIDE_LOCAL_AZURE"]);
});

test("a worker whose host is gone ends, and does not go on uploading", async () => {
  const folder = await apps.unpackedPackage(`app.timer("any", { schedule: "0 0 0 * * *", handler: () => {} });`);
  const worker = fork(join(import.meta.dirname, "../../../../local/azure/functions/worker-shim.cjs"), [folder]);
  const [ready] = (await once(worker, "message")) as [{ kind: string }];
  expect(ready.kind).toBe("ready");
  worker.disconnect();
  expect(await once(worker, "exit")).toEqual([1, null]);
});
