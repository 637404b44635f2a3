import { restStream } from "./rest-stream.ts";

/** The fleet. Heartbeats do not move `updatedAt`; an agent is sent when something about it changed, and with every snapshot. */
export const agents = restStream({
  name: "agents",
  path: "/agents",
  permission: "Endpoints.view",
  pageSize: 1000,
  watermark: { filter: "updatedAt", field: "updatedAt" },
  key: ["id", "updatedAt"],
  paging: "key",
  requestsPerSecond: 5,
  sweep: { everyHours: "snapshot" },
  inventory: { id: "id", volatile: ["updatedAt", "lastActiveDate"] },
});
