import { afterEach, beforeEach, expect, test } from "vitest";
import { Things } from "./things.ts";

const day = 24 * 3_600_000;
let things: Things;
beforeEach(async () => {
  things = await Things.open();
});
afterEach(() => things[Symbol.asyncDispose]());

const row = (Text: string) => ({ TimeGenerated: new Date(things.now).toISOString(), Text });
const texts = async () => (await things.query("Things_CL | order by Text asc")).map(({ Text }) => Text);
/** Gives the workspace a cap of so many bytes; the resource manager asks for more. */
const cap = (bytes: number) =>
  things.cloud.resources.push({
    id: things.workspace.id,
    type: "azure-native:operationalinsights:Workspace",
    inputs: {},
    outputs: { workspaceCapping: { dailyQuotaGb: bytes / 1e9 } },
  });

// Azure Monitor docs, daily-cap
test("what comes after the daily cap is acknowledged and dropped until the day ends", async () => {
  cap(100);
  expect(await things.uploadRows(row("first"))).toMatchObject({ status: 204 });
  expect(await things.uploadRows(row("crosses"), row("the cap"))).toMatchObject({ status: 204 });
  expect(await things.uploadRows(row("too late"))).toMatchObject({ status: 204 });
  expect(await texts()).toEqual(["crosses", "first", "the cap"]);
  expect(things.counters).toMatchObject({ rowsReceived: 4, rowsStored: 3, rowsLost: 1 });
  things.now += day;
  await things.uploadRows(row("next day"));
  expect(await texts()).toContain("next day");
});

test("the workspace's own log says once that its cap was reached, and keeps no rule's errors for it", async () => {
  cap(100);
  for (const text of ["one", "two", "three", "four"]) await things.uploadRows(row(text));
  expect(await things.query("Operation | project TimeGenerated, OperationCategory, Detail")).toEqual([
    {
      TimeGenerated: "2026-11-20T12:00:00Z",
      OperationCategory: "Data Collection Status",
      Detail: expect.stringContaining("OverQuota"),
    },
  ]);
  expect(await things.query("DCRLogErrors")).toEqual([]);
});

test("without a cap nothing is dropped", async () => {
  cap(-1e9);
  for (const text of ["one", "two", "three", "four"]) await things.uploadRows(row(text));
  expect(await texts()).toHaveLength(4);
  expect(await things.query("Operation")).toEqual([]);
});
