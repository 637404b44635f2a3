import { restStream } from "./rest-stream.ts";

/** Groups of agents. Older consoles refuse pages of more than 300. */
export const groups = restStream({
  name: "groups",
  path: "/groups",
  permission: "Groups.view",
  pageSize: 300,
  watermark: { filter: "updatedAt", field: "updatedAt" },
  key: ["id", "updatedAt"],
  paging: "key",
  requestsPerSecond: 5,
  sweep: { everyHours: "snapshot" },
  inventory: { id: "id", volatile: ["updatedAt", "totalAgents", "registrationToken"] },
});
