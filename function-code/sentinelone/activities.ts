import { restStream } from "./rest-stream.ts";

/** The console's own log: rows are added and never change, but some appear minutes or hours after their `createdAt`. */
export const activities = restStream({
  name: "activities",
  path: "/activities",
  permission: "Activity Page.view",
  pageSize: 1000,
  watermark: { filter: "createdAt", field: "createdAt" },
  key: ["id"],
  paging: "cursor",
  // The console's limit is a bucket of 30, filled ten times a second.
  requestsPerSecond: 9.5,
  burst: 25,
  // An hour's last row may be a day late.
  audit: { reachHours: 26 },
});
