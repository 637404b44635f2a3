import { Random } from "../../random.ts";
import type { ConnectionFeed } from "../api/connection.ts";
import { COMPARISONS } from "../api/feed.ts";
import type { Alert, AlertState } from "../world/alert-book.ts";
import type { Agent } from "../world/fleet.ts";
import { type Step, stepAt, stepsShown } from "../world/history.ts";
import type { Threat, ThreatStep } from "../world/threat-book.ts";
import { agentVersion } from "../world/vocabulary.ts";
import type { World } from "../world/world.ts";

/** A threat or a STAR alert, as the newer console shows both: with a UUID, and times in milliseconds. */
interface UnifiedAlert {
  readonly id: string;
  readonly detectedAt: number;
  readonly createdAt: number;
  readonly agent: Agent;
  readonly finding:
    | { readonly threat: Threat; readonly step: ThreatStep }
    | { readonly alert: Alert; readonly step: Step<AlertState> };
}

/** Unified alerts: everything that the engines found, in one list. */
export function unifiedAlertsFeed(world: World): ConnectionFeed<UnifiedAlert> {
  const ids = new Map<string, string>();
  const idOf = (externalId: string) => {
    const id = ids.get(externalId) ?? new Random(world.seed, "unified-alert", externalId).uuid();
    ids.set(externalId, id);
    return id;
  };
  const ofThreat = (threat: Threat, step: ThreatStep): UnifiedAlert => ({
    id: idOf(threat.id),
    detectedAt: threat.identifiedAt,
    createdAt: threat.createdAt,
    agent: threat.agent,
    finding: { threat, step },
  });
  const ofAlert = (alert: Alert, step: Step<AlertState>): UnifiedAlert => ({
    id: idOf(alert.id),
    detectedAt: alert.createdAt,
    createdAt: alert.reportedAt,
    agent: alert.agent,
    finding: { alert, step },
  });
  const updatedAt = ({ finding }: UnifiedAlert) => whole(finding.step.at);
  const key = (row: UnifiedAlert) => `${row.id}|${isoMillis(updatedAt(row))}`;
  const group = ({ agent }: UnifiedAlert) => agent.slot.group;
  return {
    stream: "alerts-v2",
    path: "/unifiedalerts/graphql",
    permission: "Unified Alerts.view",
    field: "alerts",
    nodeFields:
      "id name description detectedAt createdAt updatedAt firstSeenAt lastSeenAt status severity analystVerdict result confidenceLevel classification externalId storylineId ticketId noteExists attackSurfaces dataSources detectionSource { product vendor } assignee { fullName email } analytics { uid name category typeValue } assets { id name agentUuid osType osVersion } asset { id name agentUuid agentVersion category subcategory osType osVersion lastLoggedInUser } process { cmdLine parentName file { name path md5 sha1 sha256 } } realTime { scope { account { id name } site { id name } group { id name } } }",
    times: {
      createdAt: { value: ({ createdAt }) => whole(createdAt), operators: COMPARISONS },
      detectedAt: { value: ({ detectedAt }) => whole(detectedAt), operators: COMPARISONS },
      updatedAt: { value: updatedAt, operators: COMPARISONS },
    },
    sets: { siteIds: (row) => group(row).site.id },
    sorts: { updatedAt, createdAt: ({ createdAt }) => createdAt, detectedAt: ({ detectedAt }) => detectedAt },
    order: "createdAt",
    rows: (now) =>
      [
        ...world.threats.until(now).flatMap((threat) => {
          const step = stepAt(threat.steps, now);
          return step ? [ofThreat(threat, step)] : [];
        }),
        ...world.alerts.until(now).flatMap((alert) => {
          const step = stepAt(alert.steps, now);
          return step ? [ofAlert(alert, step)] : [];
        }),
      ].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
    id: ({ id }) => id,
    key,
    everShown: (since, now) => [
      ...world.threats
        .until(now)
        .flatMap((threat) => stepsShown(threat.steps, since, now).map((step) => key(ofThreat(threat, step)))),
      ...world.alerts
        .until(now)
        .flatMap((alert) => stepsShown(alert.steps, since, now).map((step) => key(ofAlert(alert, step)))),
    ],
    render: (row) => JSON.stringify({ ...describeCommon(world, row, updatedAt(row)), ...describeFinding(row) }),
  };
}

