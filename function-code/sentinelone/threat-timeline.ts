import { threatDetailsStream } from "./threat-details.ts";

/** What happened to a threat, as its page in the console tells it; most of it is in the activities too. */
export const threatTimeline = threatDetailsStream({ name: "threat-timeline", list: "timeline" });
