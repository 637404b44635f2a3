import { expect, test } from "vitest";
import { parseHostJson } from "../../../../local/azure/functions/host-json.ts";

test("what host.json leaves open is as on Azure", () => {
  expect(parseHostJson('{ "version": "2.0" }')).toEqual({
    functionTimeout: 30 * 60_000,
    hasExtensionBundle: false,
    queues: {
      maxPollingInterval: 60_000,
      visibilityTimeout: 0,
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      messageEncoding: "base64",
    },
  });
});

test("settings are read, and those of other services are left alone", () => {
  const queues = {
    batchSize: 4,
    newBatchThreshold: 0,
    visibilityTimeout: "00:00:30",
    maxPollingInterval: "1.00:00:00",
  };
  const settings = parseHostJson(
    JSON.stringify({ version: "2.0", functionTimeout: "-1", logging: {}, extensions: { queues, http: {} } }),
  );
  expect(settings.functionTimeout).toBe(Infinity);
  expect(settings.queues).toMatchObject({
    batchSize: 4,
    newBatchThreshold: 0,
    visibilityTimeout: 30_000,
    maxPollingInterval: 24 * 3600_000,
  });
});

test.each([
  ["{", "not JSON"],
  ["{}", "version"],
  ['{ "version": "2.0", "extensions": { "queues": { "visibilityTimeout": "30" } } }', '"30" is no time span'],
  ['{ "version": "2.0", "extensions": { "queues": { "maxDequeueCount": 0 } } }', "maxDequeueCount"],
  ['{ "version": "2.0", "extensionBundle": { "id": "Other", "version": "[4.*, 5.0.0)" } }', "extensionBundle"],
  [
    '{ "version": "2.0", "extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "4" } }',
    "version",
  ],
])("%s is refused", (text, message) => {
  expect(() => parseHostJson(text)).toThrow(message);
});
