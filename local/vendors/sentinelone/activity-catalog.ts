import { alertData, deviceData, threatData } from "./activity-data.ts";
import type { ActivityKind, ActivitySubject } from "./activity-kinds.ts";

type Data = ActivityKind["data"];

const byUser: Data = ({ user }) => ({ username: user.name });
const onHost: Data = ({ agent }) => ({ computerName: agent.computerName });
const byUserOnHost: Data = (subject) => ({ ...byUser(subject), ...onHost(subject), uuid: subject.agent.uuid });
const session: Data = ({ user }) => ({
  ipAddress: user.ip,
  reason: null,
  role: user.role,
  source: "mgmt",
  userScope: "account",
  username: user.name,
});
const failedSession: Data = ({ user, random }) => ({
  ipAddress: `192.0.2.${random.integer(1, 254)}`,
  reason: "Invalid credentials",
  source: "mgmt",
  username: user.email,
});
const otherUser: Data = ({ user, random }) => ({
  byUser: user.name,
  role: random.pick(["Viewer", "SOC", "Admin"]),
  username: `new.analyst${random.integer(1, 99)}@halvorsen.example`,
});
const list: Data = ({ user, random }) => ({
  description: random.pick(["approved by change board", "vendor tool", "&quot;temporary&quot;"]),
  fileContentHash: random.hex(40),
  osFamily: "windows",
  pathName: "C:\\Tools\\",
  username: user.name,
});
const policy: Data = ({ user, random }) => ({
  newValue: random.pick([true, false]),
  source: "user_management_api",
  username: user.name,
});
const rule: Data = ({ user, random }) => ({
  ruleName: random.pick(["Encoded PowerShell command", "Shadow copies deleted", "New local administrator"]),
  severity: random.pick(["Low", "Medium", "High"]),
  status: random.pick(["Active", "Disabled"]),
  userName: user.name,
});
const upgrade: Data = (subject) => ({
  ...onHost(subject),
  newVersion: `25.1.${subject.random.integer(1, 4)}.${subject.random.integer(100, 400)}`,
});
const moved: Data = (subject) => ({
  ...onHost(subject),
  newGroupName: subject.group.name,
  oldGroupName: "Default Group",
});
const scope: Data = ({ user, group }) => ({ groupName: group.name, name: group.name, username: user.name });
const token: Data = ({ user, random }) => ({
  byUser: user.name,
  expiration: `${random.integer(1, 24)} months`,
  username: user.name,
});

const kind = (
  id: number,
  perDay: number,
  scope: ActivityKind["scope"],
  byUser: boolean,
  action: string,
  template: string,
  data: Data,
): ActivityKind => ({ id, perDay, scope, byUser, action, template, data });

