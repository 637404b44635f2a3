import { expect, test } from "vitest";
import { refusal, subscription, valid } from "../subscription.ts";

const lockOn = (scope: string, level = "CanNotDelete") => ({ scope, lockName: "keep", level });

// Azure Resource Manager docs, lock-resources
test("what is locked cannot be deleted, nor what lies below it or around it, until the lock is gone", async () => {
  const { create, remove, known, cloud } = await subscription("group", "vault", "secret");
  const lock = await create("lock", lockOn(known.vault.id));
  for (const kind of ["secret", "vault", "group"] as const) {
    await expect(remove(kind, known[kind])).rejects.toEqual(refusal(409, "ScopeLocked", known.vault.id));
  }
  await remove("lock", lock);
  await remove("group", known.group);
  expect(cloud.state.get(known.vault.id)).toBeUndefined();
});

test("a lock stops neither changes nor what lies beside it", async () => {
  const { create, update, remove, known } = await subscription("group", "workspace", "table", "savedSearch");
  await create("lock", lockOn(known.table.id));
  await update("table", known.table, { ...valid.table, retentionInDays: 30 });
  await remove("savedSearch", known.savedSearch);
  await expect(remove("table", known.table)).rejects.toEqual(refusal(409, "ScopeLocked", known.table.id));
});

test.each([
  ["a level that there is not", { level: "Never" }, "'Never' is not valid"],
  ["a name that ends in a dot", { lockName: "keep." }, "'keep.' is not valid"],
  ["a novel of notes", { notes: "x".repeat(513) }, "longer than 512"],
])("a lock with %s is refused", async (_, change, message) => {
  const { create, known } = await subscription("group", "vault");
  await expect(create("lock", { ...lockOn(known.vault.id), ...change })).rejects.toEqual(
    refusal(400, "InvalidRequestContent", message),
  );
});

test("a lock on something that there is not is refused", async () => {
  const { create, known } = await subscription("group");
  const scope = `${known.group.id}/providers/Microsoft.KeyVault/vaults/none`;
  await expect(create("lock", lockOn(scope))).rejects.toEqual(refusal(404, "ParentResourceNotFound", "vaults/none"));
});
