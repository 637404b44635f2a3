import { Random } from "../random.ts";
import { HOUR } from "../time.ts";
import { CONNECTORS } from "./catalog.ts";
import type { TimedRow } from "./log.ts";
import { inventPerson } from "./people.ts";

/** What administrators do, with the sentence that the log keeps of it. Weight is how often a line is listed. */
const ACTIONS: readonly ((random: Random) => readonly [action: string, details: string])[] = [
  () => ["User signed in", "Signed in with single sign-on"],
  () => ["User signed in", "Signed in with single sign-on"],
  () => ["User signed in", "Signed in with password"],
  (random) => [
    "User created",
    `Created user ${inventPerson(random).email} with role "readonly" with access to all platforms`,
  ],
  (random) => [
    "User deleted",
    `Deleted user ${inventPerson(random).email} with role "readonly" with access to all platforms`,
  ],
  (random) => [
    "User access updated",
    `Updated user ${inventPerson(random).email} to role "admin" with access to all platforms`,
  ],
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return [
      "Policy created or updated",
      `Updated a policy on Sharing. Policy name: "No public links". Platform: "${platform}". Instance(s): "${name}"`,
    ];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return [
      "Policy disabled",
      `Disabled a policy on Sharing. Policy name: "No public links". Platform: "${platform}". Instance(s): "${name}"`,
    ];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return ["Connector created", `Created ${platform} connector named "${name}"`];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return ["Connector deleted", `Deleted ${platform} connector named "${name}"`];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return ["Connector renamed", `Renamed ${platform} connector from "${name}" to "${name} (old)"`];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return ["Authenticate connector", `Authenticated ${platform} connector named "${name}" via method "OAuth"`];
  },
  (random) => {
    const { name, platform } = random.pick(CONNECTORS);
    return [
      "Upload data to connector",
      `Uploaded file "users.csv" of kind users to ${platform} connector named "${name}"`,
    ];
  },
  (random) => [
    "API Key created",
    `Created API Key "siem-${random.integer(1, 9)}" for "siem_valenceapi@bramble.example"`,
  ],
];

/** Audit rows of one hour of absolute time, about 200 a day at scale 1. They have no id, and one in twenty occurs twice, alike in every field. */
export function auditLogsIn(seed: number, scale: number, hour: number): TimedRow[] {
  const random = new Random(seed, "valence-audit", hour);
  return Array.from({ length: random.count((200 / 24) * scale) }, () => {
    const at = Math.floor((hour * HOUR) / 1000) + random.integer(0, 3599);
    const [action, details] = random.pick(ACTIONS)(random);
    const row = {
      action,
      actor: inventPerson(random).email,
      details,
      ipAddress: `203.0.113.${random.integer(1, 40)}`,
      success: random.chance(0.95),
      timeEpoch: at,
    };
    const { actor, success, ipAddress } = row;
    const key = [actor, at, success, ipAddress, action, details].join("|");
    const written = { at, key, shownAt: at * 1000 + random.integer(300, 5_000), text: JSON.stringify(row) };
    return random.chance(0.05) ? [written, written] : [written];
  }).flat();
}
