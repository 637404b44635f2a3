import type { Random } from "../../random.ts";
import type { Alert } from "../world/alert-book.ts";
import type { Agent, ConsoleUser, Group } from "../world/fleet.ts";
import type { Threat, ThreatStep } from "../world/threat-book.ts";

/** One type of activity: how the console names it, how often it happens by itself, and what its `data` holds. */
export interface ActivityKind {
  readonly id: number;
  readonly action: string;
  /** `primaryDescription`, with `{{ key }}` filled from `data`. */
  readonly template: string;
  /** At scale 1; 0 where only something else in the simulator brings it about. */
  readonly perDay: number;
  /** What it is about, and so which of `agentId`, `groupId`, `siteId` it carries. */
  readonly scope: "agent" | "group" | "site" | "account";
  /** A console user did it; else the console or an agent by itself. */
  readonly byUser: boolean;
  readonly data: (subject: ActivitySubject) => Record<string, unknown>;
}

export interface ActivitySubject {
  readonly random: Random;
  /** Epoch microseconds. */
  readonly at: number;
  readonly agent: Agent;
  readonly group: Group;
  readonly user: ConsoleUser;
  readonly threat?: Threat;
  readonly step?: ThreatStep;
  readonly alert?: Alert;
}

/** Types that differ in name and frequency only: `[id, perDay, action, template]`. */
export const kinds = (
  common: Pick<ActivityKind, "scope" | "byUser" | "data">,
  rows: readonly (readonly [id: number, perDay: number, action: string, template: string])[],
): readonly ActivityKind[] =>
  rows.map(([id, perDay, action, template]) => ({ id, perDay, action, template, ...common }));
