import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../function-code/environment.ts";
import { hash64 } from "../../../function-code/state/hash.ts";
import { hourNumber, Ledger } from "../../../function-code/state/ledger.ts";
import { Windows } from "../../../function-code/state/windows.ts";
import { fromMillis, hour, parseIso } from "../../../function-code/timestamps.ts";
import type { OperatorAccess } from "../../../stacks/operator/azure.ts";
import { pieces } from "../../../stacks/operator/stored-keys.ts";
import { windowStanding } from "../../../stacks/operator/window-standing.ts";
import { cancelWindows, requestWindow, type WindowRequest } from "../../../stacks/operator/windows.ts";
import { MemoryTable } from "../../function-code/support/memory-table.ts";
import { TestClock, testStart } from "../../function-code/support/test-clock.ts";
import { standardSettings } from "../../function-code/support/test-worker.ts";

const connections: readonly Connection[] = [
  {
    name: "emea",
    vendor: "sentinelone",
    url: "https://a.example",
    secretId: "",
    streams: ["activities", "agents", "policies"],
  },
  { name: "saas", vendor: "valence", url: "https://b.example", secretId: "", streams: ["alerts"] },
];
const deployment = { collection: standardSettings, connections };

/** An operator, and a workspace that holds activities with these times of creation. */
function operator(stored: readonly string[] = []) {
  const clock = new TestClock();
  const asked: string[] = [];
  const ledgerTable = new MemoryTable();
  const windows = new Windows(new MemoryTable());
  const rows = (kql: string) => {
    asked.push(kql);
    if (kql.includes("count()"))
      return Promise.resolve([{ Hour: stored[0] ?? "", Rows: stored.length }].slice(stored.length ? 0 : 1));
    return Promise.resolve(stored.map((time, i) => ({ Time: time, V0: String(i) })));
  };
  const access = {
    windows,
    ledger: new Ledger(ledgerTable),
    workspace: { rows },
    retries: { clock, random: () => 0.5 },
  } as unknown as OperatorAccess;
  const ask = (request: Partial<WindowRequest> = {}) =>
    requestWindow(
      deployment,
      access,
      {
        kind: "backfill",
        connection: "emea",
        stream: "sentinelone/activities",
        from: "2026-11-10",
        to: "2026-11-11T00:00:00Z",
        allowDuplicates: false,
        takenOver: false,
        ...request,
      },
      () => {},
    );
  return { clock, asked, access, windows, ask };
}

