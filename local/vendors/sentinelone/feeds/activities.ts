import { HOUR } from "../../time.ts";
import type { Activity, ActivityLog } from "../activities/log.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import { objectId } from "../world/identifiers.ts";
import type { World } from "../world/world.ts";
import { activityUuid, renderActivity } from "./activity-record.ts";

/** The console's audit log: nothing in it ever changes, but some of it shows up late. */
export function activitiesFeed(world: World, log: ActivityLog): Feed<Activity> {
  const first = world.beginning / HOUR;
  const createdAt = (activity: Activity) => activity.at;
  const id = (activity: Activity) => objectId(activity.at, activity.low);
  const group = (activity: Activity) => activity.agent.slot.group;
  const has = (activity: Activity, ...scopes: readonly string[]) => scopes.includes(activity.kind.scope);
  return {
    stream: "activities",
    path: "/activities",
    permission: "Activity Page.view",
    countCap: 50_000,
    times: { createdAt: { value: createdAt, operators: COMPARISONS_AND_BETWEEN } },
    sets: {
      ids: id,
      activityTypes: ({ kind }) => kind.id,
      activityUuids: (activity) => activityUuid(world, activity),
      accountIds: (activity) => group(activity).site.account.id,
      siteIds: (activity) => (has(activity, "account") ? null : group(activity).site.id),
      groupIds: (activity) => (has(activity, "account", "site") ? null : group(activity).id),
      agentIds: (activity) => (has(activity, "agent") ? activity.agent.id : null),
      threatIds: ({ threat }) => threat?.id,
      alertIds: ({ alert }) => alert?.id,
      ruleIds: ({ alert }) => alert?.rule.id,
      userIds: ({ kind, user }) => (kind.byUser ? user.id : null),
      userEmails: ({ kind, user }) => (kind.byUser ? user.email : null),
    },
    order: "createdAt",
    sorts: { createdAt, id, activityType: ({ kind }) => kind.id },
    rows: (now, range) => {
      const { from, to } = range("createdAt");
      const hourOf = (micros: number) => Math.floor(micros / 1000 / HOUR);
      return log.between(Math.max(first, hourOf(from)), Math.min(Math.floor(now / HOUR), hourOf(to)));
    },
    visible: (activity, now) => activity.shownAt <= now,
    id,
    key: id,
    render: (activity) => renderActivity(world, activity),
  };
}
