import { z } from "zod";

/** A .NET time span, `hh:mm:ss` or `d.hh:mm:ss`, as milliseconds. */
const timeSpan = z.string().transform(readTimeSpan);
/** `-1` is without bound. */
const timeLimit = z.string().transform((text, context) => (text === "-1" ? Infinity : readTimeSpan(text, context)));

function readTimeSpan(text: string, context: z.RefinementCtx<string>): number {
  const [, days = "0", hours, minutes, seconds] = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) >= 60) {
    context.addIssue({ code: "custom", message: `"${text}" is no time span: write hh:mm:ss` });
    return z.NEVER;
  }
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** Source: "host.json reference for Azure Functions 2.x and later", and "Azure Queue storage trigger and bindings", host.json settings. */
const hostJson = z.object({
  version: z.literal("2.0"),
  functionTimeout: timeLimit.default(30 * 60_000),
  extensionBundle: z
    .object({ id: z.literal("Microsoft.Azure.Functions.ExtensionBundle"), version: z.string().regex(/^[[(].*[\])]$/) })
    .optional(),
  extensions: z
    .object({
      queues: z
        .object({
          maxPollingInterval: timeSpan.default(60_000),
          visibilityTimeout: timeSpan.default(0),
          batchSize: z.int().min(1).max(32).default(16),
          maxDequeueCount: z.int().min(1).default(5),
          newBatchThreshold: z.int().min(0).optional(),
          messageEncoding: z.enum(["base64", "none"]).default("base64"),
        })
        .prefault({}),
    })
    .prefault({}),
});

export interface HostSettings {
  /** Milliseconds; `Infinity` is without bound. */
  readonly functionTimeout: number;
  readonly hasExtensionBundle: boolean;
  readonly queues: QueueSettings;
}

export interface QueueSettings {
  /** Milliseconds between two looks at an empty queue, at most. */
  readonly maxPollingInterval: number;
  /** Milliseconds until a message whose function failed is tried again. */
  readonly visibilityTimeout: number;
  readonly batchSize: number;
  readonly maxDequeueCount: number;
  /** The next batch is fetched when no more than this many messages are being processed. */
  readonly newBatchThreshold: number;
  readonly messageEncoding: "base64" | "none";
}

/** Reads a package's `host.json`; throws what Azure's host would stop on. */
export function parseHostJson(text: string): HostSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`host.json is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = hostJson.safeParse(value);
  if (!parsed.success) throw new Error(`host.json is not valid:\n${z.prettifyError(parsed.error)}`);
  const { functionTimeout, extensionBundle, extensions } = parsed.data;
  const { newBatchThreshold, ...queues } = extensions.queues;
  return {
    functionTimeout,
    hasExtensionBundle: extensionBundle !== undefined,
    queues: { ...queues, newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2) },
  };
}
