import { restStream } from "./rest-stream.ts";

/**
 * Peripherals. `eventTime` is the only time to go by, and it is the endpoint's clock: an event shows up when its endpoint is online again,
 * days later in the middle of what was read long ago. So each poll reads the newest alone, and once an hour the console is asked how many
 * events each hour of the last week has; those that have more than was delivered are read again.
 */
export const deviceControlEvents = restStream({
  name: "device-control-events",
  path: "/device-control/events",
  permission: "Device Control.view",
  pageSize: 1000,
  watermark: { filter: "eventTime", field: "eventTime" },
  key: ["id"],
  paging: "key",
  requestsPerSecond: 5,
  audit: { reachHours: 7 * 24 },
});