describe("a window", () => {
  test("within the ledger's memory is queued as it is", async () => {
    const { ask, asked, windows } = operator();
    const window = await ask({ stream: "activities", from: "2026-11-19", to: "2026-11-19T12:00:00Z" });
    expect(asked).toEqual([]);
    expect((await windows.open("emea", "sentinelone-activities")).map(({ entity }) => entity)).toEqual([window]);
    expect(window).toMatchObject({ kind: "backfill", from: "2026-11-19T00:00:00.000000Z", left: 1 });
    expect(window).not.toHaveProperty("believedSince");
  });

  test("older than that is queued with what the table holds of it", async () => {
    const { ask, access } = operator(["2026-11-10T04:00:00.1234567Z", "2026-11-10T05:00:00Z"]);
    const { rowKey } = await ask();
    const at = parseIso("2026-11-10T04:00:00Z") ?? 0;
    const keys = await access.ledger.read("emea", `sentinelone-activities|${rowKey}`, hourNumber(at));
    expect(keys.size).toBe(1);
    expect(keys.has(hash64('"0"'))).toBe(true);
  });

  test("that begins before and ends within is read from the table as far as the ledger may not reach", async () => {
    const { ask, asked } = operator(["2026-11-10T04:00:00Z"]);
    await ask({ to: "2026-11-19" });
    expect(asked[0]).toContain(
      "CreatedAt >= datetime(2026-11-10T00:00:00.000000Z) and CreatedAt < datetime(2026-11-12T14:00:00.000000Z)",
    );
    expect(asked[0]).toContain('Connection in ("emea")');
  });

  test("after a takeover is read from the table wholly, with what another connector stored there", async () => {
    const { ask, asked, access } = operator(["2026-11-19T04:00:00Z"]);
    const { rowKey, believedSince } = await ask({ takenOver: true, from: "2026-11-19", to: "2026-11-20" });
    expect(asked[1]).toContain('Connection in ("emea", "")');
    const at = parseIso("2026-11-19T04:00:00Z") ?? 0;
    expect((await access.ledger.read("emea", `sentinelone-activities|${rowKey}`, hourNumber(at))).size).toBe(1);
    expect(believedSince).toBeUndefined();
  });

  test("of a replay is read from the table wholly, and believes no acknowledgement but the last hour's", async () => {
    const { ask, asked } = operator(["2026-11-19T04:00:00Z"]);
    const window = await ask({ kind: "replay", from: "2026-11-19", to: "2026-11-20" });
    expect(asked).toHaveLength(2);
    expect(window.believedSince).toBe(new Date(testStart - 3600_000).toISOString());
  });

  test("that covers a part of another one has to wait", async () => {
    const { ask, windows, clock } = operator();
    const first = await ask();
    await expect(ask({ from: "2026-11-10T12:00:00Z", to: "2026-11-12" })).rejects.toThrow("is still being read");
    await expect(ask({ from: "2026-11-11", to: "2026-11-12" })).resolves.toBeDefined();
    const stored = await windows.read(first.partitionKey, first.rowKey);
    await windows.replace({ ...first, doneAt: new Date(clock.time).toISOString() }, stored?.etag ?? "");
    await expect(ask()).rejects.toThrow("up to an hour to be seen");
    clock.time += 61 * 60_000;
    await expect(ask()).resolves.toBeDefined();
  });

  test("is taken back with what was known of it", async () => {
    const { ask, windows, access } = operator(["2026-11-10T04:00:00Z"]);
    const { rowKey } = await ask();
    const gone = await cancelWindows(deployment, access, { connection: "emea", stream: "activities" });
    expect(gone).toMatchObject([{ kind: "backfill", readPercent: 0 }]);
    expect(await windows.open("emea", "sentinelone-activities")).toEqual([]);
    const at = hourNumber(parseIso("2026-11-10T04:00:00Z") ?? 0);
    expect((await access.ledger.read("emea", `sentinelone-activities|${rowKey}`, at)).size).toBe(0);
  });

  test("that was done a week ago is forgotten", async () => {
    const { ask, windows, clock } = operator();
    const first = await ask();
    const stored = await windows.read(first.partitionKey, first.rowKey);
    await windows.replace({ ...first, doneAt: new Date(clock.time).toISOString() }, stored?.etag ?? "");
    clock.time += 8 * 24 * 3600_000;
    await ask();
    expect(await windows.read(first.partitionKey, first.rowKey)).toBeUndefined();
  });

  test.each([
    [{ connection: "apac" }, /no connection "apac".*"emea", "saas"/],
    [{ stream: "threats" }, /no stream "threats".*sentinelone\/activities/],
    [{ stream: "valence/activities" }, /no stream "valence\/activities"/],
    [{ stream: "agents" }, /does not remember how an object was before/],
    [{ stream: "policies" }, /reads all of it/],
    [{ from: "2026-11-12" }, /must lie before/],
    [{ from: "last week" }, /2026-03-18T14:00:00Z/],
    [{ to: "2026-11-30" }, /lies in the future/],
    [{ connection: "saas", stream: "alerts" }, /remembers 8 days.*--allow-duplicates/],
    [
      { kind: "replay", connection: "saas", stream: "alerts", from: "2026-11-19", to: "2026-11-20" },
      /what the table lacks/,
    ],
  ] as const)("%j is refused: %s", async (request, reason) => {
    const { ask, windows } = operator();
    await expect(ask(request)).rejects.toThrow(reason);
    for await (const { entity } of windows.all()) expect(entity).toBeUndefined();
  });

  test("whose rows cannot be told apart is queued at the operator's word", async () => {
    const { ask, asked } = operator();
    await expect(ask({ connection: "saas", stream: "alerts", allowDuplicates: true })).resolves.toBeDefined();
    expect(asked).toEqual([]);
  });
});

test("what is asked of the table comes in pieces without gap or overlap, none of them crowded", () => {
  const start = fromMillis(testStart);
  const hours = fc.array(fc.nat(300), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(hours, fc.nat(59), fc.nat(59), (counts, early, late) => {
      const span = { from: start + early * 60_000_000, to: start + counts.length * hour - late * 60_000_000 - 1 };
      fc.pre(span.from < span.to);
      const most = 100;
      const cut = pieces(
        span,
        counts.map((rows, i) => ({ at: start + i * hour, rows })).filter(({ rows }) => rows > 0),
        most,
      );
      expect(cut[0]?.from).toBe(span.from);
      expect(cut.at(-1)?.to).toBe(span.to);
      cut.forEach(({ from, to }, i) => {
        expect(to).toBeGreaterThan(from);
        expect(to).toBe(cut[i + 1]?.from ?? span.to);
        const whole = counts.filter((_, at) => start + at * hour >= from && start + (at + 1) * hour <= to);
        const sum = whole.reduce((total, rows) => total + rows, 0);
        expect(sum).toBeLessThanOrEqual(most);
      });
    }),
  );
});

test("the time left is told as it went so far", async () => {
  const { ask, clock } = operator();
  const window = await ask();
  expect(windowStanding(window, clock.time)).toMatchObject({ readPercent: 0, leftSeconds: null, done: false });
  const startedAt = new Date(clock.time - 60_000).toISOString();
  expect(windowStanding({ ...window, startedAt, left: 0.75 }, clock.time)).toMatchObject({
    readPercent: 25,
    leftSeconds: 180,
  });
});
