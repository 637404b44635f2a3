import { isoMicros } from "../../time.ts";
import { COMPARISONS, type Feed } from "../api/feed.ts";
import { type Group, policyChanges } from "../world/fleet.ts";
import { registrationToken } from "../world/registration-token.ts";
import type { World } from "../world/world.ts";

interface GroupRow {
  readonly group: Group;
  /** Epoch microseconds. A new policy moves it; machines that come and go do not. */
  readonly updatedAt: number;
  readonly totalAgents: number;
}

/** Groups of the fleet. Their `registrationToken` is a secret that no collector may pass on. */
export function groupsFeed(world: World): Feed<GroupRow> {
  const updatedAt = (row: GroupRow) => row.updatedAt;
  const key = (group: Group, updatedAt: number) => `${group.id}|${isoMicros(updatedAt)}`;
  return {
    stream: "groups",
    path: "/groups",
    permission: "Groups.view",
    times: { updatedAt: { value: updatedAt, operators: COMPARISONS } },
    sets: {
      id: ({ group }) => group.id,
      groupIds: ({ group }) => group.id,
      siteIds: ({ group }) => group.site.id,
      accountIds: ({ group }) => group.site.account.id,
      name: ({ group }) => group.name,
      type: ({ group }) => group.type,
      types: ({ group }) => group.type,
      isDefault: ({ group }) => group.isDefault,
    },
    sorts: {
      id: ({ group }) => group.id,
      name: ({ group }) => group.name,
      type: ({ group }) => group.type,
      rank: ({ group }) => group.rank ?? 0,
      siteId: ({ group }) => group.site.id,
      createdAt: ({ group }) => createdAt(group),
      updatedAt,
    },
    rows: (now) => {
      const members = new Map<Group, number>();
      for (const { slot } of world.fleet.agents(now)) members.set(slot.group, (members.get(slot.group) ?? 0) + 1);
      return world.fleet.groups.map((group) => ({
        group,
        updatedAt: policyChanges(world.seed, group, now).last,
        totalAgents: members.get(group) ?? 0,
      }));
    },
    id: ({ group }) => group.id,
    key: (row) => key(row.group, row.updatedAt),
    everShown: (since, now) =>
      world.fleet.groups.flatMap((group) => {
        const keys: string[] = [];
        for (let time = since; time <= now; ) {
          const { last, next } = policyChanges(world.seed, group, time);
          keys.push(key(group, last));
          time = Math.ceil(next / 1000);
        }
        return keys;
      }),
    render: ({ group, updatedAt, totalAgents }) =>
      JSON.stringify({
        createdAt: isoMicros(createdAt(group)),
        creator: group.creator.name,
        creatorId: group.creator.id,
        description: group.isDefault ? null : `${group.name} of ${group.site.name}`,
        filterId: group.type === "dynamic" ? group.id.replace(/.$/, "5") : null,
        filterName: group.type === "dynamic" ? `${group.name} filter` : null,
        id: group.id,
        inherits: group.index % 3 !== 0,
        isDefault: group.isDefault,
        name: group.name,
        rank: group.rank,
        registrationToken: registrationToken(world.seed, group.id),
        siteId: group.site.id,
        totalAgents,
        type: group.type,
        updatedAt: isoMicros(updatedAt),
      }),
  };
}

const createdAt = (group: Group): number => Date.UTC(2020, 1, 3, 8, group.index) * 1000 + 41 * group.index;
