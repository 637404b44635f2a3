import { restStream } from "./rest-stream.ts";

/**
 * Peripherals. `eventTime` is the only time to go by, and it is the endpoint's clock: an event shows up when its endpoint is online again,
 * days later in the middle of what was read long ago. So each poll reads the newest alone, and once an hour the last week is read again;
 * a week holds thousands of events, not millions.
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
  sweep: { everyHours: 1, reachHours: 7 * 24 },
});
