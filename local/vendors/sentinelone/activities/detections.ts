import type { Threat, ThreatStep } from "../world/threat-book.ts";
import { alertData, threatData } from "./data.ts";
import { type ActivityKind, kinds } from "./kind.ts";

/** What is found on machines, and what is done about it. These happen when a threat or an alert makes them happen. */
export const DETECTIONS: readonly ActivityKind[] = [
  ...kinds({ scope: "agent", byUser: false, data: alertData }, [
    [3608, 0, "Custom Rule Alert", "{{ sourceprocessname }} matched Custom Rule: {{ rulename }}."],
    [3784, 0, "Platform Rule Alert", "{{ sourceprocessname }} matched Platform Rule: {{ rulename }}."],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: threatData }, [
    [18, 0, "New Threat Mitigated", "Threat {{ fileDisplayName }} on {{ computerName }} was mitigated."],
    [19, 0, "New Malicious Threat Not Mitigated", "Malicious {{ fileDisplayName }} on {{ computerName }}."],
    [4003, 0, "New Suspicious Threat Not Mitigated", "Suspicious {{ fileDisplayName }} on {{ computerName }}."],
    [
      221,
      0,
      "Threat Automatically Resolved",
      "{{ fileDisplayName }} on {{ computerName }} was resolved automatically.",
    ],
    [2001, 0, "Threat Killed", "{{ computerName }} killed {{ fileDisplayName }}."],
    [2002, 0, "Threat Remediated", "{{ computerName }} remediated {{ fileDisplayName }}."],
    [2004, 0, "Threat Quarantined", "{{ computerName }} quarantined {{ fileDisplayName }}."],
    [2009, 0, "Quarantine Failed", "{{ computerName }} failed to quarantine {{ fileDisplayName }}."],
  ]),
  ...kinds({ scope: "agent", byUser: true, data: threatData }, [
    [2028, 0, "Incident Status Changed", "{{ username }} set {{ fileDisplayName }} to {{ newIncidentStatusTitle }}."],
    [2030, 0, "Analyst Verdict Changed", "{{ username }} judged {{ fileDisplayName }}: {{ newAnalystVerdictTitle }}."],
  ]),
];

/** Which activity tells about this step of a threat. */
export function activityOf(threat: Threat, step: ThreatStep): number {
  switch (step.event) {
    case "created":
      return threat.malware.confidence === "malicious" ? 19 : 4003;
    case "killed":
      return 2001;
    case "quarantined":
      return 2004;
    case "quarantine-failed":
      return 2009;
    case "reported":
      return 2002;
    case "triaged":
    case "resolved":
      return 2028;
    case "expired":
      return 221;
    case "judged":
      return 2030;
  }
}