/** Micros of whole milliseconds. */
const whole = (micros: number) => Math.floor(micros / 1000) * 1000;

/** Three fractional digits, where the older lists have six. */
const isoMillis = (micros: number) => new Date(Math.floor(micros / 1000)).toISOString();

const shouted = (text: string) => text.toUpperCase().replaceAll(/[ -]/g, "_");

function describeCommon(world: World, { id, detectedAt, createdAt, agent }: UnifiedAlert, updatedAt: number) {
  const { platform, owner, group } = agent.slot;
  const asset = {
    id: new Random(world.seed, "asset", agent.id).hex(26),
    name: agent.computerName,
    agentUuid: agent.uuid,
    osType: shouted(platform.osType),
    osVersion: `${platform.osName} ${platform.osRevision}`,
  };
  return {
    id,
    detectedAt: isoMillis(detectedAt),
    createdAt: isoMillis(createdAt),
    updatedAt: isoMillis(updatedAt),
    firstSeenAt: isoMillis(detectedAt),
    lastSeenAt: isoMillis(updatedAt),
    dataSources: [],
    assignee: null,
    ticketId: null,
    noteExists: false,
    attackSurfaces: ["ENDPOINT"],
    assets: [asset],
    asset: {
      ...asset,
      agentVersion: agentVersion(world.agentState(agent, createdAt / 1000).release),
      category: platform.machineType === "server" ? "Server" : "Workstation",
      subcategory: platform.machineType,
      lastLoggedInUser: owner.login,
    },
    realTime: {
      scope: {
        account: { id: group.site.account.id, name: group.site.account.name },
        site: { id: group.site.id, name: group.site.name },
        group: { id: group.id, name: group.name },
      },
    },
  };
}

const status = { unresolved: "NEW", in_progress: "IN_PROGRESS", resolved: "RESOLVED" } as const;

function describeFinding({ finding }: UnifiedAlert) {
  if ("threat" in finding) {
    const { threat, step } = finding;
    const { malware } = threat;
    return {
      name: malware.file,
      description: malware.indicator[1],
      status: status[step.state.incidentStatus],
      severity: malware.confidence === "malicious" ? "HIGH" : "MEDIUM",
      analystVerdict: shouted(step.state.analystVerdict),
      result: step.state.mitigationStatus === "not_mitigated" ? "UNMITIGATED" : "MITIGATED",
      confidenceLevel: shouted(malware.confidence),
      classification: shouted(malware.classification),
      externalId: threat.id,
      storylineId: threat.storyline,
      detectionSource: { product: "EDR", vendor: "SentinelOne" },
      analytics: { uid: null, name: malware.engine[1], category: malware.engine[1], typeValue: "STATIC" },
      process: {
        cmdLine: threat.filePath,
        parentName: null,
        file: { name: malware.file, path: threat.filePath, md5: null, sha1: threat.contentHash, sha256: null },
      },
    };
  }
  const { alert, step } = finding;
  const { rule } = alert;
  return {
    name: rule.name,
    description: rule.description,
    status: shouted(step.state.incidentStatus).replace("UNRESOLVED", "NEW"),
    severity: shouted(rule.severity),
    analystVerdict: shouted(step.state.analystVerdict),
    result: null,
    confidenceLevel: "SUSPICIOUS",
    classification: "UNKNOWN",
    externalId: alert.id,
    storylineId: null,
    detectionSource: { product: "STAR", vendor: "SentinelOne" },
    analytics: { uid: rule.id, name: rule.name, category: "Manual", typeValue: "DYNAMIC" },
    process: { cmdLine: rule.commandLine, parentName: null, file: null },
  };
}
