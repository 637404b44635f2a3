import { restStream } from "./rest-stream.ts";

/**
 * Alerts of STAR custom rules. Followed by `reportedAt`, the console's own clock: there is no filter for `updatedAt`, so the last week is
 * read again every hour to find what analysts changed. Whether `updatedAt` moves with that is not documented, hence the longer key.
 */
export const alerts = restStream({
  name: "alerts",
  path: "/cloud-detection/alerts",
  permission: "Custom Alerts.view",
  pageSize: 1000,
  watermark: { filter: "reportedAt", field: "alertInfo.reportedAt", sortBy: "alertInfoReportedAt" },
  key: ["alertInfo.alertId", "alertInfo.updatedAt", "alertInfo.incidentStatus", "alertInfo.analystVerdict"],
  paging: "key",
  requestsPerSecond: 5,
  sweep: { everyHours: 1, reachHours: 7 * 24 },
});
