import { accounts } from "./accounts.ts";
import { activities } from "./activities.ts";
import { activityTypes } from "./activity-types.ts";
import { agents } from "./agents.ts";
import { alerts } from "./alerts.ts";
import { alertsV2 } from "./alerts-v2.ts";
import { applicationRisks } from "./application-risks.ts";
import { applications } from "./applications.ts";
import { deviceControlEvents } from "./device-control-events.ts";
import { groups } from "./groups.ts";
import { policies } from "./policies.ts";
import { ranger } from "./ranger.ts";
import type { SentinelOneStream } from "./rest-stream.ts";
import { rogues } from "./rogues.ts";
import { sites } from "./sites.ts";
import { threatNotes } from "./threat-notes.ts";
import { threatTimeline } from "./threat-timeline.ts";
import { threats } from "./threats.ts";

/** Everything that is collected from a SentinelOne console. */
export const sentinelOneStreams: readonly SentinelOneStream[] = [
  accounts,
  activities,
  activityTypes,
  agents,
  alerts,
  alertsV2,
  applicationRisks,
  applications,
  deviceControlEvents,
  groups,
  policies,
  ranger,
  rogues,
  sites,
  threatNotes,
  threatTimeline,
  threats,
];
