import { restStream } from "./rest-stream.ts";

/**
 * The fleet. An agent is sent when something about it changed, and with every snapshot. Heartbeats do not move `updatedAt`, so one that
 * falls silent, which only changes `isActive` and the like, is looked for by its last heartbeat.
 */
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
  silence: { filter: "lastActiveDate", field: "lastActiveDate", afterMinutes: 60 },
  inventory: { id: "id", volatile: ["updatedAt", "lastActiveDate"] },
});
