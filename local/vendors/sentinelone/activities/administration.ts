import { isoMicros } from "../../time.ts";
import { ruleData } from "./data.ts";
import { type ActivityKind, kinds } from "./kind.ts";

type Data = ActivityKind["data"];

const byUser: Data = ({ user }) => ({ username: user.name });
const session: Data = ({ user }) => ({
  ipAddress: user.ip,
  reason: null,
  role: user.role,
  scopeLevelName: "Account",
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
const token: Data = ({ user, random, at }) => ({
  byUser: user.name,
  createdAt: isoMicros(at),
  expiration: `${random.integer(1, 24)} months`,
  username: user.name,
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
const controlRule: Data = ({ user, random }) => ({
  ruleName: random.pick(["Storage only by serial", "Printers allowed", "Block telnet", "Lab network open"]),
  ruleType: random.pick(["productId", "vendorId"]),
  username: user.name,
});
const scope: Data = ({ user, group }) => ({ name: group.name, system: false, username: user.name });

/** What people do in the console, and what is done to accounts, sites and groups. */
export const ADMINISTRATION: readonly ActivityKind[] = [
  ...kinds({ scope: "account", byUser: true, data: session }, [
    [27, 500, "User Logged In", "{{ username }} logged in to the console from {{ ipAddress }}."],
    [33, 350, "User Logged Out", "{{ username }} logged out of the console."],
  ]),
  ...kinds({ scope: "account", byUser: false, data: failedSession }, [
    [133, 40, "Existing User Login Failure", "{{ username }} failed to log in from {{ ipAddress }}."],
    [134, 8, "Unknown User Login", "Unknown user {{ username }} tried to log in from {{ ipAddress }}."],
  ]),
  ...kinds({ scope: "account", byUser: true, data: otherUser }, [
    [23, 2, "User Added", "{{ byUser }} added user {{ username }} as {{ role }}."],
    [24, 3, "User Modified", "{{ byUser }} modified user {{ username }}."],
    [25, 1, "User Deleted", "{{ byUser }} deleted user {{ username }}."],
    [67, 1, "User 2FA Modified", "{{ byUser }} changed two-factor authentication of {{ username }}."],
    [140, 1, "Service User Created", "{{ byUser }} created service user {{ username }}."],
  ]),
  ...kinds({ scope: "account", byUser: true, data: byUser }, [
    [37, 2, "User Modified Own Profile", "{{ username }} modified the own profile."],
  ]),
  ...kinds({ scope: "account", byUser: true, data: token }, [
    [112, 2, "API Token Generated", "{{ username }} generated an API token."],
  ]),
  ...kinds({ scope: "site", byUser: false, data: ({ random }) => ({ devices: random.integer(1, 9) }) }, [
    [3505, 40, "Ranger Devices Discovered", "New devices were discovered in {{ siteName }}."],
  ]),
  ...kinds({ scope: "site", byUser: true, data: list }, [
    [3001, 3, "Hash Exclusion Added", "{{ username }} excluded hash {{ fileContentHash }}."],
    [3002, 2, "Blocklist Hash Added", "{{ username }} put hash {{ fileContentHash }} on the blocklist."],
    [3008, 2, "Path Exclusion Added", "{{ username }} excluded path {{ pathName }}."],
    [3012, 1, "Path Exclusion Modified", "{{ username }} modified the exclusion of {{ pathName }}."],
    [3016, 1, "Path Exclusion Deleted", "{{ username }} deleted the exclusion of {{ pathName }}."],
    [3020, 1, "Blocklist Hash Deleted", "{{ username }} took hash {{ fileContentHash }} off the blocklist."],
    [3021, 1, "Hash Exclusion Deleted", "{{ username }} deleted the exclusion of hash {{ fileContentHash }}."],
  ]),
  ...kinds({ scope: "group", byUser: true, data: policy }, [
    [56, 1, "Auto-Mitigation Changed", "{{ username }} changed automatic mitigation of {{ groupName }}."],
    [68, 1, "Engine Setting Modified", "{{ username }} modified the engines of {{ groupName }}."],
    [69, 1, "Mitigation Policy Modified", "{{ username }} modified the mitigation policy of {{ groupName }}."],
    [76, 1, "Anti-Tampering Modified", "{{ username }} changed anti-tampering of {{ groupName }}."],
    [78, 1, "Snapshots Modified", "{{ username }} changed snapshots of {{ groupName }}."],
    [79, 1, "Agent Logging Modified", "{{ username }} changed logging of {{ groupName }}."],
  ]),
  ...kinds({ scope: "group", byUser: true, data: scope }, [
    [5007, 2, "Group Info Changed", "{{ username }} changed group {{ name }}."],
    [5008, 1, "Group Created", "{{ username }} created group {{ name }}."],
    [5011, 1, "Group Policy Reverted", "{{ username }} reverted the policy of group {{ name }}."],
  ]),
  ...kinds({ scope: "site", byUser: true, data: controlRule }, [
    [5120, 1, "Device Rule Created", "{{ username }} created device rule {{ ruleName }}."],
    [5220, 1, "Firewall Rule Created", "{{ username }} created firewall rule {{ ruleName }}."],
  ]),
  ...kinds({ scope: "account", byUser: true, data: ruleData }, [
    [3600, 1, "Custom Rule Created", "{{ userName }} created custom rule {{ ruleName }}."],
    [3601, 3, "Custom Rule Changed", "{{ userName }} changed custom rule {{ ruleName }}."],
    [3602, 1, "Custom Rule Deleted", "{{ userName }} deleted custom rule {{ ruleName }}."],
    [3603, 1, "Custom Rule Status Changed", "{{ userName }} set custom rule {{ ruleName }} to {{ status }}."],
  ]),
];
