import { Random } from "../../random.ts";
import { isoMicros, WEEK } from "../../time.ts";
import type { List } from "../api/list.ts";
import { policyChanges } from "../world/fleet.ts";
import type { World } from "../world/world.ts";

/** A scope with its policy, or with whose policy it has. */
interface PolicyScope {
  /** As it stands in the path, e.g. `groups/225494730938493804`. */
  readonly path: string;
  readonly key: string;
  readonly inheritedFrom: string | null;
  /** When it last changed before a time, and when it next does; epoch microseconds. */
  readonly changes: (now: number) => { readonly last: number; readonly next: number };
}

/** Policies: no list, one object for each scope. Accounts have their own, every second site and every third group have too. */
export function policiesList(world: World): List {
  const { accounts, sites, groups } = world.fleet;
  const scopes: readonly PolicyScope[] = [
    ...accounts.map(({ id }) => scope("account", id, null, every(8 * WEEK))),
    ...sites.map(({ id, index }) => scope("site", id, index % 2 === 0 ? null : "account", every(5 * WEEK + index))),
    ...groups.map((group) =>
      scope("group", group.id, group.index % 3 === 0 ? null : "site", (now) => policyChanges(world.seed, group, now)),
    ),
  ];
  const byPath = new Map(scopes.map((scope) => [scope.path, scope]));
  const own = scopes.filter(({ inheritedFrom }) => inheritedFrom === null);
  return {
    stream: "policies",
    path: "/{id}/policy",
    permission: "Policy.view",
    page: (_, now, path = "") => {
      const found = byPath.get(path);
      return found && `{"data":${JSON.stringify(describe(world.seed, found, now))}}`;
    },
    keys: (now) => own.map(({ key, changes }) => `${key}|${isoMicros(changes(now).last)}`),
    everShown: (since, now) =>
      own.flatMap(({ key, changes }) => {
        const keys: string[] = [];
        for (let time = since; time <= now; ) {
          const { last, next } = changes(time);
          keys.push(`${key}|${isoMicros(last)}`);
          time = Math.ceil(next / 1000);
        }
        return keys;
      }),
  };
}

const scope = (
  type: string,
  id: string,
  inheritedFrom: string | null,
  changes: PolicyScope["changes"],
): PolicyScope => ({ path: `${type}s/${id}`, key: `${type}|${id}`, inheritedFrom, changes });

const every =
  (period: number): PolicyScope["changes"] =>
  (now) => {
    const turn = Math.floor(now / period);
    return { last: turn * period * 1000, next: (turn + 1) * period * 1000 };
  };

function describe(seed: number, { key, inheritedFrom, changes }: PolicyScope, now: number): Record<string, unknown> {
  const { last } = changes(now);
  const random = new Random(seed, "policy-document", key, last);
  const engine = () => (random.chance(0.85) ? "on" : "off");
  return {
    agentLoggingOn: true,
    agentNotification: random.chance(0.5),
    agentUiOn: true,
    allowRemoteShell: random.chance(0.4),
    antiTamperingOn: random.chance(0.9),
    // Differs from one version to the next, whatever the others do.
    autoDecommissionDays: 7 + (Math.floor(last / 60_000_000) % 83),
    autoDecommissionOn: true,
    autoMitigationAction: random.pick(["mitigation.none", "mitigation.quarantineThreat", "mitigation.killThreat"]),
    createdAt: isoMicros(Date.UTC(2020, 1, 3, 8) * 1000),
    engines: {
      applicationControl: engine(),
      dataFiles: engine(),
      executables: engine(),
      exploits: engine(),
      lateralMovement: engine(),
      penetration: engine(),
      preExecution: engine(),
      preExecutionSuspicious: engine(),
      pup: engine(),
      remoteShell: engine(),
      reputation: "on",
    },
    inheritedFrom,
    iocAttributes: { dns: random.chance(0.9), file: true, ip: true, process: true, url: random.chance(0.9) },
    isDefault: false,
    mitigationMode: random.chance(0.8) ? "protect" : "detect",
    mitigationModeSuspicious: random.chance(0.3) ? "protect" : "detect",
    networkQuarantineOn: random.chance(0.5),
    scanNewAgents: random.chance(0.7),
    snapshotsOn: true,
    updatedAt: isoMicros(last),
    userFullName: null,
    userId: null,
  };
}
