import { type ActivityKind, kinds } from "./kind.ts";

type Data = ActivityKind["data"];

const role: Data = ({ user, random }) => ({
  roleName: random.pick(["Night shift", "Auditors", "Service desk"]),
  username: user.name,
});
const upgradePolicy: Data = ({ user, random, group }) => ({
  policy: { id: String(random.integer(1e6, 9e6)), name: `Upgrades of ${group.site.name}` },
  shouldReboot: random.chance(0.5),
  username: user.name,
});

/** What is changed now and then: roles of the console, and how agents are upgraded. */
export const UPKEEP: readonly ActivityKind[] = [
  ...kinds({ scope: "account", byUser: true, data: role }, [
    [107, 3, "Role Created", "{{ username }} created the role {{ roleName }}."],
    [108, 4, "Role Edited", "{{ username }} edited the role {{ roleName }}."],
    [109, 1, "Role Deleted", "{{ username }} deleted the role {{ roleName }}."],
  ]),
  ...kinds({ scope: "site", byUser: true, data: upgradePolicy }, [
    [3750, 1, "Auto-Upgrade Policy Created", "{{ username }} created an upgrade policy for {{ siteName }}."],
    [3751, 1, "Auto-Upgrade Policy Changed", "{{ username }} changed the upgrade policy of {{ siteName }}."],
  ]),
];
