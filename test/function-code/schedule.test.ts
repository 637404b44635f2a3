import { expect, test } from "vitest";
import { CollectionError, LeaseLost } from "../../function-code/errors.ts";
import { Lease } from "../../function-code/lease.ts";
import { isDue, whyOverdue } from "../../function-code/schedule.ts";
import { Checkpoints } from "../../function-code/state/checkpoints.ts";
import { Conflict, type StateTable } from "../../function-code/state/table.ts";
import { HttpConsole, listing } from "./support/http-console.ts";
import { MemoryTable } from "./support/memory-table.ts";
import { TestClock } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();

test.each([
  ["a stream that nobody knows yet", undefined, true],
  ["a stream at rest", {}, true],
  ["a stream that is collected now", { leaseUntil: at(1) }, false],
  ["a stream whose worker died", { leaseUntil: at(-1) }, true],
  ["a stream that was queued a minute ago", { queuedAt: at(-60) }, false],
  ["a stream whose message was lost", { queuedAt: at(-601) }, true],
  ["a stream whose server wants peace", { notBefore: at(1) }, false],
  ["a stream whose server had its peace", { notBefore: at(0) }, true],
  ["a stream with rows a minute ago", { status: "ok", caughtUp: true, lastRunAt: at(-58) }, true],
  ["a stream without rows a minute ago", { status: "empty", caughtUp: true, lastRunAt: at(-58) }, false],
  ["a stream without rows five minutes ago", { status: "empty", caughtUp: true, lastRunAt: at(-298) }, true],
  ["an empty stretch of a backlog", { status: "empty", caughtUp: false, lastRunAt: at(-58) }, true],
  ["a stream that the token may not read", { status: "not-permitted", caughtUp: false, lastRunAt: at(-58) }, false],
  ["a stream that failed", { status: "failing", caughtUp: false, lastRunAt: at(-58) }, true],
  ["a console out of reach", { errorClass: "network", statusSince: at(-60), lastRunAt: at(-58) }, true],
  ["a console long out of reach", { errorClass: "network", statusSince: at(-400), lastRunAt: at(-58) }, false],
  [
    "a console out of reach, asked a while ago",
    { errorClass: "network", statusSince: at(-9e4), lastRunAt: at(-298) },
    true,
  ],
] as const)("%s: due is %j", (_, checkpoint, expected) =>
  expect(isDue(checkpoint, now, { idleMinutes: 5 })).toBe(expected),
);

test.each([
  ["that nobody knows yet", undefined, /^nothing$/],
  ["whose last run ended days ago, with the app stopped", { lastRunAt: at(-99_999) }, /^nothing$/],
  ["that was queued and not taken", { queuedAt: at(-601), lastRunAt: at(-700) }, /No worker has taken.*11:48:20/],
  ["that was never taken", { queuedAt: at(-601) }, /never collected/],
  ["whose worker died once", { leaseOwner: "run7", leaseUntil: at(-1), lastRunAt: at(-300) }, /^nothing$/],
  ["whose workers keep dying", { leaseOwner: "run7", leaseUntil: at(-1), lastRunAt: at(-1801) }, /run7/],
])("a stream %s: overdue because %s", (_, checkpoint, expected) => {
  expect(whyOverdue(checkpoint, now) ?? "nothing").toMatch(expected);
});

const connections = [
  { name: "emea", vendor: "sentinelone", url: "https://a.example", secretId: "", streams: ["threats", "agents"] },
  { name: "saas", vendor: "valence", url: "https://b.example", secretId: "", streams: ["alerts"] },
] as const;

test("every enabled stream is queued once, until a run has taken it", async () => {
  await using worker = new TestWorker({ connections });
  const queued = await worker.schedule();
  expect(queued).toEqual([
    { connection: "emea", stream: "sentinelone-threats" },
    { connection: "emea", stream: "sentinelone-agents" },
    { connection: "saas", stream: "valence-alerts" },
  ]);
  expect(await worker.schedule()).toEqual([]);
  const { checkpoints } = worker.context;
  const lease = await Lease.acquire(checkpoints, worker.clock, "run", "emea", "sentinelone-threats");
  expect(await worker.schedule()).toEqual([]);
  await lease?.release({});
  expect(await worker.schedule()).toEqual([{ connection: "emea", stream: "sentinelone-threats" }]);
});

test("who waited longest is queued first, so that no stream falls behind the others", async () => {
  await using worker = new TestWorker({ connections });
  const ended = [
    ["emea", "sentinelone-threats", at(-70)],
    ["saas", "valence-alerts", at(-90)],
  ] as const;
  for (const [connection, stream, lastRunAt] of ended) {
    const lease = await Lease.acquire(worker.context.checkpoints, worker.clock, "run", connection, stream);
    await lease?.release({ lastRunAt, status: "ok" });
  }
  const queued = (await worker.schedule()).map(({ stream }) => stream);
  expect(queued).toEqual(["sentinelone-agents", "valence-alerts", "sentinelone-threats"]);
});

