import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FunctionApps } from "./function-apps.ts";

let apps: FunctionApps;
beforeAll(async () => {
  apps = await FunctionApps.start();
});
afterEach(() => apps.reset());
afterAll(() => apps[Symbol.asyncDispose]());

test("a timer hands its work to a queue, and the queue's function gets it with its metadata", async () => {
  await apps.deploy(`
    const work = output.storageQueue({ queueName: "%WORK_QUEUE%", connection: "WorkQueue" });
    app.timer("schedule", {
      schedule: "0 * * * * *",
      extraOutputs: [work],
      handler: (timer, context) => {
        context.log("timer " + JSON.stringify([timer.isPastDue, typeof timer.scheduleStatus.next]));
        context.extraOutputs.set(work, [{ stream: "a" }, { stream: "ü" }]);
      },
    });
    app.storageQueue("collect", {
      queueName: "%WORK_QUEUE%",
      connection: "WorkQueue",
      handler: (message, context) => context.log("got " + JSON.stringify([message, context.triggerMetadata.dequeueCount])),
    });`);
  await apps.host.runTimer("func-test", "schedule");
  await apps.host.whenIdle();
  expect(apps.logged("timer ")).toEqual(['[false,"string"]']);
  expect([...apps.logged("got ")].sort()).toEqual(['[{"stream":"a"},1]', '[{"stream":"ü"},1]']);
  expect(apps.host.functions("func-test").map(({ name }) => name)).toEqual(["schedule", "collect"]);
});

test("what a function returns goes to its return binding", async () => {
  await apps.deploy(`
    app.timer("schedule", {
      schedule: "0 * * * * *",
      return: output.storageQueue({ queueName: "made", connection: "WorkQueue" }),
      handler: () => [{ stream: "a" }, "b"],
    });`);
  await apps.host.runTimer("func-test", "schedule");
  const { receivedMessageItems } = await apps.queue("made").receiveMessages({ numberOfMessages: 32 });
  const texts = receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, "base64").toString());
  expect(texts).toEqual(['{"stream":"a"}', "b"]);
});

test("a function that fails tells whoever fired it, and the log", async () => {
  await apps.deploy(
    `app.timer("fails", { schedule: "0 * * * * *", handler: () => { throw new Error("cannot do it"); } });`,
  );
  await expect(apps.host.runTimer("func-test", "fails")).rejects.toThrow("cannot do it");
  expect(apps.logs).toContainEqual(
    expect.objectContaining({
      app: "func-test",
      function: "fails",
      level: "error",
      message: expect.stringContaining("cannot do it"),
    }),
  );
});

test("hooks of the app run around its functions", async () => {
  await apps.deploy(`
    app.hook.appStart(() => console.log("hook start"));
    app.hook.preInvocation((hook) => { hook.hookData.name = hook.invocationContext.functionName; });
    app.hook.postInvocation((hook) => { console.log("hook " + hook.hookData.name + " " + hook.error.message); hook.error = null; });
    app.timer("fails", { schedule: "0 * * * * *", handler: () => { throw new Error("cannot do it"); } });`);
  await apps.host.runTimer("func-test", "fails");
  await apps.until("hook fails cannot do it");
  expect(apps.logged("hook ")).toEqual(["start", "fails cannot do it"]);
});
