import { isoMicros } from "../../time.ts";
import { COMPARISONS, type Feed } from "../api/feed.ts";
import { stepAt, stepsShown } from "../world/history.ts";
import type { Threat, ThreatStep } from "../world/threat-book.ts";
import type { World } from "../world/world.ts";
import { describeThreat } from "./threat-record.ts";

interface ThreatRow {
  readonly threat: Threat;
  readonly step: ThreatStep;
}

/** Threats as they are now: one row each, which moves to the end of the list by `updatedAt` whenever its state changes. */
export function threatsFeed(world: World): Feed<ThreatRow> {
  const texts = new WeakMap<ThreatStep, string>();
  const createdAt = ({ threat }: ThreatRow) => threat.createdAt;
  const updatedAt = ({ step }: ThreatRow) => step.at;
  const group = ({ threat }: ThreatRow) => threat.agent.slot.group;
  const key = ({ threat, step }: ThreatRow) => `${threat.id}|${isoMicros(step.at)}`;
  return {
    stream: "threats",
    path: "/threats",
    permission: "Threats.view",
    times: {
      createdAt: { value: createdAt, operators: COMPARISONS },
      updatedAt: { value: updatedAt, operators: COMPARISONS },
    },
    sets: {
      ids: ({ threat }) => threat.id,
      accountIds: (row) => group(row).site.account.id,
      siteIds: (row) => group(row).site.id,
      groupIds: (row) => group(row).id,
      agentIds: ({ threat }) => threat.agent.id,
      contentHashes: ({ threat }) => threat.contentHash,
      storylines: ({ threat }) => threat.storyline,
      classifications: ({ threat }) => threat.malware.classification,
      confidenceLevels: ({ threat }) => threat.malware.confidence,
      mitigationStatuses: ({ step }) => step.state.mitigationStatus,
      incidentStatuses: ({ step }) => step.state.incidentStatus,
      analystVerdicts: ({ step }) => step.state.analystVerdict,
      osTypes: ({ threat }) => threat.agent.slot.platform.osType,
      resolved: ({ step }) => step.state.incidentStatus === "resolved",
    },
    sorts: {
      id: ({ threat }) => threat.id,
      createdAt,
      updatedAt,
      classification: ({ threat }) => threat.malware.classification,
      mitigationStatus: ({ step }) => step.state.mitigationStatus,
      siteId: (row) => group(row).site.id,
    },
    rows: (now) =>
      world.threats.until(now).flatMap((threat) => {
        const step = stepAt(threat.steps, now);
        return step ? [{ threat, step }] : [];
      }),
    id: ({ threat }) => threat.id,
    key,
    everShown: (since, now) =>
      world.threats
        .until(now)
        .flatMap((threat) => stepsShown(threat.steps, since, now).map((step) => key({ threat, step }))),
    render: ({ threat, step }) => {
      const text = texts.get(step) ?? JSON.stringify(describeThreat(world, threat, step));
      texts.set(step, text);
      return text;
    },
  };
}
