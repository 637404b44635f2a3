import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endpoint, publisher, Things, type Upload } from "./things.ts";

let things: Things;
beforeEach(async () => {
  things = await Things.open();
});
afterEach(() => things[Symbol.asyncDispose]());

describe("refused before the body is looked at", () => {
  const holder = () => things.cloud.principal([{ role: publisher, scope: things.rule.id }]);
  // Azure Monitor docs, "Logs Ingestion API in Azure Monitor" and "Troubleshoot DCR data collection": response codes.
  test.each<[string, () => Omit<Upload, "body">, number, string]>([
    ["no token", () => ({ authorization: "" }), 401, "MissingToken"],
    [
      "a token of another audience",
      () => ({ authorization: things.cloud.bearer(holder(), "https://storage.azure.com") }),
      401,
      "InvalidAuthenticationTokenAudience",
    ],
    [
      "an identity without the role on the rule",
      () => ({
        authorization: things.cloud.bearer(
          things.cloud.principal([{ role: publisher, scope: things.workspace.id }]),
          "https://monitor.azure.com",
        ),
      }),
      403,
      "OperationFailed",
    ],
    // Azure Monitor docs, private-link-design
    [
      "a caller from outside the endpoint's network",
      () => {
        things.cloud.closed.push(endpoint.id);
        return {};
      },
      403,
      "Forbidden",
    ],
    ["an unknown rule", () => ({ path: "/dataCollectionRules/dcr-nobody/streams/Custom-Things" }), 404, "NotFound"],
    [
      "an unknown stream",
      () => ({ path: `/dataCollectionRules/${things.rule.immutableId}/streams/Custom-Nothing` }),
      404,
      "NotFound",
    ],
    ["an unknown endpoint", () => ({ host: "dce-other.westeurope-1.ingest.monitor.azure.com" }), 404, "NotFound"],
    ["no api-version", () => ({ query: "" }), 400, "UnsupportedApiVersion"],
    ["an unknown api-version", () => ({ query: "api-version=2019-01-01" }), 400, "UnsupportedApiVersion"],
  ])("%s", async (_, options, status, code) => {
    expect(await things.upload({ body: "[]", ...options() })).toMatchObject({ status, code });
  });

  test("the endpoint of another rule", async () => {
    things.cloud.endpoints.push({ id: `${endpoint.id}-2`, host: "dce-2.westeurope-1.ingest.monitor.azure.com" });
    expect(await things.upload({ body: "[]", host: "dce-2.westeurope-1.ingest.monitor.azure.com" })).toMatchObject({
      status: 404,
    });
  });
});

const row = (bytes: number) => JSON.stringify([{ Text: "x".repeat(bytes - 13) }]);
// Azure Monitor docs, "Service limits: Logs Ingestion API": 1 MB, compressed and uncompressed; "Body": an array of objects.
test.each<[string, () => Omit<Upload, "path">, number, string | null]>([
  ["exactly 1 MB", () => ({ body: row(1_048_576) }), 204, null],
  ["a byte more than 1 MB", () => ({ body: row(1_048_577) }), 413, "ContentLengthLimitExceeded"],
  [
    "a byte more than 1 MB after unpacking",
    () => ({ body: gzipSync(row(1_048_577)), headers: { "content-encoding": "gzip" } }),
    413,
    "ContentLengthLimitExceeded",
  ],
  ["gzip of an array", () => ({ body: gzipSync(row(100)), headers: { "content-encoding": "gzip" } }), 204, null],
  ["gzip that is none", () => ({ body: row(100), headers: { "content-encoding": "gzip" } }), 400, "InvalidContent"],
  [
    "gzip that ends early",
    () => ({ body: gzipSync(row(100)).subarray(0, -4), headers: { "content-encoding": "gzip" } }),
    400,
    "InvalidContent",
  ],
  [
    "another encoding",
    () => ({ body: row(100), headers: { "content-encoding": "br" } }),
    400,
    "InvalidContentEncoding",
  ],
  ["broken JSON", () => ({ body: '[{"Text":"a"' }), 400, "InvalidContent"],
  ["an object", () => ({ body: '{"Text":"a"}' }), 400, "InvalidContent"],
  ["an array of numbers", () => ({ body: "[1]" }), 400, "InvalidContent"],
  ["no UTF-8", () => ({ body: Buffer.from('[{"Text":"\xff"}]', "latin1") }), 400, "InvalidContent"],
  ["an empty array", () => ({ body: "[]" }), 204, null],
])("a body of %s", async (_, options, status, code) => {
  expect(await things.upload(options())).toMatchObject({ status, code });
});

test("a refused body stores nothing of it", async () => {
  await things.upload({ body: '[{"Text":"a"},1]' });
  expect(await things.query("Things_CL | count")).toEqual([{ Count: 0 }]);
  expect(things.counters.requests).toBe(0);
});
