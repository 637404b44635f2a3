import { expect, test } from "vitest";
import { refusal, resourceGroupName, subscription, valid } from "../subscription.ts";

test("an account has the addresses of its services", async () => {
  const { known } = await subscription("group", "account");
  expect(known.account.outputs["primaryEndpoints"]).toMatchObject({
    blob: "https://stone.blob.core.windows.net/",
    queue: "https://stone.queue.core.windows.net/",
    table: "https://stone.table.core.windows.net/",
  });
});

// Naming rules and restrictions for Azure resources, Microsoft.Storage
test.each(["st", "Stone", "st-one", "s".repeat(25)])("'%s' is no name of an account", async (accountName) => {
  const { create } = await subscription("group");
  await expect(create("account", { ...valid.account, accountName })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", `'${accountName}'`),
  );
});

test("an account's name is taken in every resource group", async () => {
  const { create } = await subscription("group", "account");
  await create("group", { ...valid.group, resourceGroupName: "rg-other" });
  await expect(create("account", { ...valid.account, resourceGroupName: "rg-other" })).rejects.toEqual(
    refusal(409, "StorageAccountAlreadyTaken", "already taken"),
  );
});

const inAccount = { resourceGroupName, accountName: "stone" };

test("containers, queues and tables come and go with their resources", async () => {
  const { cloud, create, remove } = await subscription("group", "account");
  const container = await create("container", { ...inAccount, containerName: "packages" });
  await create("queue", { ...inAccount, queueName: "work" });
  const table = await create("storageTable", { ...inAccount, tableName: "Ledger" });
  await remove("container", container);
  await remove("storageTable", table);
  expect(cloud.calls).toEqual([
    "ensureContainer stone packages",
    "ensureQueue stone work",
    "ensureTable stone Ledger",
    "deleteContainer stone packages",
    "deleteTable stone Ledger",
  ]);
  expect(table.outputs["tableName"]).toBe("Ledger");
});

test.each([
  // Naming and referencing containers, blobs, and metadata
  ["container", { containerName: "ab" }],
  ["container", { containerName: "Packages" }],
  ["container", { containerName: "pack--ages" }],
  ["container", { containerName: "-packages" }],
  // Naming queues and metadata
  ["queue", { queueName: "Work" }],
  ["queue", { queueName: "work_items" }],
  ["queue", { queueName: "q".repeat(64) }],
  // Understanding the Table service data model
  ["storageTable", { tableName: "1st" }],
  ["storageTable", { tableName: "my-table" }],
  ["storageTable", { tableName: "tables" }],
] as const)("a %s called %j is refused", async (kind, name) => {
  const { cloud, create } = await subscription("group", "account");
  await expect(create(kind, { ...inAccount, ...name })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", `'${Object.values(name)[0]}'`),
  );
  expect(cloud.calls).toEqual([]);
});
