import { restStream } from "./rest-stream.ts";

/** Threats change for weeks (verdict, mitigation, incident status), so they are followed by `updatedAt`, which also finds the new ones. */
export const threats = restStream({
  name: "threats",
  path: "/threats",
  permission: "Threats.view",
  pageSize: 1000,
  watermark: { filter: "updatedAt", field: "threatInfo.updatedAt" },
  key: ["id", "threatInfo.updatedAt"],
  paging: "key",
  requestsPerSecond: 5,
});
