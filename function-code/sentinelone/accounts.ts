import { wholeStream } from "./whole-stream.ts";

/** Accounts can be filtered by exact times alone. Members that count agents change all the time; `totalLicenses` tells what was bought. */
export const accounts = wholeStream({
  name: "accounts",
  path: "/accounts",
  permission: "Accounts.view",
  pageSize: 1000,
  query: { states: "active,expired,deleted" },
  bySite: false,
  requestsPerSecond: 5,
  inventory: {
    id: "id",
    volatile: ["updatedAt", "activeAgents", "skus", "agentsInCoreSku", "agentsInControlSku", "agentsInCompleteSku"],
  },
  restMinutes: 15,
  // So that no retention, at least 30 days, ever forgets one.
  sweep: { everyHours: 14 * 24 },
});
