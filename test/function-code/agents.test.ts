import { expect, test } from "vitest";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { HttpConsole, listing } from "./support/http-console.ts";
import { TestClock, testStart } from "./support/test-clock.ts";
import { TestWorker } from "./support/test-worker.ts";

const minute = 60_000;

interface Agent {
  readonly id: string;
  readonly updatedAt: string;
  readonly lastActiveDate: string;
  readonly isActive: boolean;
}

const connectionTo = ({ url }: { readonly url: string }) =>
  ({ name: "emea", vendor: "sentinelone", url, secretId: "", streams: ["agents"] }) as const;

test("an agent that falls silent is sent within the hour, though its updatedAt does not move; once", async () => {
  const clock = new TestClock(Date.parse("2026-03-18T15:00:00Z"));
  await using console = await startSentinelOne({ scale: 0.1, rateLimits: false, now: () => clock.time });
  const secrets = { read: () => Promise.resolve(console.token) };
  await using worker = new TestWorker({
    connections: [connectionTo(console)],
    clock,
    secrets,
    settings: { snapshotHours: 24 },
  });
  const sent = () => worker.sink.records("sentinelone-agents") as unknown as Agent[];

  await worker.collect("emea", "sentinelone-agents");
  const snapshot = new Map(sent().map((agent) => [agent.id, agent]));
  for (let i = 0; i < 36; i++) {
    clock.time += 10 * minute;
    await worker.collect("emea", "sentinelone-agents");
  }

  const latest = new Map(sent().map((agent) => [agent.id, agent]));
  const answer = await fetch(`${console.url}/web/api/v2.1/agents?limit=1000`, {
    headers: { authorization: `ApiToken ${console.token}` },
  });
  const { data: shown } = (await answer.json()) as { data: Agent[] };
  const silent = shown.filter(({ lastActiveDate }) => clock.time - Date.parse(lastActiveDate) > 70 * minute);
  expect(silent.map(({ id }) => latest.get(id)?.isActive)).toEqual(silent.map(() => false));
  const fell = silent.filter(({ id, updatedAt }) => {
    const before = snapshot.get(id);
    return before?.isActive === true && before.updatedAt === updatedAt;
  });
  expect(fell.length).toBeGreaterThan(3);

  const rows = sent().map((row) => JSON.stringify(row));
  expect(new Set(rows).size).toBe(rows.length);
});

test("an agent that changes while its updatedAt stands still is sent where an overlap meets it again, after an outage say", async () => {
  const agent = { id: "1", updatedAt: "2026-11-20T11:00:00Z", lastActiveDate: "2026-11-20T12:00:00Z", isActive: true };
  await using console = await HttpConsole.start(listing([agent]));
  await using worker = new TestWorker({ connections: [connectionTo(console)] });
  const renamed = { ...agent, updatedAt: "2026-11-20T12:00:30Z", computerName: "renamed" };
  const silent = { ...renamed, isActive: false };
  for (const [minutes, shown] of [
    [0, agent],
    [1, renamed],
    [31, silent],
    [32, silent],
  ] as const) {
    worker.clock.time = console.time = testStart + minutes * minute;
    console.answer = listing([shown]);
    await worker.collect("emea", "sentinelone-agents");
  }
  const sent = worker.sink.records("sentinelone-agents");
  expect(sent).toEqual([agent, renamed, silent]);
});
