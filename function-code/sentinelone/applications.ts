import { ApplicationsFeed } from "./application-inventory.ts";
import type { SentinelOneStream } from "./rest-stream.ts";

/**
 * Applications installed on endpoints. The console answers for one application at a time, three times a second: a large inventory takes
 * hours, so it is read once a day, and a run that ends in the middle leaves the application that it came to. Sent are rows that are new
 * or changed, and every four weeks all of them, within the shortest retention that a table has.
 */
export const applications: SentinelOneStream = {
  id: "sentinelone-applications",
  vendor: "sentinelone",
  name: "applications",
  permission: "Applications Page.view",
  paging: "cursor",
  ordered: false,
  whole: true,
  oneScope: true,
  inventory: true,
  restMinutes: 24 * 60,
  sweep: { everyHours: 28 * 24 },
  open: (client, caller, clock) => new ApplicationsFeed(client, caller, clock),
};
