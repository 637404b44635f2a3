import { expect, test } from "vitest";
import { judge, judgeMachines } from "./verdict.ts";
import { versionOfUploaded } from "./versions.ts";

const stream = { id: "sentinelone-agents", key: ["Connection", "Id"], inventory: true };
const agent = {
  id: "7",
  updatedAt: "2026-11-20T09:00:00.120000Z",
  lastActiveDate: "2026-11-20T09:18:00Z",
  isActive: true,
};
const silent = { ...agent, isActive: false };
const rowOf = ({ id, updatedAt, lastActiveDate, isActive }: typeof agent) => ({
  Connection: "c",
  Id: id,
  UpdatedAt: updatedAt.replace("120000Z", "12Z"),
  LastActiveDate: lastActiveDate,
  IsActive: isActive,
});
const uploaded = (record: typeof agent) =>
  `${stream.id}|${versionOfUploaded(stream.id, { Record: JSON.stringify(record) })}`;
const verdictOn = (records: readonly (typeof agent)[], inFlight: readonly (typeof agent)[] = []) =>
  judge({
    stream,
    before: new Set(["7"]),
    after: new Set(["7"]),
    stored: records.map(rowOf),
    latest: records.slice(-1).map(rowOf),
    mayBeTwice: new Set(inFlight.map(uploaded)),
  });

test("a machine that falls silent, and again another day, is stored once each time", () => {
  const again = { ...silent, lastActiveDate: "2026-11-21T15:00:00Z" };
  expect(verdictOn([agent, silent, again])).toEqual({
    rows: 3,
    lost: [],
    twiceOutside: [],
    twiceInFlight: 0,
    wrong: [],
  });
});

test("the same version stored again is twice, and allowed only where it was in flight", () => {
  const name = "sentinelone-agents|7|2026-11-20T09:00:00.12Z|silent since 2026-11-20T09:18:00Z";
  const twice = [agent, silent, silent, silent];
  expect(verdictOn(twice)).toMatchObject({ rows: 2, twiceOutside: [name], twiceInFlight: 0 });
  expect(verdictOn(twice, [agent])).toMatchObject({ twiceOutside: [name] });
  expect(verdictOn(twice, [silent])).toMatchObject({ twiceOutside: [], twiceInFlight: 2 });
});

test("what the table or …Latest lacks, and what …Latest shows twice, is told", () => {
  expect(verdictOn([])).toMatchObject({ lost: ["sentinelone-agents|7"] });
  const evidence = {
    stream,
    before: new Set(["7"]),
    after: new Set(["7"]),
    stored: [rowOf(agent)],
    mayBeTwice: new Set<string>(),
  };
  expect(judge({ ...evidence, latest: [] }).wrong).toEqual(["…Latest lacks sentinelone-agents|7"]);
  expect(judge({ ...evidence, latest: [rowOf(agent), rowOf(silent)] }).wrong).toEqual([
    "…Latest shows sentinelone-agents|c|7 twice",
  ]);
});

test("a machine of which …Latest tells an old state is told, silence included", () => {
  const machine = { id: "7", updatedAt: agent.updatedAt, state: { AgentVersion: "24.1" }, isSilent: true };
  const row = { ...rowOf(silent), AgentVersion: "24.1" };
  expect(judgeMachines([machine], [row])).toEqual([]);
  expect(judgeMachines([machine], [{ ...row, IsActive: true, AgentVersion: "23.4" }])).toEqual([
    "…Latest tells an old AgentVersion of agent 7",
    "…Latest tells an old IsActive of agent 7",
  ]);
});
