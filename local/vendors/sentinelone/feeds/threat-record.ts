import { Random } from "../../random.ts";
import { isoMicros } from "../../time.ts";
import type { Threat, ThreatAction, ThreatState, ThreatStep } from "../world/threat-book.ts";
import type { World } from "../world/world.ts";
import { describeAgent } from "./agent-record.ts";

/** What the console tells about a threat in one of its states. */
export function describeThreat(world: World, threat: Threat, step: ThreatStep): Record<string, unknown> {
  const { malware, agent } = threat;
  const { state } = step;
  const machine = describeAgent(world, { agent, state: world.agentState(agent, step.shownAt) });
  const random = new Random(world.seed, "threat-record", threat.id);
  const inContainer = agent.slot.platform.machineType === "kubernetes node";
  return {
    id: threat.id,
    agentDetectionInfo: {
      ...pick(machine, ["accountId", "accountName", "siteId", "siteName", "groupId", "groupName", "externalIp"]),
      agentDetectionState: null,
      agentDomain: machine["domain"],
      agentIpV4: (machine["networkInterfaces"] as { inet: string[] }[])[0]?.inet.join(",") ?? "",
      agentIpV6: (machine["networkInterfaces"] as { inet6: string[] }[])[0]?.inet6.join(",") ?? "",
      agentLastLoggedInUserMail: null,
      agentLastLoggedInUserName: machine["lastLoggedInUserName"],
      agentMitigationMode: machine["mitigationMode"],
      agentOsName: machine["osName"],
      agentOsRevision: machine["osRevision"],
      agentRegisteredAt: machine["registeredAt"],
      agentUuid: agent.uuid,
      agentVersion: machine["agentVersion"],
      cloudProviders: machine["cloudProviders"],
    },
    agentRealtimeInfo: {
      ...pick(machine, ["accountId", "accountName", "siteId", "siteName", "groupId", "groupName", "activeThreats"]),
      ...pick(machine, ["networkInterfaces", "operationalState", "scanStatus", "scanStartedAt", "scanFinishedAt"]),
      ...pick(machine, ["scanAbortedAt", "storageName", "storageType", "userActionsNeeded"]),
      agentComputerName: agent.computerName,
      agentDecommissionedAt: null,
      agentDomain: machine["domain"],
      agentId: agent.id,
      agentInfected: machine["infected"],
      agentIsActive: true,
      agentIsDecommissioned: false,
      agentMachineType: machine["machineType"],
      agentMitigationMode: machine["mitigationMode"],
      agentNetworkStatus: machine["networkStatus"],
      agentOsName: machine["osName"],
      agentOsRevision: machine["osRevision"],
      agentOsType: machine["osType"],
      agentUuid: agent.uuid,
      agentVersion: machine["agentVersion"],
      rebootRequired: false,
    },
    containerInfo: {
      id: inContainer ? random.hex(64) : null,
      image: inContainer ? "registry.halvorsen.example/shop/checkout:4.2" : null,
      isContainerQuarantine: null,
      labels: inContainer ? ["app: checkout"] : null,
      name: inContainer ? "checkout" : null,
    },
    // Consoles before 2025 leave `ecsInfo` out altogether; some rows still do.
    ...(random.chance(0.6) ? { ecsInfo: { clusterName: null, serviceArn: null, taskArn: null, type: null } } : {}),
    kubernetesInfo: {
      cluster: inContainer ? "shop-prod" : null,
      controllerKind: inContainer ? "Deployment" : null,
      controllerName: inContainer ? "checkout" : null,
      namespace: inContainer ? "shop" : null,
      node: inContainer ? agent.computerName.toLowerCase() : null,
      pod: inContainer ? `checkout-${random.hex(10)}` : null,
    },
    indicators: [
      {
        category: malware.indicator[0],
        description: malware.indicator[1],
        ids: [random.integer(1, 400)],
        tactics: [
          {
            name: malware.tactic,
            source: "MITRE",
            techniques: [
              { name: malware.technique[0], link: `https://attack.mitre.org/techniques/${malware.technique[0]}/` },
            ],
          },
        ],
      },
    ],
    mitigationStatus: state.actions.map((action) => describeAction(action)),
    threatInfo: describeFinding(random, threat, state, step.at),
    whiteningOptions: malware.confidence === "suspicious" ? ["hash", "path"] : ["hash"],
  };
}

