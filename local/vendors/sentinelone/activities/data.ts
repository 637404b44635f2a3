import type { Random } from "../../random.ts";
import { DAY } from "../../time.ts";
import { STAR_RULES } from "../world/findings.ts";
import { exactNumber, objectId } from "../world/identifiers.ts";
import type { ActivitySubject } from "./kind.ts";

/** The `data` of activities that carry more than a name or two. Key names and their odd spelling are the console's. */

export function deviceData({ random, agent, at, group }: ActivitySubject): Record<string, unknown> {
  const interfaceName = random.pick(["USB", "USB", "USB", "Bluetooth"]);
  return {
    bluetoothAddress: "",
    computerName: agent.computerName,
    creator: "N/A",
    deviceClass: random.pick(["08h", "03h", "E0h", "0Eh"]),
    deviceName: random.pick(["Silverkey 64GB", "Headset H4", "Docking Station", "Webcam & Mic", ""]),
    eventId: `{${random.uuid()}}`,
    // The endpoint's clock, in its own notation.
    eventTime: new Date(at / 1000 - random.integer(2_000, 240_000)).toISOString().replace("Z", "+00:00"),
    eventType: random.pick(["connected", "disconnected"]),
    groupId: group.id,
    interface: interfaceName,
    lastLoggedInUserName: agent.slot.owner.login,
    osType: agent.slot.platform.osType,
    productId: random.hex(4).toUpperCase(),
    ruleId: -1,
    ruleName: null,
    ruleType: "productId",
    uid: random.hex(16).toUpperCase(),
    vendorId: random.hex(4).toUpperCase(),
    version: "N/A",
  };
}

/** A detection rule, as somebody writes, changes, switches or deletes it. */
export function ruleData({ random, user, at }: ActivitySubject): Record<string, unknown> {
  const rule = random.pick(STAR_RULES);
  const expiresAt = random.chance(0.5) ? at / 1000 + random.integer(1, 90) * DAY : null;
  return {
    expiryDateStr: expiresAt === null ? null : new Date(expiresAt).toUTCString(),
    expiryTime: expiresAt === null ? null : Math.floor(expiresAt),
    networkquarantine: random.chance(0.1),
    ruleCreationTime: Math.floor(at / 1000) - random.integer(0, 300) * DAY,
    ruleDescription: rule.description,
    ruleExpirationMode: expiresAt === null ? "Permanent" : "Temporary",
    ruleId: exactNumber(objectId(at, random.integer(1, 4_000_000))),
    ruleName: rule.name,
    ruleQueryDetails: rule.query,
    ruleQueryType: "events",
    ruleSeverity: rule.severity,
    status: random.pick(["Active", "Disabled"]),
    systemUser: 0,
    treatAsThreat: rule.treatAsThreat,
    userId: exactNumber(user.id),
    userName: user.name,
  };
}

/** A file that an agent has sent to the console. */
export function uploadData({ random, agent, at }: ActivitySubject): Record<string, unknown> {
  const name = `agent_logs_${agent.computerName}_${Math.floor(at / 1_000_000)}.zip`;
  return {
    computerName: agent.computerName,
    downloadUrl: `/agents/${agent.id}/uploads/${random.integer(1e6, 9e6)}`,
    filePath: `/uploads/${name}`,
    filename: name,
    uploadedFilename: name,
  };
}

/** A machine that reports for the first time. */
export function subscriptionData({ random, agent, group }: ActivitySubject): Record<string, unknown> {
  return {
    computerName: agent.computerName,
    externalIp: `198.51.100.${random.integer(1, 254)}`,
    group: group.name,
    optionalGroups: random.chance(0.3) ? ["Default Group"] : [],
    uuid: agent.uuid,
  };
}

export function threatData({ threat, step, user, random }: ActivitySubject): Record<string, unknown> {
  if (!threat || !step) throw new Error("This activity tells about a threat, and none was given.");
  const { malware, agent } = threat;
  return {
    computerName: agent.computerName,
    confidenceLevel: malware.confidence,
    escapedMaliciousProcessArguments: null,
    fileContentHash: threat.contentHash,
    fileDisplayName: malware.file,
    filePath: threat.filePath,
    globalStatus: null,
    newAnalystVerdict: step.state.analystVerdict,
    newAnalystVerdictTitle: step.state.analystVerdict.replace("_", " "),
    newIncidentStatus: step.state.incidentStatus,
    newIncidentStatusTitle: step.state.incidentStatus.replace("_", " "),
    threatClassification: malware.classification,
    threatClassificationSource: "Engine",
    ...(step.actor && automation(random)),
    username: step.actor?.name ?? user.name,
  };
}

/** Some of what bears a person's name was done over the API by that person's playbook. */
function automation(random: Random): Record<string, unknown> {
  return random.chance(0.3) ? { realUser: null, sourceType: "API" } : { realUser: null, sourceType: null };
}

export function alertData({ alert, random, group }: ActivitySubject): Record<string, unknown> {
  if (!alert) throw new Error("This activity tells about an alert, and none was given.");
  const { rule, agent } = alert;
  const { platform, owner } = agent.slot;
  const user = platform.osType === "windows" ? `HALVORSEN\\${owner.login}` : owner.login;
  return {
    alertId: exactNumber(alert.id),
    alertid: exactNumber(alert.id),
    detectedat: Math.floor(alert.createdAt / 1000),
    dveventid: "",
    dveventtype: rule.eventType,
    k8sclustername: "",
    origagentmachinetype: platform.machineType,
    origagentname: agent.computerName,
    origagentosfamily: platform.osType,
    origagentosname: platform.osName,
    origagentosrevision: platform.osRevision,
    origagentsiteid: group.site.id,
    origagentuuid: agent.uuid,
    ruleId: exactNumber(rule.id),
    ruledescription: rule.description,
    ruleid: exactNumber(rule.id),
    rulename: rule.name,
    rulescopeid: exactNumber(rule.account.id),
    rulescopelevel: rule.platformRule ? "E_GLOBAL" : "E_ACCOUNT",
    scopeId: exactNumber(group.site.id),
    severity: `E_${rule.severity.toUpperCase()}`,
    sourcename: "STAR",
    sourceparentprocessname: "explorer.exe",
    sourceprocesscommandline: rule.commandLine,
    sourceprocessfilepath: `C:\\Windows\\System32\\${rule.process}`,
    sourceprocessname: rule.process,
    sourceprocesspid: random.integer(300, 32_000),
    sourceprocesssha1: random.hex(40),
    sourceprocessstarttime: Math.floor(alert.createdAt / 1000) - random.integer(10, 90_000),
    sourceprocessstoryline: random.hex(16).toUpperCase(),
    sourceprocessusername: user,
    systemUser: 0,
    userId: exactNumber(rule.creator.id),
    username: rule.creator.name,
  };
}
