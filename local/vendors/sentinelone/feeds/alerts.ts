import { Random } from "../../random.ts";
import { isoMicros, isoSeconds } from "../../time.ts";
import { COMPARISONS, type Feed } from "../api/feed.ts";
import type { Alert, AlertState } from "../world/alert-book.ts";
import { type Step, stepAt, stepsShown } from "../world/history.ts";
import { agentVersion } from "../world/vocabulary.ts";
import type { World } from "../world/world.ts";

interface AlertRow {
  readonly alert: Alert;
  readonly step: Step<AlertState>;
}

/** STAR alerts. Their state changes, but there is no filter on `updatedAt`: that is the console's way. */
export function alertsFeed(world: World): Feed<AlertRow> {
  const texts = new WeakMap<Step<AlertState>, string>();
  const createdAt = ({ alert }: AlertRow) => alert.createdAt;
  const reportedAt = ({ alert }: AlertRow) => alert.reportedAt;
  const group = ({ alert }: AlertRow) => alert.agent.slot.group;
  const shouted = (value: string) => value.toUpperCase().replaceAll(" ", "_");
  const key = ({ alert, step }: AlertRow) => `${alert.id}|${isoMicros(step.at)}`;
  return {
    stream: "alerts",
    path: "/cloud-detection/alerts",
    permission: "Custom Alerts.view",
    times: {
      createdAt: { value: createdAt, operators: COMPARISONS },
      reportedAt: { value: reportedAt, operators: COMPARISONS },
    },
    sets: {
      ids: ({ alert }) => alert.id,
      accountIds: (row) => group(row).site.account.id,
      siteIds: (row) => group(row).site.id,
      groupIds: (row) => group(row).id,
      severity: ({ alert }) => alert.rule.severity,
      incidentStatus: ({ step }) => shouted(step.state.incidentStatus),
      analystVerdict: ({ step }) => shouted(step.state.analystVerdict),
      osType: ({ alert }) => alert.agent.slot.platform.osType,
      machineType: ({ alert }) => alert.agent.slot.platform.machineType,
    },
    sorts: {
      id: ({ alert }) => alert.id,
      alertInfoAlertId: ({ alert }) => alert.id,
      alertInfoCreatedAt: createdAt,
      alertInfoReportedAt: reportedAt,
      alertInfoIncidentStatus: ({ step }) => step.state.incidentStatus,
      severity: ({ alert }) => alert.rule.severity,
    },
    rows: (now) =>
      world.alerts.until(now).flatMap((alert) => {
        const step = stepAt(alert.steps, now);
        return step ? [{ alert, step }] : [];
      }),
    id: ({ alert }) => alert.id,
    key,
    everShown: (since, now) =>
      world.alerts
        .until(now)
        .flatMap((alert) => stepsShown(alert.steps, since, now).map((step) => key({ alert, step }))),
    render: ({ alert, step }) => {
      const text = texts.get(step) ?? JSON.stringify(describeAlert(world, alert, step));
      texts.set(step, text);
      return text;
    },
  };
}

