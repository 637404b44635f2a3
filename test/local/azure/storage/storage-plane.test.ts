import { TableClient, TableServiceClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Principal } from "../../../../local/azure/cloud.ts";
import type { HttpPlane } from "../../../../local/azure/http-plane.ts";
import { type Storage, startStorage } from "../../../../local/azure/storage/storage.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { credentialOf, httpClientOf } from "../plane-client.ts";

const account = {
  id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/stplane",
  name: "stplane",
};
const queueContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
const queueReader = "19e7f393-937e-4f77-808e-94535e297925";
const messageProcessor = "8a0f0c08-91a1-4084-bc3d-661d67233fed";
const tableContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
const tableReader = "76199698-9eea-4c19-bc75-cec21354c6b6";
const blobContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const blobReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

const cloud = new DeployedCloud();
let storage: Storage;
let plane: HttpPlane;

beforeAll(async () => {
  cloud.accounts.push(account);
  cloud.resources.push({
    id: account.id,
    type: "azure-native:storage:StorageAccount",
    inputs: { allowSharedKeyAccess: false },
    outputs: {},
  });
  storage = await startStorage();
  plane = storage.plane(cloud, cloud.authority);
  await storage.resources.ensureQueue(account.name, "collect");
  await storage.resources.ensureTable(account.name, "Ledger");
  await storage.resources.ensureContainer(account.name, "packages");
});
afterAll(() => storage.close());

const holderOf = (...roles: string[]) => cloud.principal(roles.map((role) => ({ role, scope: account.id })));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Sends one request to the account's blob or queue service. */
function call(principal: Principal, service: "blob" | "queue", method: string, path: string, body?: string) {
  return plane.fetch(
    new Request(`https://${account.name}.${service}.core.windows.net${path}`, {
      method,
      headers: {
        authorization: cloud.bearer(principal, "https://storage.azure.com"),
        "x-ms-version": "2026-10-06",
        "x-ms-blob-type": "BlockBlob",
        "content-length": String(body?.length ?? 0),
      },
      ...(body === undefined ? {} : { body }),
    }),
  );
}

const message = (text: string) => `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`;
const element = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

function tableOf(principal: Principal, name = "Ledger") {
  const options = { httpClient: httpClientOf(plane), retryOptions: { maxRetries: 0 } };
  return new TableClient(
    `https://${account.name}.table.core.windows.net`,
    name,
    credentialOf(cloud.authority, principal),
    options,
  );
}

test("messages keep their visibility time-out and dequeue count", async () => {
  const principal = holderOf(queueContributor);
  const receive = async () => (await call(principal, "queue", "GET", "/collect/messages?visibilitytimeout=60")).text();
  await call(principal, "queue", "POST", "/collect/messages", message("work"));
  const first = await receive();
  expect([element(first, "MessageText"), element(first, "DequeueCount")]).toEqual(["work", "1"]);
  expect(element(await receive(), "MessageText")).toBeUndefined();
  const address = `/collect/messages/${element(first, "MessageId")}?popreceipt=${encodeURIComponent(element(first, "PopReceipt") ?? "")}`;
  expect((await call(principal, "queue", "PUT", `${address}&visibilitytimeout=0`, message("work"))).status).toBe(204);
  expect(element(await receive(), "DequeueCount")).toBe("2");
  const stale = await call(principal, "queue", "DELETE", address);
  expect([stale.status, stale.headers.get("x-ms-error-code")]).toEqual([400, "PopReceiptMismatch"]);
});

test("an entity changes by its ETag only", async () => {
  const table = tableOf(holderOf(tableContributor));
  await table.createEntity({ partitionKey: "p", rowKey: "etag", value: 1 });
  const { etag } = await table.getEntity("p", "etag");
  await table.updateEntity({ partitionKey: "p", rowKey: "etag", value: 2 }, "Replace", { etag });
  await expect(
    table.updateEntity({ partitionKey: "p", rowKey: "etag", value: 3 }, "Replace", { etag }),
  ).rejects.toMatchObject({ statusCode: 412 });
  expect(await table.getEntity("p", "etag")).toMatchObject({ value: 2 });
});

test("a transaction of a hundred binary entities passes", async () => {
  const table = tableOf(holderOf(tableContributor));
  const keys = new Uint8Array(6000).fill(7);
  await table.submitTransaction(
    Array.from({ length: 100 }, (_, n) => ["create", { partitionKey: "batch", rowKey: String(n), keys }] as const),
  );
  const stored = await all(table.listEntities({ queryOptions: { filter: "PartitionKey eq 'batch'" } }));
  expect(stored).toHaveLength(100);
  expect(Buffer.from(stored[0]?.["keys"] as Uint8Array)).toEqual(Buffer.from(keys));
});

test("answers carry the account's real address", async () => {
  const service = new TableServiceClient(
    `https://${account.name}.table.core.windows.net`,
    credentialOf(cloud.authority, holderOf(tableContributor)),
    {
      httpClient: httpClientOf(plane),
    },
  );
  expect((await all(service.listTables())).map((table) => table.name)).toEqual(["Ledger"]);
  const response = await plane.fetch(
    new Request(`https://${account.name}.table.core.windows.net/Tables`, {
      headers: {
        authorization: cloud.bearer(holderOf(tableReader), "https://storage.azure.com"),
        accept: "application/json;odata=fullmetadata",
        "x-ms-version": "2021-12-02",
      },
    }),
  );
  expect(await response.text()).toContain(`https://${account.name}.table.core.windows.net/`);
});

test("blobs pass unchanged, by an API version that Azurite does not know", async () => {
  const writer = holderOf(blobContributor);
  expect((await call(writer, "blob", "PUT", "/packages/a.zip", "bytes")).status).toBe(201);
  const read = await call(holderOf(blobReader), "blob", "GET", "/packages/a.zip");
  expect([read.status, await read.text()]).toEqual([200, "bytes"]);
});