/** The types that this console knows. Numbers and their meaning are the vendor's, words and figures are ours. */
export const ACTIVITY_KINDS: readonly ActivityKind[] = [
  kind(
    27,
    500,
    "account",
    true,
    "User Logged In",
    "{{ username }} logged in to the console from {{ ipAddress }}.",
    session,
  ),
  kind(33, 350, "account", true, "User Logged Out", "{{ username }} logged out of the console.", session),
  kind(
    133,
    40,
    "account",
    false,
    "Existing User Login Failure",
    "{{ username }} failed to log in from {{ ipAddress }}.",
    failedSession,
  ),
  kind(
    134,
    8,
    "account",
    false,
    "Unknown User Login",
    "Unknown user {{ username }} tried to log in from {{ ipAddress }}.",
    failedSession,
  ),
  kind(23, 2, "account", true, "User Added", "{{ byUser }} added user {{ username }} as {{ role }}.", otherUser),
  kind(24, 3, "account", true, "User Modified", "{{ byUser }} modified user {{ username }}.", otherUser),
  kind(25, 1, "account", true, "User Deleted", "{{ byUser }} deleted user {{ username }}.", otherUser),
  kind(37, 2, "account", true, "User Modified Own Profile", "{{ username }} modified the own profile.", byUser),
  kind(
    67,
    1,
    "account",
    true,
    "User 2FA Modified",
    "{{ byUser }} changed two-factor authentication of {{ username }}.",
    otherUser,
  ),
  kind(112, 2, "account", true, "API Token Generated", "{{ username }} generated an API token.", token),
  kind(140, 1, "account", true, "Service User Created", "{{ byUser }} created service user {{ username }}.", otherUser),

  kind(
    5126,
    1200,
    "agent",
    false,
    "Device Control Approved Event",
    "{{ interface }} device {{ deviceName }} was {{ eventType }} on {{ computerName }}.",
    deviceData,
  ),
  kind(
    5125,
    60,
    "agent",
    false,
    "Device Control Blocked Event",
    "{{ interface }} device {{ deviceName }} was blocked on {{ computerName }}.",
    deviceData,
  ),
  kind(
    5232,
    25,
    "agent",
    false,
    "Firewall Control Blocked Event",
    "Firewall Control blocked traffic on {{ computerName }}.",
    onHost,
  ),

  kind(90, 620, "agent", false, "Agent Started Full Disk Scan", "{{ computerName }} started a full disk scan.", onHost),
  kind(
    92,
    600,
    "agent",
    false,
    "Agent Completed Full Disk Scan",
    "{{ computerName }} completed a full disk scan.",
    onHost,
  ),
  kind(91, 12, "agent", false, "Agent Aborted Full Disk Scan", "{{ computerName }} aborted a full disk scan.", onHost),
  kind(
    71,
    20,
    "agent",
    true,
    "Scan Initiated",
    "{{ username }} initiated a full disk scan of {{ computerName }}.",
    byUserOnHost,
  ),
  kind(74, 700, "agent", false, "Machine Restarted", "{{ computerName }} was restarted.", onHost),
  kind(63, 300, "agent", false, "Agent Shutdown", "{{ computerName }} was shut down.", onHost),
  kind(
    16,
    330,
    "agent",
    false,
    "Agent Software Updated",
    "{{ computerName }} was updated to {{ newVersion }}.",
    upgrade,
  ),
  kind(43, 260, "agent", false, "Agent Updated", "{{ computerName }} runs {{ newVersion }} now.", upgrade),
  kind(5, 200, "agent", false, "Agent Update Downloaded", "{{ computerName }} downloaded {{ newVersion }}.", upgrade),
  kind(
    17,
    6,
    "agent",
    false,
    "Agent Subscribed",
    "{{ computerName }} subscribed and joined the group {{ groupName }}.",
    onHost,
  ),
  kind(47, 5, "agent", false, "Agent Decommissioned", "{{ computerName }} was decommissioned automatically.", onHost),
  kind(48, 2, "agent", false, "Agent Recommissioned", "{{ computerName }} was recommissioned.", onHost),
  kind(
    49,
    3,
    "agent",
    true,
    "Uninstall Requested",
    "{{ username }} asked {{ computerName }} to uninstall.",
    byUserOnHost,
  ),
  kind(51, 5, "agent", false, "Agent Uninstalled", "The agent on {{ computerName }} was uninstalled.", onHost),
  kind(120, 8, "agent", false, "Agent Enabled", "The agent on {{ computerName }} is enabled again.", onHost),
  kind(127, 4, "agent", false, "Agent Disabled", "The agent on {{ computerName }} is disabled.", onHost),
  kind(
    128,
    1,
    "agent",
    false,
    "Agent Disabled: Database Corruption",
    "The agent on {{ computerName }} is disabled: its database is corrupt.",
    onHost,
  ),
  kind(
    61,
    3,
    "agent",
    true,
    "Network Disconnect Requested",
    "{{ username }} disconnected {{ computerName }} from the network.",
    byUserOnHost,
  ),
  kind(
    62,
    3,
    "agent",
    true,
    "Network Reconnect Requested",
    "{{ username }} reconnected {{ computerName }} to the network.",
    byUserOnHost,
  ),
  kind(
    1001,
    3,
    "agent",
    false,
    "Agent Disconnected From Network",
    "{{ computerName }} is disconnected from the network.",
    onHost,
  ),
  kind(
    1002,
    3,
    "agent",
    false,
    "Agent Reconnected To Network",
    "{{ computerName }} is reconnected to the network.",
    onHost,
  ),
  kind(
    5009,
    560,
    "agent",
    false,
    "Agent Moved To A Different Group",
    "{{ computerName }} moved from {{ oldGroupName }} to {{ newGroupName }}.",
    moved,
  ),
  kind(
    64,
    2,
    "agent",
    true,
    "Agent Passphrase Viewed",
    "{{ username }} viewed the passphrase of {{ computerName }}.",
    byUserOnHost,
  ),
  kind(
    65,
    30,
    "agent",
    true,
    "Agent Log Requested",
    "{{ username }} requested logs of {{ computerName }}.",
    byUserOnHost,
  ),
  kind(66, 30, "agent", false, "Agent Log Uploaded", "{{ computerName }} uploaded its logs.", onHost),
  kind(
    3200,
    4,
    "agent",
    true,
    "Remote Shell Started",
    "{{ username }} started a remote shell on {{ computerName }}.",
    byUserOnHost,
  ),
  kind(3201, 4, "agent", false, "Remote Shell Created", "A remote shell on {{ computerName }} was created.", onHost),
  kind(
    3203,
    4,
    "agent",
    false,
    "Remote Shell Terminated",
    "The remote shell on {{ computerName }} was terminated.",
    onHost,
  ),
  kind(
    3505,
    40,
    "site",
    false,
    "Ranger Devices Discovered",
    "New devices were discovered in {{ siteName }}.",
    ({ random }) => ({ devices: random.integer(1, 9) }),
  ),

  kind(3001, 3, "site", true, "Hash Exclusion Added", "{{ username }} excluded hash {{ fileContentHash }}.", list),
  kind(
    3002,
    2,
    "site",
    true,
    "Blocklist Hash Added",
    "{{ username }} put hash {{ fileContentHash }} on the blocklist.",
    list,
  ),
  kind(3008, 2, "site", true, "Path Exclusion Added", "{{ username }} excluded path {{ pathName }}.", list),
  kind(
    3012,
    1,
    "site",
    true,
    "Path Exclusion Modified",
    "{{ username }} modified the exclusion of {{ pathName }}.",
    list,
  ),
  kind(
    3016,
    1,
    "site",
    true,
    "Path Exclusion Deleted",
    "{{ username }} deleted the exclusion of {{ pathName }}.",
    list,
  ),
  kind(
    3020,
    1,
    "site",
    true,
    "Blocklist Hash Deleted",
    "{{ username }} took hash {{ fileContentHash }} off the blocklist.",
    list,
  ),
  kind(
    3021,
    1,
    "site",
    true,
    "Hash Exclusion Deleted",
    "{{ username }} deleted the exclusion of hash {{ fileContentHash }}.",
    list,
  ),

  kind(
    56,
    1,
    "group",
    true,
    "Auto-Mitigation Changed",
    "{{ username }} changed automatic mitigation of {{ groupName }}.",
    policy,
  ),
  kind(
    68,
    1,
    "group",
    true,
    "Engine Setting Modified",
    "{{ username }} modified the engines of {{ groupName }}.",
    policy,
  ),
  kind(
    69,
    1,
    "group",
    true,
    "Mitigation Policy Modified",
    "{{ username }} modified the mitigation policy of {{ groupName }}.",
    policy,
  ),
  kind(
    76,
    1,
    "group",
    true,
    "Anti-Tampering Modified",
    "{{ username }} changed anti-tampering of {{ groupName }}.",
    policy,
  ),
  kind(78, 1, "group", true, "Snapshots Modified", "{{ username }} changed snapshots of {{ groupName }}.", policy),
  kind(79, 1, "group", true, "Agent Logging Modified", "{{ username }} changed logging of {{ groupName }}.", policy),
  kind(5007, 2, "group", true, "Group Info Changed", "{{ username }} changed group {{ name }}.", scope),
  kind(5008, 1, "group", true, "Group Created", "{{ username }} created group {{ name }}.", scope),
  kind(
    5011,
    1,
    "group",
    true,
    "Group Policy Reverted",
    "{{ username }} reverted the policy of group {{ name }}.",
    scope,
  ),
  kind(5120, 1, "site", true, "Device Rule Created", "{{ username }} created device rule {{ ruleName }}.", rule),
  kind(5220, 1, "site", true, "Firewall Rule Created", "{{ username }} created firewall rule {{ ruleName }}.", rule),

  kind(3600, 1, "account", true, "Custom Rule Created", "{{ userName }} created custom rule {{ ruleName }}.", rule),
  kind(3601, 1, "account", true, "Custom Rule Changed", "{{ userName }} changed custom rule {{ ruleName }}.", rule),
  kind(3602, 1, "account", true, "Custom Rule Deleted", "{{ userName }} deleted custom rule {{ ruleName }}.", rule),
  kind(
    3603,
    1,
    "account",
    true,
    "Custom Rule Status Changed",
    "{{ userName }} set custom rule {{ ruleName }} to {{ status }}.",
    rule,
  ),
  kind(
    3608,
    0,
    "agent",
    false,
    "Custom Rule Alert",
    "Alert for {{ sourceprocessname }} by Custom Rule: {{ rulename }}, detected on {{ origagentname }}.",
    alertData,
  ),
  kind(
    3784,
    0,
    "agent",
    false,
    "Platform Rule Alert",
    "Alert for {{ sourceprocessname }} by Platform Rule: {{ rulename }}, detected on {{ origagentname }}.",
    alertData,
  ),

  kind(
    18,
    0,
    "agent",
    false,
    "New Threat Mitigated",
    "Threat {{ fileDisplayName }} on {{ computerName }} was mitigated.",
    threatData,
  ),
  kind(
    19,
    0,
    "agent",
    false,
    "New Malicious Threat Not Mitigated",
    "Malicious threat {{ fileDisplayName }} on {{ computerName }} is not mitigated.",
    threatData,
  ),
  kind(
    4003,
    0,
    "agent",
    false,
    "New Suspicious Threat Not Mitigated",
    "Suspicious threat {{ fileDisplayName }} on {{ computerName }} is not mitigated.",
    threatData,
  ),
  kind(2001, 0, "agent", false, "Threat Killed", "{{ computerName }} killed {{ fileDisplayName }}.", threatData),
  kind(
    2002,
    0,
    "agent",
    false,
    "Threat Remediated",
    "{{ computerName }} remediated {{ fileDisplayName }}.",
    threatData,
  ),
  kind(
    2004,
    0,
    "agent",
    false,
    "Threat Quarantined",
    "{{ computerName }} quarantined {{ fileDisplayName }}.",
    threatData,
  ),
  kind(
    2009,
    0,
    "agent",
    false,
    "Quarantine Failed",
    "{{ computerName }} failed to quarantine {{ fileDisplayName }}.",
    threatData,
  ),
  kind(
    2028,
    0,
    "agent",
    true,
    "Incident Status Changed",
    "{{ username }} changed the incident status of {{ fileDisplayName }} to {{ newIncidentStatusTitle }}.",
    threatData,
  ),
  kind(
    2030,
    0,
    "agent",
    true,
    "Analyst Verdict Changed",
    "{{ username }} changed the verdict on {{ fileDisplayName }} to {{ newAnalystVerdictTitle }}.",
    threatData,
  ),
];

const BY_ID = new Map(ACTIVITY_KINDS.map((kind) => [kind.id, kind]));

export const activityKind = (id: number): ActivityKind => {
  const kind = BY_ID.get(id);
  if (!kind) throw new Error(`The simulator's catalog has no activity type ${id}.`);
  return kind;
};

/** Which activity tells about this step of a threat. */
export function activityOf({ threat, step }: Required<Pick<ActivitySubject, "threat" | "step">>): number {
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
    case "judged":
      return 2030;
  }
}
