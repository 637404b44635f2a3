import { afterAll, beforeAll, expect, test } from "vitest";
import { readHuntingQueries } from "../../../kql/catalog-hunting.ts";
import { readScenarios } from "../../kql-content/scenario.ts";
import { now, TestWorkspace } from "../functions/test-workspace.ts";
import { inTermsOf, report } from "./scenario-workspace.ts";

const queries = readHuntingQueries();
const scenarios = new Map(queries.map((query) => [query, readScenarios("hunting", query, now.getTime())]));

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await TestWorkspace.create();
  const hosts = ["unknown", "lt-known"].map((host) => `datetime(${now.toISOString()}), "${host}.corp.example"`);
  await workspace.addTable("Heartbeat", `datatable (TimeGenerated: datetime, Computer: string) [${hosts.join(", ")}]`);
  await report(workspace, scenarios);
});
afterAll(() => workspace[Symbol.asyncDispose]());

test.each([...scenarios].map(([query, told]) => ({ id: query.id, query: query.query, told })))(
  "$id finds what it looks for",
  async ({ id, query, told }) => {
    const found = Map.groupBy(await workspace.kql(query), ({ Connection }) => Connection);
    expect(
      told.map(({ when, rows }, index) => ({
        when,
        // What no console knows belongs to none.
        rows: [...(found.get(`${id}-${index}`) ?? []), ...(found.get("") ?? [])].map((row, i) =>
          inTermsOf(rows[i], row),
        ),
      })),
    ).toEqual(told.map(({ when, rows }) => ({ when, rows })));
  },
);
