import { afterAll, beforeAll, expect, test } from "vitest";
import { readStreams } from "../../kql/catalog.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";
import { keyOfRow, normalKey } from "../fixtures/source-keys.ts";

// The simulators' clocks stand still, so that what they show is the same before and after the pass.
const now = Date.now();
const frozen = { now: () => now, rateLimits: false };
let azure: TestAzure;

beforeAll(async () => {
  azure = await localAzure({ sentinelone: frozen, valence: frozen, settings: { since: "60d" } });
});
afterAll(() => azure[Symbol.asyncDispose]());

const streams = [...readStreams("sentinelone"), ...readStreams("valence")].filter((stream) => stream.enabledByDefault);

test("one pass brings every stream, and stores what it delivered", async () => {
  const summary = await azure.collect();
  expect(summary.streams.map(({ vendor, stream }) => `${vendor}-${stream}`)).toEqual(streams.map(({ id }) => id));
  for (const stream of summary.streams) {
    expect(stream).toMatchObject({ status: "ok", error: null });
    expect(stream.stored).toBe(stream.uploaded);
    expect(stream.uploaded).toBeGreaterThan(0);
  }
});

test("a second pass fetches the overlap alone", async () => {
  const { streams: second } = await azure.collect();
  for (const stream of second) {
    expect(["ok", "empty"]).toContain(stream.status);
    expect(stream).toMatchObject({ uploaded: 0, stored: 0 });
    expect(stream.duplicates).toBe(stream.fetched);
  }
});

test.each(streams)(
  "$vendor/$name: the keys in the table are the keys at the source, each stored once",
  async ({ id, vendor, name, table }) => {
    const source = azure[vendor === "valence" ? "valence" : "sentinelone"].keys(name);
    const rows = await azure.kql(table);
    expect(source.length).toBeGreaterThan(1);
    expect(rows.map(keyOfRow(id)).sort()).toEqual(source.map(normalKey).sort());
  },
);
