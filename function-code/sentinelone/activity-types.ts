import { wholeStream } from "./whole-stream.ts";

const day = 24;

/**
 * What the console calls its activity types, all in one answer. A row where a type is new or worded anew; all of them every two weeks, so
 * that no retention, at least 30 days, ever forgets one.
 */
export const activityTypes = wholeStream({
  name: "activity-types",
  path: "/activities/types",
  permission: "Activity Page.view",
  bySite: false,
  // Draws on the bucket of the activities, which leave it half a request a second.
  requestsPerSecond: 0.4,
  inventory: { id: "id", volatile: [] },
  restMinutes: day * 60,
  sweep: { everyHours: 14 * day },
});
