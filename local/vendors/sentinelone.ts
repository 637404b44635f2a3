import { serveAlone } from "./command.ts";
import { Random } from "./random.ts";
import { ActivityLog } from "./sentinelone/activities/log.ts";
import { Access } from "./sentinelone/api/access.ts";
import { connectionOf } from "./sentinelone/api/connection.ts";
import { openConsole } from "./sentinelone/api/console.ts";
import type { CursorKind } from "./sentinelone/api/cursor.ts";
import { childListOf, type List, listOf } from "./sentinelone/api/list.ts";
import { RateLimits } from "./sentinelone/api/rate-limits.ts";
import { accountsFeed } from "./sentinelone/feeds/accounts.ts";
import { activitiesFeed } from "./sentinelone/feeds/activities.ts";
import { activityTypesList } from "./sentinelone/feeds/activity-types.ts";
import { agentsFeed } from "./sentinelone/feeds/agents.ts";
import { alertsFeed } from "./sentinelone/feeds/alerts.ts";
import { applicationRisksFeed } from "./sentinelone/feeds/application-risks.ts";
import { applicationInventoryFeed, applicationsFeed } from "./sentinelone/feeds/applications.ts";
import { deviceControlEventsFeed } from "./sentinelone/feeds/device-control-events.ts";
import { groupsFeed } from "./sentinelone/feeds/groups.ts";
import { rangerFeed, roguesFeed } from "./sentinelone/feeds/network-devices.ts";
import { policiesList } from "./sentinelone/feeds/policies.ts";
import { sitesFeed } from "./sentinelone/feeds/sites.ts";
import { threatNotesFeed } from "./sentinelone/feeds/threat-notes.ts";
import { threatTimelineFeed } from "./sentinelone/feeds/threat-timeline.ts";
import { threatsFeed } from "./sentinelone/feeds/threats.ts";
import { unifiedAlertsFeed } from "./sentinelone/feeds/unified-alerts.ts";
import { World } from "./sentinelone/world/world.ts";
import { serve } from "./server.ts";
import type { Simulator, SimulatorOptions } from "./simulator.ts";

export interface SentinelOneSimulator extends Simulator {
  /** Keys of every state that a stream has shown since the simulator was started: nothing else may ever be in a table that it fills. */
  keysEverShown(stream: string): readonly string[];
}

export interface SentinelOneOptions extends SimulatorOptions {
  /** How cursors find the next page. @default "position" */
  readonly cursor?: CursorKind;
  /** Answer 429 when a token asks too often, by the simulator's clock. Switch it off where that clock stands still. @default true */
  readonly rateLimits?: boolean;
}

/**
 * A SentinelOne console, management API 2.1, with a fleet that lives: agents report and change, threats are found and worked on, the
 * activity log grows, some of it late. What it shows depends on the seed, the scale and the clock alone.
 *
 * `keys(stream)` tells what is shown now: `activities`, `activity-types` and `device-control-events` by id; `rogues` and `ranger` by
 * `id|lastSeen`; `threats`, `agents`, `groups`, `alerts`, `alerts-v2`, `sites` and
 * `accounts`, whose objects change, by `id|updatedAt`, `updatedAt` as the console writes it; `applications` by `id|cpe` and
 * `application-risks` by `id|status|mitigationStatus`, for want of a time in their records; `policies` by `type of scope|its id|updatedAt`.
 */
export async function startSentinelOne(options: SentinelOneOptions = {}): Promise<SentinelOneSimulator> {
  const { seed = 1, scale = 1, now = Date.now, cursor = "position", rateLimits = true } = options;
  const started = now();
  const world = new World(seed, scale, started);
  const lists = openLists(world, new ActivityLog(world), cursor);
  const token = new Random(seed, "api-token").hex(80);
  const access = new Access([{ token, permissions: ["*"] }, ...(options.tokens ?? [])]);
  const answer = openConsole({ world, lists, access, limits: rateLimits ? new RateLimits() : undefined });
  const server = await serve(options, now, (request) => answer(request, now()));
  return {
    url: server.url,
    token,
    keys: (stream) => find(lists, stream).keys(now()),
    keysEverShown: (stream) => find(lists, stream).everShown(started, now()),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A feed is one file; this is the only list of them. */
const openLists = (world: World, log: ActivityLog, cursor: CursorKind): readonly List[] => [
  listOf(activitiesFeed(world, log), cursor),
  listOf(threatsFeed(world), cursor),
  activityTypesList,
  listOf(agentsFeed(world), cursor),
  listOf(groupsFeed(world), cursor),
  listOf(alertsFeed(world), cursor),
  connectionOf(unifiedAlertsFeed(world), cursor),
  listOf(deviceControlEventsFeed(world), cursor),
  listOf(roguesFeed(world), cursor),
  listOf(rangerFeed(world), cursor),
  listOf(sitesFeed(world), cursor),
  policiesList(world),
  listOf(accountsFeed(world), cursor),
  listOf(applicationInventoryFeed(world), cursor),
  listOf(applicationsFeed(world), cursor),
  listOf(applicationRisksFeed(world), cursor),
  childListOf(threatTimelineFeed(world, log), cursor),
  childListOf(threatNotesFeed(world), cursor),
];

function find(lists: readonly List[], stream: string): List {
  const list = lists.find((list) => list.stream === stream);
  if (list) return list;
  throw new Error(`No stream "${stream}" here. There are: ${lists.map((list) => list.stream).join(", ")}.`);
}

if (import.meta.main) await serveAlone("sentinelone", startSentinelOne);