function describeFinding(
  random: Random,
  threat: Threat,
  state: ThreatState,
  updatedAt: number,
): Record<string, unknown> {
  const { malware, agent } = threat;
  const [engineKey, engineTitle] = malware.engine;
  const isScript = malware.extension === "PS1";
  return {
    threatId: threat.id,
    threatName: malware.file,
    createdAt: isoMicros(threat.createdAt),
    identifiedAt: isoMicros(threat.identifiedAt),
    updatedAt: isoMicros(updatedAt),
    analystVerdict: state.analystVerdict,
    analystVerdictDescription: sentence(state.analystVerdict),
    incidentStatus: state.incidentStatus,
    incidentStatusDescription: sentence(state.incidentStatus),
    mitigationStatus: state.mitigationStatus,
    mitigationStatusDescription: sentence(state.mitigationStatus),
    automaticallyResolved: state.automaticallyResolved,
    classification: malware.classification,
    classificationSource: random.pick(["Cloud", "Static", "Behavioral", "Engine"]),
    cloudFilesHashVerdict: malware.confidence === "malicious" ? "black" : "gray",
    confidenceLevel: malware.confidence,
    detectionEngines: [{ key: engineKey, title: engineTitle }],
    detectionType: random.pick(["static", "dynamic"]),
    engines: [engineTitle],
    browserType: null,
    certificateId: malware.publisher,
    collectionId: threat.id.replace(/.$/, "3"),
    externalTicketExists: state.ticket !== null,
    externalTicketId: state.ticket,
    failedActions: state.actions.some(({ status }) => status === "failed"),
    fileExtension: malware.extension,
    fileExtensionType: isScript ? "Script" : malware.extension === "XLSM" ? "Document" : "Executable",
    filePath: threat.filePath,
    fileSize: threat.fileSize,
    fileVerificationType: malware.publisher === "" ? "NotSigned" : "SignedVerified",
    initiatedBy: "agent_policy",
    initiatedByDescription: "Agent Policy",
    initiatingUserId: null,
    initiatingUsername: null,
    isFileless: isScript,
    isValidCertificate: malware.publisher !== "",
    macroModules: malware.extension === "XLSM" ? [{ moduleName: "ThisWorkbook", sha1: random.hex(40) }] : null,
    maliciousProcessArguments: isScript ? `"${threat.filePath}" -Quiet -Target \\\\files\\c$` : null,
    md5: random.chance(0.4) ? random.hex(32) : null,
    mitigatedPreemptively: false,
    originatorProcess: agent.slot.platform.osType === "windows" ? "explorer.exe" : "bash",
    pendingActions: state.actions.at(-1)?.status === "pending",
    processUser:
      agent.slot.platform.osType === "windows" ? `HALVORSEN\\${agent.slot.owner.login}` : agent.slot.owner.login,
    publisherName: malware.publisher,
    reachedEventsLimit: false,
    rebootRequired: false,
    rootProcessUpn: null,
    sha1: threat.contentHash,
    sha256: random.chance(0.5) ? random.hex(64) : null,
    storyline: threat.storyline,
  };
}

const describeAction = (action: ThreatAction): Record<string, unknown> => ({
  action: action.action,
  status: action.status,
  actionsCounters: { failed: 0, notFound: 0, pendingReboot: 0, success: 1, total: 1 },
  agentSupportsReport: true,
  groupNotFound: false,
  lastUpdate: isoMicros(action.at),
  latestReport: null,
  mitigationStartedAt: isoMicros(action.at - 412_000),
  mitigationEndedAt: isoMicros(action.at - 57_000),
  reportId: null,
});

const pick = (from: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.map((key) => [key, from[key]]));

/** `true_positive` → `True positive` */
const sentence = (value: string): string => `${value[0]?.toUpperCase()}${value.slice(1).replaceAll("_", " ")}`;
