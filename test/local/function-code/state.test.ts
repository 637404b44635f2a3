import { TableClient } from "@azure/data-tables";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AzureTable } from "../../../function-code/state/azure-table.ts";
import { Checkpoints, emptyCheckpoint } from "../../../function-code/state/checkpoints.ts";
import { hash64 } from "../../../function-code/state/hash.ts";
import { HashSet } from "../../../function-code/state/hash-set.ts";
import { hourNumber, Ledger } from "../../../function-code/state/ledger.ts";
import { Objects } from "../../../function-code/state/objects.ts";
import { Conflict } from "../../../function-code/state/table.ts";
import { fromMillis, hour } from "../../../function-code/timestamps.ts";
import { TokenAuthority } from "../../../local/azure/identity/tokens.ts";
import { type Azurite, startAzurite } from "../../../local/azure/storage/azurite.ts";
import { TestClock, testStart } from "../../function-code/support/test-clock.ts";

const client = { clientId: "worker", principalId: "worker", displayName: "worker" };
const authority = new TokenAuthority("00000000-0000-0000-0000-000000000001", Buffer.from("key of the test"));

let azurite: Azurite;
/** Called before each request; may throw or answer in its place. */
let interfere: (() => void) | undefined;
let tables = 0;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

async function newTable(): Promise<{ table: AzureTable; clock: TestClock }> {
  const name = `State${++tables}`;
  const clock = new TestClock();
  const tableClient = new TableClient(`http://127.0.0.1:${azurite.ports.table}/account`, name, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: "perRetry",
        policy: {
          name: "test",
          sendRequest: async (request, next) => {
            const { token } = authority.issue(client, "https://storage.azure.com");
            request.headers.set("authorization", `Bearer ${token}`);
            const response = await next(request);
            interfere?.();
            return response;
          },
        },
      },
    ],
  });
  await tableClient.createTable();
  return { table: new AzureTable(name, () => Promise.resolve(tableClient), { clock, random: () => 1 }), clock };
}

test("a checkpoint is written over the version that was read, and no other", async () => {
  const { table } = await newTable();
  const checkpoints = new Checkpoints(table);
  expect(await checkpoints.read("emea", "sentinelone-threats")).toBeUndefined();
  const entity = {
    ...emptyCheckpoint("emea", "sentinelone-threats"),
    bytes: 6_000_000_000,
    watermark: "2026-11-20T12:00:00.000Z",
  };
  const etag = await checkpoints.write(entity, undefined);
  await expect(checkpoints.write(entity, undefined)).rejects.toBeInstanceOf(Conflict);
  const stored = await checkpoints.read("emea", "sentinelone-threats");
  expect(stored).toEqual({ entity, etag });
  const { watermark: _, ...rest } = entity;
  const newer = await checkpoints.write({ ...rest, caughtUp: true }, etag);
  await expect(checkpoints.write(entity, etag)).rejects.toBeInstanceOf(Conflict);
  expect(await checkpoints.read("emea", "sentinelone-threats")).toEqual({
    entity: { ...rest, caughtUp: true },
    etag: newer,
  });
  const all = [];
  for await (const one of checkpoints.all()) all.push(one.entity.rowKey);
  expect(all).toEqual(["sentinelone-threats"]);
});

test("a batch of any size is in the ledger by the hours of its events, until it is forgotten", async () => {
  const { table } = await newTable();
  const ledger = new Ledger(table);
  const now = fromMillis(testStart);
  const keys = Array.from({ length: 20_000 }, (_, i) => ({ time: now + (i % 3) * hour, hash: hash64(`key${i}`) }));
  await ledger.append("emea", "sentinelone-threats", "run-0", keys, testStart);
  await ledger.append("emea", "sentinelone-threats", "run-0", keys, testStart);
  await ledger.append("emea", "sentinelone-agents", "run-0", [{ time: now, hash: hash64("other") }], testStart);
  const known = await ledger.read("emea", "sentinelone-threats", hourNumber(now + hour));
  expect(known.size).toBe(keys.filter(({ time }) => time === now + hour).length);
  expect(known.has(hash64("key1"))).toBe(true);
  expect(known.has(hash64("key0"))).toBe(false);

  expect(await ledger.prune("emea", "sentinelone-threats", now + hour)).toBe(1);
  expect((await ledger.read("emea", "sentinelone-threats", hourNumber(now))).size).toBe(0);
  expect((await ledger.read("emea", "sentinelone-threats", hourNumber(now + hour))).size).toBe(known.size);
  expect((await ledger.read("emea", "sentinelone-agents", hourNumber(now))).size).toBe(1);
});

