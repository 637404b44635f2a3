import { wholeStream } from "./whole-stream.ts";

/**
 * Vulnerabilities of applications, by when the console last changed them, which it neither sorts by nor shows; removed ones too, so that
 * what was fixed is seen to be fixed. A scan or another day alone makes no news. All of them are sent every four weeks, within the
 * shortest retention that a table has.
 */
export const applicationRisks = wholeStream({
  name: "application-risks",
  path: "/application-management/risks",
  permission: "Applications Page.viewRisks",
  pageSize: 1000,
  query: { includeRemovals: "true", skipCount: "true" },
  changes: "riskUpdatedDate",
  bySite: "one",
  requestsPerSecond: 4,
  inventory: { id: "id", volatile: ["daysDetected", "lastScanDate"] },
  restMinutes: 15,
  sweep: { everyHours: 28 * 24 },
});
