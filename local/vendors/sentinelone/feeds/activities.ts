import { Random } from "../../random.ts";
import { HOUR, isoMicros } from "../../time.ts";
import type { ActivityKind, ActivitySubject } from "../activities/kind.ts";
import { type Activity, ActivityLog } from "../activities/log.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import type { Group } from "../world/fleet.ts";
import { objectId } from "../world/identifiers.ts";
import type { World } from "../world/world.ts";

/** The console's audit log: nothing in it ever changes, but some of it shows up late. */
export function activitiesFeed(world: World): Feed<Activity> {
  const log = new ActivityLog(world);
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
    render: (activity) => JSON.stringify(describe(world, activity)),
  };
}

function describe(world: World, activity: Activity): Record<string, unknown> {
  const { kind, agent, user, at } = activity;
  const group = agent.slot.group;
  const { site } = group;
  const random = new Random(world.seed, "activity-record", activity.hour, activity.ordinal);
  const subject: ActivitySubject = { random, group, ...activity };
  const inSite = kind.scope !== "account";
  const inGroup = kind.scope === "group" || kind.scope === "agent";
  const data: Record<string, unknown> = { ...scopeData(kind, group), ...kind.data(subject) };
  return {
    accountId: site.account.id,
    accountName: site.account.name,
    activityType: kind.id,
    activityUuid: activityUuid(world, activity),
    agentId: kind.scope === "agent" ? agent.id : null,
    agentUpdatedVersion: kind.id === 43 ? (data["newVersion"] ?? null) : null,
    comments: null,
    createdAt: isoMicros(at),
    data,
    description: null,
    groupId: inGroup ? group.id : null,
    groupName: inGroup ? group.name : null,
    hash: activity.threat?.contentHash ?? null,
    id: objectId(at, activity.low),
    osFamily: kind.scope === "agent" && random.chance(0.5) ? agent.slot.platform.osType : null,
    primaryDescription: fill(kind.template, data),
    secondaryDescription: activity.threat?.filePath ?? null,
    siteId: inSite ? site.id : null,
    siteName: inSite ? site.name : null,
    threatId: activity.threat?.id ?? null,
    // Written before the row was: nearly always a little smaller than `createdAt`.
    updatedAt: isoMicros(at - (random.chance(0.95) ? random.integer(2_000, 1_200_000) : 0)),
    userId: kind.byUser ? user.id : null,
  };
}

const activityUuid = (world: World, activity: Activity): string =>
  new Random(world.seed, "activity-uuid", activity.hour, activity.ordinal).uuid();

/** Where it happened, in the words that every activity carries. */
function scopeData({ scope }: ActivityKind, group: Group): Record<string, string | null> {
  const { site } = group;
  const levels = [
    ["Account", site.account.name],
    ["Site", site.name],
    ["Group", group.name],
  ] as const;
  const depth = scope === "account" ? 1 : scope === "site" ? 2 : 3;
  const within = levels.slice(0, depth);
  const [scopeLevel, scopeName] = within.at(-1) ?? levels[0];
  return {
    accountName: site.account.name,
    siteName: depth > 1 ? site.name : null,
    groupName: depth > 2 ? group.name : null,
    scopeLevel,
    scopeName,
    fullScopeDetails: within
      .toReversed()
      .map(([level, name]) => `${level} ${name}`)
      .join(" of "),
    fullScopeDetailsPath: ["Global", ...within.map(([, name]) => name)].join(" / "),
  };
}

const fill = (template: string, data: Record<string, unknown>): string =>
  template.replaceAll(/\{\{ (\w+) \}\}/g, (_, key: string) => {
    const value = data[key];
    return typeof value === "string" || typeof value === "number" ? `${value}` : "";
  });