test("a ledger of many hours and pages is forgotten whole", async () => {
  const { table } = await newTable();
  const ledger = new Ledger(table);
  const keys = Array.from({ length: 1010 }, (_, i) => ({ time: i * hour, hash: hash64(`${i}`) }));
  await ledger.append("emea", "sentinelone-threats", "run-0", keys, testStart);
  expect(await ledger.prune("emea", "sentinelone-threats", 1010 * hour)).toBe(1010);
});

test("what was last sent of an object is known in the next run", async () => {
  const { table } = await newTable();
  const ids = Array.from({ length: 600 }, (_, i) => hash64(`object${i}`));
  const old = hash64("old");
  const first = new Objects(table, "emea", "sentinelone-agents");
  await first.load(ids);
  for (const id of ids) first.set(id, old);
  await first.flush();

  const second = new Objects(table, "emea", "sentinelone-agents");
  await second.load(ids);
  expect(ids.every((id) => second.isKnown(id, old))).toBe(true);
  expect(ids.some((id) => second.isKnown(id, hash64("new")))).toBe(false);
  const [changed] = ids;
  if (changed) second.set(changed, hash64("new"));
  await second.flush();

  const third = new Objects(table, "emea", "sentinelone-agents");
  await third.load(ids);
  expect(ids.filter((id) => third.isKnown(id, old))).toHaveLength(599);
});

test("an answer that is lost costs a retry; then the write counts as a conflict, which the lease resolves", async () => {
  const { table, clock } = await newTable();
  const checkpoints = new Checkpoints(table);
  const etag = await checkpoints.write(emptyCheckpoint("emea", "sentinelone-threats"), undefined);
  interfere = () => {
    interfere = undefined;
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  const write = checkpoints.write({ ...emptyCheckpoint("emea", "sentinelone-threats"), uploaded: 5 }, etag);
  await expect(write).rejects.toBeInstanceOf(Conflict);
  expect(clock.sleeps).toEqual([1000]);
  expect((await checkpoints.read("emea", "sentinelone-threats"))?.entity.uploaded).toBe(5);
});

test("a refusal is nobody's fault: roles may still be spreading", async () => {
  const { table } = await newTable();
  interfere = () => {
    throw Object.assign(new Error("canary"), { statusCode: 403, code: "AuthorizationPermissionMismatch" });
  };
  const failure = await table.get("a", "b").catch((error: unknown) => error);
  interfere = undefined;
  expect(failure).toMatchObject({
    status: "waiting-for-azure",
    message: expect.stringContaining("Storage Table Data Contributor") as string,
  });
  expect((failure as Error).message).not.toContain("canary");
});

test("a set of hashes is a set, whatever the hashes", () => {
  const part = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.nat(0xffff_ffff));
  fc.assert(
    fc.property(fc.array(fc.record({ high: part, low: part }), { maxLength: 500 }), (hashes) => {
      const set = new HashSet();
      const model = new Set<string>();
      for (const hash of hashes) {
        const name = `${hash.high}-${hash.low}`;
        expect(set.has(hash)).toBe(model.has(name));
        expect(set.add(hash)).toBe(!model.has(name));
        model.add(name);
      }
      expect(set.size).toBe(model.size);
      expect(hashes.every((hash) => set.has(hash))).toBe(true);
    }),
  );
});
