import { accounts } from "./accounts.ts";
import { activities } from "./activities.ts";
import { agents } from "./agents.ts";
import { alerts } from "./alerts.ts";
import { alertsV2 } from "./alerts-v2.ts";
import { groups } from "./groups.ts";
import { policies } from "./policies.ts";
import type { SentinelOneStream } from "./rest-stream.ts";
import { sites } from "./sites.ts";
import { threats } from "./threats.ts";

/** Everything that is collected from a SentinelOne console. */
export const sentinelOneStreams: readonly SentinelOneStream[] = [
  accounts,
  activities,
  agents,
  alerts,
  alertsV2,
  groups,
  policies,
  sites,
  threats,
];