// Azure docs, "Azure built-in roles: Storage"; REST "Permissions for Queue service operations".
const queueOperations: Record<string, [method: string, path: string, body?: string]> = {
  peek: ["GET", "/collect/messages?peekonly=true"],
  receive: ["GET", "/collect/messages"],
  send: ["POST", "/collect/messages", message("x")],
  clear: ["DELETE", "/collect/messages"],
  properties: ["GET", "/collect?comp=metadata"],
  create: ["PUT", "/another"],
};
test.each([
  ["Queue Data Contributor", queueContributor, ["peek", "receive", "send", "clear", "properties", "create"]],
  ["Queue Data Reader", queueReader, ["peek", "properties"]],
  ["Queue Data Message Processor", messageProcessor, ["peek", "receive"]],
  ["Table Data Contributor", tableContributor, []],
])("a %s may do that and nothing else", async (_, role, allowed) => {
  const principal = holderOf(role);
  const outcomes = Object.entries(queueOperations).map(async ([name, operation]) => {
    const { status, headers } = await call(principal, "queue", ...operation);
    return status < 300 ? name : `no ${name}: ${status} ${headers.get("x-ms-error-code")}`;
  });
  const expected = Object.keys(queueOperations).map((name) =>
    allowed.includes(name) ? name : `no ${name}: 403 AuthorizationPermissionMismatch`,
  );
  expect(await Promise.all(outcomes)).toEqual(expected);
});

test("a table reader reads and changes nothing, alone or in a transaction", async () => {
  const table = tableOf(holderOf(tableReader));
  expect(await all(table.listEntities({ queryOptions: { filter: "PartitionKey eq 'nobody'" } }))).toEqual([]);
  const entity = { partitionKey: "p", rowKey: "reader" };
  await expect(table.createEntity(entity)).rejects.toMatchObject({ statusCode: 403 });
  await expect(table.submitTransaction([["create", entity]])).rejects.toMatchObject({ statusCode: 403 });
});

test("a blob reader writes nothing", async () => {
  const refused = await call(holderOf(blobReader), "blob", "PUT", "/packages/b.zip", "bytes");
  expect([refused.status, refused.headers.get("x-ms-error-code")]).toEqual([403, "AuthorizationPermissionMismatch"]);
  expect(await refused.text()).toContain("<Code>AuthorizationPermissionMismatch</Code>");
});

test("a role on one table reaches that table only, in transactions too", async () => {
  await storage.resources.ensureTable(account.name, "Objects");
  const principal = cloud.principal([
    { role: tableContributor, scope: `${account.id}/tableServices/default/tables/Ledger` },
  ]);
  const entity = { partitionKey: "p", rowKey: "scoped" };
  await tableOf(principal).submitTransaction([["upsert", entity]]);
  await expect(tableOf(principal, "Objects").upsertEntity(entity)).rejects.toMatchObject({ statusCode: 403 });
  await expect(tableOf(principal, "Objects").submitTransaction([["upsert", entity]])).rejects.toMatchObject({
    statusCode: 403,
  });
});

const accountUrl = `https://${account.name}.queue.core.windows.net/collect?comp=metadata`;
// Azure Storage docs: "Prevent Shared Key authorization", "Authorize with Microsoft Entra ID" (bearer challenge).
test.each([
  ["nobody", accountUrl, {}, 401, "NoAuthenticationInformation"],
  [
    "an account key",
    accountUrl,
    { authorization: `SharedKey ${account.name}:c2lnbmF0dXJl` },
    403,
    "KeyBasedAuthenticationNotPermitted",
  ],
  ["a shared access signature", `${accountUrl}&sv=2024-01-01&sig=c2ln`, {}, 403, "KeyBasedAuthenticationNotPermitted"],
  ["a token of another service", accountUrl, { audience: "https://vault.azure.net" }, 401, "InvalidAuthenticationInfo"],
  [
    "a token, to an account that is not deployed",
    "https://nobody.queue.core.windows.net/q",
    { audience: "https://storage.azure.com" },
    404,
    "ResourceNotFound",
  ],
])("refused: %s", async (_, url, { audience, ...headers }: Record<string, string>, status, code) => {
  const authorization =
    audience === undefined ? {} : { authorization: cloud.bearer(holderOf(queueContributor), audience) };
  const response = await plane.fetch(new Request(url, { headers: { ...headers, ...authorization } }));
  expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([status, code]);
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${cloud.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;
  expect(response.headers.get("www-authenticate")).toBe(status === 401 ? challenge : null);
});

test("a deleted account leaves nothing behind for the next one of its name", async () => {
  cloud.accounts.push({ id: `${account.id}2`, name: "stplane2" });
  await storage.resources.ensureTable("stplane2", "Ledger");
  await storage.resources.ensureQueue("stplane2", "collect");
  await storage.resources.ensureContainer("stplane2", "packages");
  await storage.resources.deleteAccount("stplane2");
  const reader = cloud.principal([{ role: tableReader, scope: `${account.id}2` }]);
  const service = new TableServiceClient(
    "https://stplane2.table.core.windows.net",
    credentialOf(cloud.authority, reader),
    { httpClient: httpClientOf(plane) },
  );
  expect(await all(service.listTables())).toEqual([]);
  await storage.resources.deleteTable("stplane2", "Ledger");
});

test("making what exists keeps its content", async () => {
  const table = tableOf(holderOf(tableContributor));
  await table.upsertEntity({ partitionKey: "p", rowKey: "kept" });
  await storage.resources.ensureTable(account.name, "Ledger");
  expect(await table.getEntity("p", "kept")).toMatchObject({ rowKey: "kept" });
});
