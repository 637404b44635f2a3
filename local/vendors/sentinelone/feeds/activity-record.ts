import { Random } from "../../random.ts";
import { isoMicros } from "../../time.ts";
import type { ActivityKind } from "../activities/kind.ts";
import type { Activity } from "../activities/log.ts";
import type { Group } from "../world/fleet.ts";
import { objectId } from "../world/identifiers.ts";
import type { World } from "../world/world.ts";

/**
 * The record of an activity as JSON text. The log is the one feed that is read by the hundred thousand, so what rows of one scope share
 * is rendered once.
 */
export function renderActivity(world: World, activity: Activity): string {
  const { scope, data, record } = describeActivity(world, activity);
  return `{${scope.record},"data":{${scope.data},${inner(data)}},${inner(record)}}`;
}

/** The same as an entry of a threat's timeline, which tells less about where it happened. */
export function renderTimelineEntry(world: World, activity: Activity): string {
  const { scope, data, record } = describeActivity(world, activity);
  const { activityUuid: _, comments: __, description: ___, ...entry } = record;
  const { group } = activity.agent.slot;
  const ids = { accountId: group.site.account.id, siteId: group.site.id, groupId: group.id };
  return `{${inner(ids)},"data":{${scope.data},${inner(data)}},${inner(entry)}}`;
}

function describeActivity(world: World, activity: Activity) {
  const { kind, agent, user, at } = activity;
  const { group } = agent.slot;
  const random = new Random(world.seed, "activity-record", activity.hour, activity.ordinal);
  const scope = scopeOf(kind.scope, group);
  const data = kind.data({ ...activity, random, group });
  const record = {
    activityType: kind.id,
    activityUuid: activityUuid(world, activity),
    agentId: kind.scope === "agent" ? agent.id : null,
    agentUpdatedVersion: kind.id === 43 ? (data["newVersion"] ?? null) : null,
    comments: kind.byUser && random.chance(0.05) ? "Requested by the service desk" : null,
    createdAt: isoMicros(at),
    description: data["description"] ?? null,
    hash: activity.threat?.contentHash ?? data["fileContentHash"] ?? null,
    id: objectId(at, activity.low),
    osFamily: kind.scope === "agent" && random.chance(0.5) ? agent.slot.platform.osType : null,
    primaryDescription: fill(kind.template, { ...scope.words, ...data }),
    secondaryDescription: activity.threat?.filePath ?? null,
    threatId: activity.threat?.id ?? null,
    // Written before the row was: nearly always a little smaller than `createdAt`.
    updatedAt: isoMicros(at - (random.chance(0.95) ? random.integer(2_000, 1_200_000) : 0)),
    userId: kind.byUser ? user.id : null,
  };
  return { scope, data, record };
}

export const activityUuid = (world: World, activity: Activity): string =>
  new Random(world.seed, "activity-uuid", activity.hour, activity.ordinal).uuid();

interface ScopeText {
  /** Members of the record, and of its `data`, without braces. */
  readonly record: string;
  readonly data: string;
  readonly words: Readonly<Record<string, string | null>>;
}

const texts = new WeakMap<Group, Map<ActivityKind["scope"], ScopeText>>();

/** Where it happened, in the members that every activity carries. */
function scopeOf(scope: ActivityKind["scope"], group: Group): ScopeText {
  const known = texts.get(group) ?? new Map<ActivityKind["scope"], ScopeText>();
  texts.set(group, known);
  const text = known.get(scope) ?? writeScope(scope, group);
  known.set(scope, text);
  return text;
}

function writeScope(scope: ActivityKind["scope"], group: Group): ScopeText {
  const { site } = group;
  const { account } = site;
  const levels = [["Account", account] as const, ["Site", site] as const, ["Group", group] as const] as const;
  const depth = scope === "account" ? 1 : scope === "site" ? 2 : 3;
  const within = levels.slice(0, depth);
  const [, inSite, inGroup] = within;
  const names = { accountName: account.name, siteName: inSite?.[1].name ?? null, groupName: inGroup?.[1].name ?? null };
  const ids = { accountId: account.id, siteId: inSite?.[1].id ?? null, groupId: inGroup?.[1].id ?? null };
  const places = within.map(([level, place]) => `${level} ${place.name}`).toReversed();
  const [scopeLevel, place] = levels[depth - 1] ?? levels[0];
  const words = {
    ...names,
    scopeLevel,
    scopeName: place.name,
    fullScopeDetails: places.join(" of "),
    fullScopeDetailsPath: ["Global", ...within.map(([, { name }]) => name)].join(" / "),
  };
  return { record: inner({ ...names, ...ids }), data: inner(words), words };
}

/** Members of a JSON object, without its braces. */
const inner = (object: Record<string, unknown>): string => JSON.stringify(object).slice(1, -1);

const fill = (template: string, words: Record<string, unknown>): string =>
  template.replaceAll(/\{\{ (\w+) \}\}/g, (_, key: string) => {
    const value = words[key];
    return typeof value === "string" || typeof value === "number" ? `${value}` : "";
  });
