import { app, type InvocationContext, output } from "@azure/functions";
import { readSettings, type StreamRoutes } from "./environment.ts";
import { CollectionError } from "./errors.ts";
import type { CollectMessage } from "./state/entities.ts";
import { createWorker, type Log } from "./worker.ts";
import { holdYoungGeneration } from "./young-generation.ts";

/** Put in by the bundler. */
declare const STREAM_ROUTES: StreamRoutes;
declare const BUNDLE_VERSION: string;

holdYoungGeneration();
const worker = createWorker({
  settings: readSettings(process.env),
  routes: STREAM_ROUTES,
  bundleVersion: BUNDLE_VERSION,
});

// The process ends right behind the hook; and a platform in a hurry sends the signal alone.
app.hook.appTerminate(() => worker.stop());
process.once("SIGTERM", () => void worker.stop().finally(() => process.exit(0)));

const logTo =
  (context: InvocationContext): Log =>
  (level, message) =>
    context[level](message);

app.timer("schedule", {
  schedule: "0 * * * * *",
  return: output.storageQueue({ queueName: "%WORK_QUEUE%", connection: "WorkQueue" }),
  handler: async (_, context): Promise<CollectMessage[]> => {
    try {
      return await worker.schedule(context.invocationId, logTo(context));
    } catch (error) {
      if (!(error instanceof CollectionError)) throw error;
      context.error(`Nothing is queued this time. ${error.message}`);
      return [];
    }
  },
});

app.storageQueue<CollectMessage>("collect", {
  queueName: "%WORK_QUEUE%",
  connection: "WorkQueue",
  handler: (message, context) => worker.collect(message, context.invocationId, logTo(context)),
});
