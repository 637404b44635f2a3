import { expect, test } from "vitest";
import type { OperatorAccess } from "../../../stacks/operator/azure.ts";
import type { Deployment } from "../../../stacks/operator/deployment.ts";
import { hasPassed, type SmokeResult, smoke } from "../../../stacks/operator/smoke.ts";
import { TestClock } from "../../function-code/support/test-clock.ts";

const deployment = (streams: readonly string[]): Pick<Deployment, "connections" | "bundle"> => ({
  connections: [{ name: "emea", vendor: "sentinelone", url: "https://a.example", secretId: "", streams }],
  bundle: { version: "1.0.0+0123456789ab" },
});

const first = "2026-11-20T10:00:00Z";
const report = (stream: string, status: string, uploaded = 0) => ({
  Connection: "emea",
  Id: `sentinelone-${stream}`,
  First: first,
  Uploaded: uploaded,
  Status: status,
  Error: status === "failing" ? "The console answered 500." : "",
});

/** A workspace that answers each look with the next of these reports, and stored activities from one look on. */
function workspace(looks: readonly (readonly object[])[], storedFrom = 0, streams = ["activities", "threats"]) {
  const clock = new TestClock();
  const asked: string[] = [];
  let look = -1;
  const rows = (kql: string) => {
    asked.push(kql);
    if (kql.startsWith("ConnectorHealth_CL")) return Promise.resolve(looks[Math.min(++look, looks.length - 1)] ?? []);
    return Promise.resolve(look < storedFrom ? [] : [{ Connection: "emea", Id: "sentinelone-activities", Rows: 7 }]);
  };
  const access = { workspace: { rows }, retries: { clock, random: () => 0.5 } } as unknown as OperatorAccess;
  const seen: (readonly SmokeResult[])[] = [];
  const run = (minutes: number) =>
    smoke(deployment(streams), access, minutes * 60_000, (results) => seen.push(results));
  return { clock, asked, seen, run };
}

const well = [report("activities", "ok", 7), report("threats", "not-permitted")];

test("passes at the first look where all has run, and asks for the deployed version alone", async () => {
  const { run, asked, seen } = workspace([well]);
  const results = await run(60);
  expect(results.map(hasPassed)).toEqual([true, true]);
  expect(seen).toHaveLength(1);
  expect(asked[0]).toContain('BundleVersion == "1.0.0+0123456789ab"');
  expect(asked[1]).toContain(`datetime(${first})`);
});

test("waits for roles to spread, and for rows to be seen", async () => {
  const { run, seen } = workspace([[], [report("activities", "waiting-for-azure"), well[1] as object], well], 4);
  const results = await run(60);
  expect(seen.map((look) => look.map(({ status }) => status))).toEqual([
    ["not-yet", "not-yet"],
    ["waiting-for-azure", "not-permitted"],
    ["ok", "not-permitted"],
    ["ok", "not-permitted"],
    ["ok", "not-permitted"],
  ]);
  expect(results.every(hasPassed)).toBe(true);
});

test("gives up when the time is over, with what was said last", async () => {
  const { run, clock } = workspace([[report("activities", "failing"), well[1] as object]]);
  const before = clock.time;
  const [activities] = await run(10);
  expect(activities).toMatchObject({ status: "failing", error: "The console answered 500." });
  expect(hasPassed(activities as SmokeResult)).toBe(false);
  expect(clock.time - before).toBeLessThanOrEqual(10 * 60_000);
});

// Azure-Sentinel issue 12172: a query over such a table and more than five others is refused
test("asks a table that may be of plan Basic by itself, and no table that nobody fills", async () => {
  const { asked, run } = workspace([well], 0, ["activities", "threats", "applications"]);
  await run(0);
  const [, together, alone, ...more] = asked;
  expect(more).toEqual([]);
  expect(together).toMatch(/^union \(SentinelOneActivities_CL [^]*\(SentinelOneThreats_CL /);
  expect(together).not.toContain("SentinelOneApplications_CL");
  expect(together).not.toContain("SentinelOneAgents_CL");
  expect(alone).toMatch(/^SentinelOneApplications_CL \| where ingestion_time\(\)/);
});
