import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Things, tableColumns } from "./things.ts";

let things: Things;
beforeEach(async () => {
  things = await Things.open();
});
afterEach(() => things[Symbol.asyncDispose]());

describe("the transform", () => {
  test("may leave out TimeGenerated, which is then the time of receipt", async () => {
    things.deploy({ Things_CL: "source | project Text" });
    await things.uploadRows({ Text: "a", TimeGenerated: "2026-11-20T11:00:00Z" });
    expect(await things.query("Things_CL | project TimeGenerated")).toEqual([
      { TimeGenerated: "2026-11-20T12:00:00Z" },
    ]);
  });

  test("decides which rows and columns are stored", async () => {
    things.deploy({
      Things_CL: "source | where Count > 1 | project TimeGenerated, Text = strcat(Text, '!'), Extra = 1",
    });
    await things.uploadRows({ Text: "a", Count: 1 }, { Text: "b", Count: 2 });
    expect(await things.query("Things_CL | project Text, Count")).toEqual([{ Text: "b!", Count: null }]);
    expect(things.counters).toMatchObject({
      rowsReceived: 2,
      rowsStored: 1,
      rowsFiltered: 1,
      rowsLost: 0,
    });
    expect(things.counters.columnsDropped).toEqual(new Map([["Extra", 1]]));
  });

  test("may say now(), which is the time of each request", async () => {
    things.deploy({ Things_CL: "source | extend TimeGenerated = now()" });
    await things.uploadRows({ Text: "a" });
    things.now += 1000;
    await things.uploadRows({ Text: "b" });
    expect(
      (await things.query("Things_CL | project TimeGenerated | order by TimeGenerated asc")).map(
        (row) => row["TimeGenerated"],
      ),
    ).toEqual(["2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z"]);
  });

  test("that changes is used from the next request on", async () => {
    await things.uploadRows({ Text: "a" });
    things.deploy({ Things_CL: "source | extend Text = 'changed'" });
    await things.uploadRows({ Text: "b" });
    expect((await things.query("Things_CL | project Text | order by Text asc")).map(({ Text }) => Text)).toEqual([
      "a",
      "changed",
    ]);
  });
});

// Azure Monitor docs, "Monitor and troubleshoot DCR data collection": 204 means accepted; what is lost later shows in metrics and `DCRLogErrors`.
describe("rows that are lost after they were acknowledged", () => {
  const setting = (workspaceId: string) => ({
    id: `${things.rule.id}/providers/Microsoft.Insights/diagnosticSettings/errors`,
    type: "azure-native:monitor:DiagnosticSetting",
    inputs: { resourceUri: things.rule.id, workspaceId, logs: [{ category: "LogErrors", enabled: true }] },
    outputs: {},
  });

  test.each([
    ["a table that does not exist", "Missing_CL", "source", "Ingestion", "The table Missing_CL does not exist"],
    ["a transform that does not bind", "Other_CL", "source | project Nothing", "Transformation", "Nothing"],
    [
      "a transform whose result does not fit",
      "Other_CL",
      "source | extend Text = 1",
      "Transformation",
      "Column Text of the transform's result has type",
    ],
  ])("%s: counted, written to DCRLogErrors, and no other table's", async (_, table, transform, operation, message) => {
    await things.store.ensureTable(things.workspace.id, { name: "Other_CL", columns: tableColumns });
    things.deploy({ [table]: transform, Things_CL: "source" });
    things.cloud.resources.push(setting(things.workspace.id));
    expect((await things.uploadRows({ Text: "a" })).status).toBe(204);
    expect(await things.query("Things_CL | count")).toEqual([{ Count: 1 }]);
    expect(await things.query("Other_CL | count")).toEqual([{ Count: 0 }]);
    expect(things.counters).toMatchObject({ rowsReceived: 1, rowsStored: 1, rowsLost: 1 });
    const [logged] = await things.query("DCRLogErrors | project TimeGenerated, OperationName, InputStreamId, Message");
    expect(logged).toMatchObject({
      TimeGenerated: "2026-11-20T12:00:00Z",
      OperationName: operation,
      InputStreamId: "Custom-Things",
    });
    expect(logged?.["Message"]).toContain(message);
  });

  test("nothing is written where no diagnostic setting asks for it", async () => {
    things.deploy({ Missing_CL: "source" });
    await things.uploadRows({ Text: "a" });
    expect(await things.query("DCRLogErrors | count")).toEqual([{ Count: 0 }]);
  });
});