test("a stream that no worker takes is queued again and reported, until a run ends", async () => {
  await using console = await HttpConsole.start(listing([]));
  const connection = {
    name: "emea",
    vendor: "sentinelone",
    url: console.url,
    secretId: "",
    streams: ["activities"],
  } as const;
  await using worker = new TestWorker({ connections: [connection] });
  const health = () => worker.sink.of("health-runs").map((row) => [row["Status"], row["ErrorClass"]]);
  await worker.schedule();
  worker.clock.time += 60_000;
  expect(await worker.schedule()).toEqual([]);
  expect(health()).toEqual([]);

  worker.clock.time += 600_000;
  expect(await worker.schedule()).toEqual([{ connection: "emea", stream: "sentinelone-activities" }]);
  expect(health()).toEqual([["failing", "overdue"]]);
  expect(worker.sink.of("health-runs")[0]).toMatchObject({
    Connection: "emea",
    Vendor: "sentinelone",
    Stream: "activities",
  });
  expect(await worker.checkpoint("emea", "sentinelone-activities")).toMatchObject({ errorClass: "overdue" });

  await worker.collect("emea", "sentinelone-activities");
  expect(health()).toEqual([
    ["failing", "overdue"],
    ["empty", ""],
  ]);
});

test("a health row that does not arrive keeps no stream from being queued", async () => {
  await using worker = new TestWorker({ connections });
  worker.sink.onUpload = () => {
    throw new CollectionError("failing", "azure", "Azure is away.");
  };
  await worker.schedule();
  worker.clock.time += 600_000;
  expect(await worker.schedule()).toHaveLength(3);
  expect(worker.logged.at(-1)).toMatch(/^warn: 3 health rows.*Azure is away/);
});

test("two timers at once queue a stream once", async () => {
  await using worker = new TestWorker({ connections });
  const [one, other] = await Promise.all([worker.schedule(), worker.schedule()]);
  expect([...one, ...other]).toHaveLength(3);
});

test("one worker at a time; after its lease another one, and the first notices", async () => {
  const clock = new TestClock();
  const checkpoints = new Checkpoints(new MemoryTable());
  const acquire = (owner: string) => Lease.acquire(checkpoints, clock, owner, "emea", "sentinelone-threats");
  const [one, other] = await Promise.all([acquire("one"), acquire("other")]);
  expect([one, other].filter((lease) => lease !== undefined)).toHaveLength(1);
  const first = one ?? other;
  expect(await acquire("third")).toBeUndefined();

  clock.time += 241_000;
  const second = await acquire("third");
  expect(second).toBeDefined();
  await expect(first?.save({ uploaded: 99 })).rejects.toBeInstanceOf(LeaseLost);
  await second?.release({});
  await expect(first?.release({ uploaded: 99 })).rejects.toBeInstanceOf(LeaseLost);
  expect((await checkpoints.read("emea", "sentinelone-threats"))?.entity.uploaded).toBe(0);
});

test("a write whose answer was lost is taken for what it is", async () => {
  const clock = new TestClock();
  const table = new MemoryTable();
  const checkpoints = new Checkpoints(table);
  const lease = await Lease.acquire(checkpoints, clock, "run", "emea", "sentinelone-threats");
  const stored = await checkpoints.read("emea", "sentinelone-threats");
  // The service has a newer version, written by the same owner.
  if (stored) await table.replace(stored.entity, stored.etag);
  await lease?.save({ uploaded: 3 });
  expect((await checkpoints.read("emea", "sentinelone-threats"))?.entity.uploaded).toBe(3);
});

test("answers may be lost again and again, the last one too", async () => {
  const clock = new TestClock();
  const table = new MemoryTable();
  let lost = 0;
  // What the retries make of a lost answer: the second attempt meets the version that the first one wrote.
  const forgetful: StateTable = {
    get: (...key) => table.get(...key),
    list: (range) => table.list(range),
    insert: (entity) => table.insert(entity),
    write: (entities) => table.write(entities),
    remove: (keys) => table.remove(keys),
    replace: async (entity, etag) => {
      const next = await table.replace(entity, etag);
      if (lost-- > 0) throw new Conflict("the version is another one by now");
      return next;
    },
  };
  const checkpoints = new Checkpoints(forgetful);
  const lease = await Lease.acquire(checkpoints, clock, "run", "emea", "sentinelone-threats");
  lost = 3;
  await lease?.save({ uploaded: 3 });
  lost = 1;
  await lease?.release({ uploaded: 4 });
  const stored = await checkpoints.read("emea", "sentinelone-threats");
  expect(stored?.entity).toMatchObject({ uploaded: 4 });
  expect(stored?.entity.leaseOwner).toBeUndefined();
});

test("a stream that was given back, queued and taken before the answer arrived is no loss", async () => {
  const clock = new TestClock();
  const table = new MemoryTable();
  const checkpoints = new Checkpoints(table);
  const acquire = (owner: string) => Lease.acquire(checkpoints, clock, owner, "emea", "sentinelone-threats");
  const lease = await acquire("run");
  const replace = table.replace.bind(table);
  let next: Lease | undefined;
  table.replace = async (entity, etag) => {
    const version = await replace(entity, etag);
    if (next) return version;
    table.replace = replace;
    next = await acquire("next");
    throw new Conflict("the version is another one by now");
  };
  await lease?.release({ uploaded: 4 });
  expect((await checkpoints.read("emea", "sentinelone-threats"))?.entity).toMatchObject({
    uploaded: 4,
    leaseOwner: "next",
  });
});

test("a lease lasts for what it is asked to cover", async () => {
  const clock = new TestClock();
  const checkpoints = new Checkpoints(new MemoryTable());
  const lease = await Lease.acquire(checkpoints, clock, "run", "emea", "sentinelone-threats");
  clock.time += 200_000;
  await lease?.ensure(60_000);
  expect(Date.parse(lease?.checkpoint.leaseUntil ?? "") - clock.time).toBeGreaterThan(60_000);
});
