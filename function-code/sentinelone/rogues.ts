import { restStream } from "./rest-stream.ts";

/** Endpoints without an agent. `lastSeen` moves with every sighting, so only what else changes makes a row between two snapshots. */
export const rogues = restStream({
  name: "rogues",
  path: "/rogues/table-view",
  permission: "Rogues.view",
  pageSize: 1000,
  watermark: { filter: "lastSeen", field: "lastSeen" },
  key: ["id", "lastSeen"],
  paging: "key",
  requestsPerSecond: 5,
  sweep: { everyHours: "snapshot" },
  inventory: { id: "id", volatile: ["lastSeen"] },
});
