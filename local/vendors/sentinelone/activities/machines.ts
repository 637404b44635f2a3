import { deviceData, subscriptionData, uploadData } from "./data.ts";
import { type ActivityKind, kinds } from "./kind.ts";

type Data = ActivityKind["data"];

const onHost: Data = ({ agent }) => ({ computerName: agent.computerName });
const byUserOnHost: Data = (subject) => ({ username: subject.user.name, ...onHost(subject), uuid: subject.agent.uuid });
const upgrade: Data = (subject) => ({
  ...onHost(subject),
  newVersion: `25.1.${subject.random.integer(1, 4)}.${subject.random.integer(100, 400)}`,
});
const moved: Data = (subject) => ({
  ...onHost(subject),
  newGroupName: subject.group.name,
  oldGroupName: "Default Group",
});

/** What happens on machines and is done to them. */
export const MACHINES: readonly ActivityKind[] = [
  ...kinds({ scope: "agent", byUser: false, data: deviceData }, [
    [
      5126,
      1200,
      "Device Control Approved Event",
      "{{ interface }} device {{ deviceName }} was {{ eventType }} on {{ computerName }}.",
    ],
    [
      5125,
      60,
      "Device Control Blocked Event",
      "{{ interface }} device {{ deviceName }} was blocked on {{ computerName }}.",
    ],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: onHost }, [
    [5232, 25, "Firewall Control Blocked Event", "Firewall Control blocked traffic on {{ computerName }}."],
    [90, 620, "Agent Started Full Disk Scan", "{{ computerName }} started a full disk scan."],
    [92, 600, "Agent Completed Full Disk Scan", "{{ computerName }} completed a full disk scan."],
    [91, 12, "Agent Aborted Full Disk Scan", "{{ computerName }} aborted a full disk scan."],
    [74, 700, "Machine Restarted", "{{ computerName }} was restarted."],
    [63, 300, "Agent Shutdown", "{{ computerName }} was shut down."],
    [47, 5, "Agent Decommissioned", "{{ computerName }} was decommissioned automatically."],
    [48, 2, "Agent Recommissioned", "{{ computerName }} was recommissioned."],
    [51, 5, "Agent Uninstalled", "The agent on {{ computerName }} was uninstalled."],
    [120, 8, "Agent Enabled", "The agent on {{ computerName }} is enabled again."],
    [127, 4, "Agent Disabled", "The agent on {{ computerName }} is disabled."],
    [
      128,
      1,
      "Agent Disabled: Database Corruption",
      "The agent on {{ computerName }} is disabled: its database is corrupt.",
    ],
    [1001, 3, "Agent Disconnected From Network", "{{ computerName }} is disconnected from the network."],
    [1002, 3, "Agent Reconnected To Network", "{{ computerName }} is reconnected to the network."],
    [3201, 4, "Remote Shell Created", "A remote shell on {{ computerName }} was created."],
    [3203, 4, "Remote Shell Terminated", "The remote shell on {{ computerName }} was terminated."],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: subscriptionData }, [
    [17, 6, "Agent Subscribed", "{{ computerName }} subscribed and joined the group {{ groupName }}."],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: uploadData }, [
    [66, 30, "Agent Log Uploaded", "{{ computerName }} uploaded its logs: {{ uploadedFilename }}."],
  ]),
  ...kinds({ scope: "agent", byUser: true, data: byUserOnHost }, [
    [71, 20, "Scan Initiated", "{{ username }} initiated a full disk scan of {{ computerName }}."],
    [49, 3, "Uninstall Requested", "{{ username }} asked {{ computerName }} to uninstall."],
    [61, 3, "Network Disconnect Requested", "{{ username }} disconnected {{ computerName }} from the network."],
    [62, 3, "Network Reconnect Requested", "{{ username }} reconnected {{ computerName }} to the network."],
    [64, 2, "Agent Passphrase Viewed", "{{ username }} viewed the passphrase of {{ computerName }}."],
    [65, 30, "Agent Log Requested", "{{ username }} requested logs of {{ computerName }}."],
    [3200, 4, "Remote Shell Started", "{{ username }} started a remote shell on {{ computerName }}."],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: upgrade }, [
    [16, 330, "Agent Software Updated", "{{ computerName }} was updated to {{ newVersion }}."],
    [43, 260, "Agent Updated", "{{ computerName }} runs {{ newVersion }} now."],
    [5, 200, "Agent Update Downloaded", "{{ computerName }} downloaded {{ newVersion }}."],
  ]),
  ...kinds({ scope: "agent", byUser: false, data: moved }, [
    [
      5009,
      560,
      "Agent Moved To A Different Group",
      "{{ computerName }} moved from {{ oldGroupName }} to {{ newGroupName }}.",
    ],
  ]),
];
