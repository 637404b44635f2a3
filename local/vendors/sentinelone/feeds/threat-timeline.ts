import { HOUR } from "../../time.ts";
import type { Activity, ActivityLog } from "../activities/log.ts";
import type { ChildFeed } from "../api/feed.ts";
import { objectId } from "../world/identifiers.ts";
import type { Threat } from "../world/threat-book.ts";
import type { World } from "../world/world.ts";
import { renderTimelineEntry } from "./activity-record.ts";

/** What happened to one threat: its part of the activity log. */
export function threatTimelineFeed(world: World, log: ActivityLog): ChildFeed<Threat, Activity> {
  const id = (activity: Activity) => objectId(activity.at, activity.low);
  return {
    stream: "threat-timeline",
    path: "/threats/{id}/timeline",
    permission: "Threats.view",
    parents: (now) => threatsShown(world, now),
    parentId: (threat) => threat.id,
    open: (threat) => ({
      times: {},
      sets: { activityTypes: ({ kind }) => kind.id },
      sorts: { createdAt: ({ at }) => at, activityType: ({ kind }) => kind.id, id },
      rows: (now) => {
        const hours = new Set(threat.steps.map(({ shownAt }) => Math.floor(shownAt / HOUR)));
        return [...hours]
          .filter((hour) => hour <= now / HOUR)
          .flatMap((hour) => log.in(hour))
          .filter((activity) => activity.threat === threat);
      },
      // The timeline tells of a step as soon as the threat itself shows it.
      visible: ({ step }, now) => (step?.shownAt ?? 0) <= now,
      id,
      key: id,
      render: (activity) => renderTimelineEntry(world, activity),
    }),
  };
}

/** Threats that the console lists. */
export const threatsShown = (world: World, now: number): readonly Threat[] =>
  world.threats.until(now).filter(({ steps }) => (steps[0]?.shownAt ?? Infinity) <= now);
