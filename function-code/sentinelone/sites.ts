import { wholeStream } from "./whole-stream.ts";

/** Sites can be filtered by exact times alone. Deleted ones are asked for too: their last row tells what became of them. */
export const sites = wholeStream({
  name: "sites",
  path: "/sites",
  permission: "Sites.view",
  pageSize: 1000,
  records: "data.sites",
  query: { states: "active,expired,deleted" },
  bySite: true,
  requestsPerSecond: 5,
  inventory: { id: "id", volatile: ["updatedAt", "activeLicenses", "registrationToken"] },
  restMinutes: 15,
  // So that no retention, at least 30 days, ever forgets one.
  sweep: { everyHours: 14 * 24 },
});
