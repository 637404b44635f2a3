import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fault } from "../../../../local/azure/network/front.ts";
import { FunctionApps } from "./function-apps.ts";

let apps: FunctionApps;
let fault: Fault | undefined;
beforeAll(async () => {
  apps = await FunctionApps.start({ fault: (request, host) => fault?.(request, host) });
});
afterEach(() => apps.reset());
afterAll(() => apps[Symbol.asyncDispose]());

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

test("a failed message is not seen again before its time, and the last failure does not wait for it", async () => {
  const later = { visibilityTimeout: "01:00:00" };
  await apps.deploy(collect(`throw new Error("cannot do it");`), queues({ ...later, maxDequeueCount: 1 }));
  await apps.send("work", 1);
  await apps.host.whenIdle();
  expect(await poisoned()).toEqual(["1"]);

  // One by one: the second message is had when the first one has been dealt with.
  await apps.deploy(
    collect(`context.log("tried " + message); if (message === 2) throw new Error("cannot do it");`),
    queues({ ...later, maxDequeueCount: 2, batchSize: 1, newBatchThreshold: 0 }),
  );
  await apps.send("work", 2, 3);
  await apps.until("tried 3");
  expect((await apps.queue("work").peekMessages()).peekedMessageItems).toEqual([]);
  expect(apps.logged("tried ")).toEqual(["2", "3"]);
});

test("a batch runs side by side, and the next one is fetched when it is done", async () => {
  // Functions end when the test answers them.
  const held: ServerResponse[] = [];
  const two = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    held.push(response);
    if (held.length === 2) two.resolve();
    if (held.length > 2) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await apps.send("work", 1, 2, 3, 4);
  await apps.deploy(
    collect(`await (await fetch("http://127.0.0.1:${port}")).text();`),
    queues({ batchSize: 2, newBatchThreshold: 0 }),
  );
  await two.promise;
  const waiting = await apps.queue("work").peekMessages({ numberOfMessages: 32 });
  expect(waiting.peekedMessageItems.length).toBe(2);
  for (const response of held) response.end();
  await apps.host.whenIdle();
  expect(held.length).toBe(4);
  server.closeAllConnections();
  server.close();
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

test("a storage service that fails for a while delays the messages, and nobody who waits for them", async () => {
  let failures = 3;
  await apps.deploy(collect(`context.log("ran");`));
  fault = ({ method }, host) => {
    if (method !== "GET" || !host.includes(".queue.") || failures === 0) return undefined;
    failures -= 1;
    return failures === 0 ? { kind: "reset" } : { kind: "answer", response: new Response(null, { status: 503 }) };
  };
  await apps.send("work", 1);
  await apps.host.whenIdle();
  fault = undefined;
  expect(failures).toBe(0);
  expect(apps.logged("ran")).toEqual([""]);
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
