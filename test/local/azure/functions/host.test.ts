import { afterEach, beforeEach, expect, test } from "vitest";
import { FunctionApps } from "./function-apps.ts";

let apps: FunctionApps;
beforeEach(async () => {
  apps = await FunctionApps.start();
});
afterEach(() => apps[Symbol.asyncDispose]());

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