function describeAlert(world: World, alert: Alert, step: Step<AlertState>): Record<string, unknown> {
  const random = new Random(world.seed, "alert-record", alert.ordinal);
  const { rule, agent } = alert;
  const { platform, owner, group } = agent.slot;
  const isNetwork = rule.eventType === "IPCONNECT";
  const user = platform.osType === "windows" ? `HALVORSEN\\${owner.login}` : owner.login;
  const source = describeProcess(random, alert.createdAt, rule.process, rule.commandLine, user);
  return {
    agentDetectionInfo: {
      accountId: group.site.account.id,
      machineType: platform.machineType,
      name: agent.computerName,
      osFamily: platform.osType,
      osName: platform.osName,
      osRevision: platform.osRevision,
      siteId: group.site.id,
      uuid: agent.uuid,
      version: agentVersion(world.agentState(agent, alert.createdAt / 1000).release),
    },
    agentRealtimeInfo: {
      id: agent.id,
      infected: false,
      isActive: true,
      isDecommissioned: false,
      machineType: platform.machineType,
      name: agent.computerName,
      os: platform.osType,
      uuid: agent.uuid,
    },
    alertInfo: {
      alertId: alert.id,
      analystVerdict: step.state.analystVerdict,
      createdAt: isoMicros(alert.createdAt),
      dnsRequest: rule.eventType === "DNS" ? `${random.hex(9)}.cdn-metrics.example` : null,
      dnsResponse: rule.eventType === "DNS" ? `203.0.113.${random.integer(1, 254)};` : null,
      dstIp: isNetwork ? `203.0.113.${random.integer(1, 254)}` : null,
      dstPort: isNetwork ? String(random.pick([443, 8443, 1433, 22])) : null,
      dvEventId: random.chance(0.8) ? `01${random.hex(24).toUpperCase()}_${random.integer(1, 90)}` : "",
      eventType: rule.eventType,
      hitType: "Events",
      incidentStatus: step.state.incidentStatus,
      indicatorCategory: rule.eventType === "BEHAVIORALINDICATORS" ? "Persistence" : null,
      indicatorDescription: null,
      indicatorName: null,
      isEdr: true,
      loginAccountDomain: null,
      loginAccountSid: null,
      loginIsAdministratorEquivalent: null,
      loginIsSuccessful: null,
      loginsUserName: null,
      loginType: null,
      modulePath: null,
      moduleSha1: null,
      netEventDirection: isNetwork ? "OUTGOING" : null,
      registryKeyPath:
        rule.eventType === "REGVALUECREATE" ? "MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run" : null,
      registryOldValue: null,
      registryOldValueType: null,
      registryPath:
        rule.eventType === "REGVALUECREATE" ? "MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\Sync" : null,
      registryValue: null,
      reportedAt: isoMicros(alert.reportedAt),
      source: "STAR",
      srcIp: isNetwork ? `${agent.slot.subnet}.${random.integer(2, 250)}` : null,
      srcMachineIp: null,
      srcPort: isNetwork ? String(random.integer(49_152, 65_535)) : null,
      tiIndicatorComparisonMethod: null,
      tiIndicatorSource: null,
      tiIndicatorType: null,
      tiIndicatorValue: null,
      updatedAt: isoMicros(step.at),
    },
    containerInfo: { id: null, image: null, labels: null, name: null },
    kubernetesInfo: { cluster: null, controllerKind: null, namespace: null, node: null, pod: null },
    ruleInfo: {
      description: rule.description,
      id: rule.id,
      name: rule.name,
      queryLang: "1.0",
      queryType: "events",
      s1ql: rule.query,
      scopeLevel: rule.platformRule ? "global" : "account",
      severity: rule.severity,
      treatAsThreat: rule.treatAsThreat,
    },
    sourceParentProcessInfo: describeProcess(
      random,
      alert.createdAt - 3_600_000_000,
      "explorer.exe",
      "C:\\Windows\\explorer.exe",
      user,
    ),
    sourceProcessInfo: source,
    targetProcessInfo: {
      // Files of unknown age carry the beginning of Unix time.
      tgtFileCreatedAt: random.chance(0.4)
        ? "1970-01-01T00:00:00Z"
        : isoMicros(alert.createdAt - random.integer(1_000_000, 90_000_000)),
      tgtFileHashSha1: random.chance(0.5) ? random.hex(40) : null,
      tgtFileHashSha256: null,
      tgtFileId: null,
      tgtFileIsSigned: random.pick(["signed", "unsigned"]),
      tgtFileModifiedAt: "1970-01-01T00:00:00Z",
      tgtFileOldPath: null,
      tgtFilePath: random.chance(0.3) ? "C:\\ProgramData\\sync.js" : null,
      tgtProcCmdLine: null,
      tgtProcessStartTime: isoSeconds(alert.createdAt / 1000),
      tgtProcImagePath: null,
      tgtProcIntegrityLevel: "unknown",
      tgtProcName: null,
      tgtProcPid: null,
      tgtProcSignedStatus: null,
      tgtProcStorylineId: null,
      tgtProcUid: null,
    },
  };
}

const describeProcess = (random: Random, micros: number, name: string, commandline: string, user: string) => ({
  commandline,
  effectiveUser: null,
  fileHashMd5: random.hex(32),
  fileHashSha1: random.hex(40),
  fileHashSha256: random.hex(64),
  filePath: `C:\\Windows\\System32\\${name}`,
  fileSignerIdentity: "MICROSOFT WINDOWS",
  integrityLevel: random.pick(["medium", "high", "system"]),
  loginUser: null,
  name,
  pid: String(random.integer(300, 32_000)),
  pidStarttime: isoMicros(micros - random.integer(2_000, 900_000_000)),
  realUser: null,
  storyline: random.hex(16).toUpperCase(),
  subsystem: "sys_win32",
  uniqueId: random.hex(16).toUpperCase(),
  user,
});
