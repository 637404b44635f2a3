import { restStream } from "./rest-stream.ts";

/** Devices in the networks of the fleet, followed as `rogues` are. The console takes one site a request here. */
export const ranger = restStream({
  name: "ranger",
  path: "/ranger/table-view",
  permission: "Ranger.view",
  pageSize: 1000,
  watermark: { filter: "lastSeen", field: "lastSeen" },
  key: ["id", "lastSeen"],
  paging: "key",
  oneScope: true,
  requestsPerSecond: 5,
  sweep: { everyHours: "snapshot" },
  inventory: { id: "id", volatile: ["lastSeen"] },
});
