import { afterEach, beforeEach, expect, test } from "vitest";
import { FunctionApps } from "./function-apps.ts";

let apps: FunctionApps;
beforeEach(async () => {
  apps = await FunctionApps.start();
});
afterEach(() => apps[Symbol.asyncDispose]());

const collect = (body: string) => `
  app.storageQueue("collect", { queueName: "work", connection: "WorkQueue", handler: async (message, context) => { ${body} } });`;

const queues = (settings: object) => ({ hostJson: { extensions: { queues: settings } } });

async function poisoned(): Promise<readonly string[]> {
  const { receivedMessageItems } = await apps.queue("work-poison").receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, "base64").toString());
}

test("a message whose function fails is tried as often as host.json says, then moved to the poison queue unchanged", async () => {
  await apps.deploy(
    collect(`
      context.log("try " + context.triggerMetadata.dequeueCount);
      if (message.bad) throw new Error("cannot do it");`),
    queues({ maxDequeueCount: 3 }),
  );
  await apps.send("work", { bad: true }, { bad: false });
  await apps.host.whenIdle();
  expect([...apps.logged("try ")].sort()).toEqual(["1", "1", "2", "3"]);
  expect(await poisoned()).toEqual(['{"bad":true}']);
  expect(apps.logs).toContainEqual(
    expect.objectContaining({ level: "error", message: expect.stringContaining("cannot do it") }),
  );
});

test("a message in the wrong encoding never reaches the function", async () => {
  await apps.deploy(collect(`context.log("ran");`));
  await apps.queue("work").sendMessage("{ not base64 }");
  await apps.host.whenIdle();
  expect(apps.logs.map(({ message }) => message)).not.toContain("ran");
  const { receivedMessageItems } = await apps.queue("work-poison").receiveMessages();
  expect(receivedMessageItems[0]?.messageText).toBe("{ not base64 }");
});

test("text that host.json calls plain is passed as it is", async () => {
  await apps.deploy(collect(`context.log("got " + JSON.stringify(message));`), queues({ messageEncoding: "none" }));
  await apps.queue("work").sendMessage("plain text");
  await apps.host.whenIdle();
  expect(apps.logged("got ")).toEqual(['"plain text"']);
});

test("a batch runs side by side, and the next one starts when it is done", async () => {
  // Each message waits until a second one runs: only side by side do they end.
  await apps.deploy(
    `let running = [], meet = [];
    ${collect(`
      running.push(message);
      context.log("running " + running.length);
      await new Promise((resolve) => { meet.push(resolve); if (meet.length === 2) meet.splice(0).forEach((go) => go()); });
      running.pop();`)}`,
    queues({ batchSize: 2, newBatchThreshold: 0 }),
  );
  await apps.send("work", 1, 2, 3, 4);
  await apps.host.whenIdle();
  expect([...apps.logged("running ")].sort()).toEqual(["1", "1", "2", "2"]);
});

test("a worker that is killed in mid-message is started again, and gets the message again", async () => {
  await apps.deploy(
    collect(`
      context.log("try " + context.triggerMetadata.dequeueCount);
      if (context.triggerMetadata.dequeueCount === 1) await new Promise(() => {});`),
  );
  await apps.send("work", 1);
  await apps.until("try 1");
  apps.host.kill("func-test", "SIGKILL");
  await apps.host.whenIdle();
  expect(apps.logged("try ")).toEqual(["1", "2"]);
});

test("a function that exceeds functionTimeout is ended with its worker, and its message tried again", async () => {
  await apps.deploy(collect(`if (context.triggerMetadata.dequeueCount === 1) await new Promise(() => {});`), {
    hostJson: { functionTimeout: "00:00:00.1" },
  });
  await apps.send("work", 1);
  await apps.host.whenIdle();
  expect(apps.logs).toContainEqual(
    expect.objectContaining({
      function: "collect",
      message: expect.stringContaining("exceeded functionTimeout (0.1 s)"),
    }),
  );
});

test("without a role on the queue the host says so and runs nothing; with it, it goes on", async () => {
  apps.cloud.revoke(apps.principal, queueContributor);
  await apps.deploy(collect(`context.log("ran");`));
  await apps.send("work", 1);
  await apps.until('Queue "work" cannot be read: AuthorizationPermissionMismatch: Unexpected status code: 403');
  await expect(apps.host.whenIdle()).rejects.toThrow("AuthorizationPermissionMismatch");
  expect(apps.logs.map(({ message }) => message)).not.toContain("ran");

  apps.cloud.grant(apps.principal, queueContributor, apps.cloud.group);
  await apps.until("ran");
});

const queueContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
