import { DAY, HOUR, isoMicros, isoSeconds } from "../../time.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import { type Step, stepAt, stepsShown } from "../world/history.ts";
import type { Risk, RiskState } from "../world/vulnerabilities.ts";
import type { World } from "../world/world.ts";

interface RiskRow {
  readonly risk: Risk;
  readonly step: Step<RiskState>;
  readonly now: number;
}

/**
 * Vulnerabilities of applications on endpoints. They can be filtered by when they last changed, but not sorted by it, and the record
 * does not say it; those that are gone are shown only to who asks for them.
 */
export function applicationRisksFeed(world: World): Feed<RiskRow> {
  const slot = ({ risk }: RiskRow) => risk.installation.agent.slot;
  const id = ({ risk }: RiskRow) => risk.id;
  const detected = ({ risk }: RiskRow) => risk.steps[0]?.at;
  const published = ({ risk }: RiskRow) => risk.vulnerability.publishedAt * 1000;
  const time = (value: (row: RiskRow) => number | undefined) => ({ value, operators: COMPARISONS_AND_BETWEEN });
  const key = (risk: Risk, { state }: Step<RiskState>) => `${risk.id}|${state.status}|${state.mitigationStatus}`;
  return {
    stream: "application-risks",
    path: "/application-management/risks",
    permission: "Applications Page.viewRisks",
    times: {
      riskUpdatedDate: time(({ step }) => step.at),
      detectionDate: time(detected),
      publishedDate: time(published),
    },
    sets: {
      accountIds: (row) => slot(row).group.site.account.id,
      siteIds: (row) => slot(row).group.site.id,
      groupIds: (row) => slot(row).group.id,
      osTypes: (row) => slot(row).platform.osType,
      severities: ({ risk }) => risk.vulnerability.severity,
    },
    oneScope: true,
    sorts: {
      id,
      detectionDate: (row) => detected(row) ?? 0,
      publishedDate: published,
      cveId: ({ risk }) => risk.vulnerability.cveId,
      severity: ({ risk }) => risk.vulnerability.severity,
      baseScore: ({ risk }) => risk.vulnerability.baseScore,
      endpointName: ({ risk }) => risk.installation.agent.computerName,
    },
    rows: (now) =>
      world.vulnerabilities.risks(now).flatMap((risk) => {
        const step = stepAt(risk.steps, now);
        return step ? [{ risk, step, now }] : [];
      }),
    hidden: ({ step }, query) =>
      step.state.status === "Removed" && query.get("includeRemovals")?.toLowerCase() !== "true",
    id,
    key: ({ risk, step }) => key(risk, step),
    everShown: (since, now) =>
      world.vulnerabilities
        .risks(now)
        .flatMap((risk) => stepsShown(risk.steps, since, now).map((step) => key(risk, step))),
    render: (row) => JSON.stringify(describeRisk(row)),
  };
}

function describeRisk({ risk, step, now }: RiskRow): Record<string, unknown> {
  const { vulnerability, installation } = risk;
  const { agent, product, version } = installation;
  const { state } = step;
  const detectedAt = risk.steps[0]?.at ?? 0;
  const score = vulnerability.baseScore.toFixed(2);
  return {
    application: `${product.name} ${version}`,
    applicationName: product.name,
    applicationVendor: product.vendor,
    applicationVersion: version,
    baseScore: score,
    cveId: vulnerability.cveId,
    cvssVersion: "3.1",
    // Counts up every day, and the last scan moves every few hours: neither is a change of the risk.
    daysDetected: Math.floor((now - detectedAt / 1000) / DAY),
    detectionDate: isoMicros(detectedAt),
    endpointId: agent.id,
    endpointName: agent.computerName,
    endpointType: agent.slot.platform.machineType,
    exploitCodeMaturity: state.exploitCodeMaturity,
    id: risk.id,
    lastScanDate: isoSeconds(Math.floor(now / (6 * HOUR)) * 6 * HOUR),
    lastScanResult: "Succeeded",
    markType: "",
    markedBy: null,
    markedDate: null,
    mitigationStatus: state.mitigationStatus,
    mitigationStatusChangeTime: state.plannedAt === null ? null : isoMicros(state.plannedAt),
    mitigationStatusChangedBy: state.plannedBy?.email ?? null,
    mitigationStatusReason: state.plannedBy ? "Next maintenance window" : null,
    nvdBaseScore: score,
    nvdCvssVersion: "3.1",
    osType: agent.slot.platform.osType,
    publishedDate: isoSeconds(vulnerability.publishedAt),
    reason: null,
    remediationLevel: "Official Fix",
    reportConfidence: "Confirmed",
    riskScore: Math.min(10, vulnerability.baseScore + (state.exploitCodeMaturity === "Unproven" ? 0 : 0.4)).toFixed(2),
    severity: vulnerability.severity,
    status: state.status,
  };
}
