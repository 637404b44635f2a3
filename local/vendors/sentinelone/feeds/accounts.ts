import { DAY, isoMicros, isoSeconds, WEEK } from "../../time.ts";
import type { Feed } from "../api/feed.ts";
import type { Account } from "../world/fleet.ts";
import type { World } from "../world/world.ts";

interface AccountRow {
  readonly account: Account;
  readonly index: number;
  readonly activeAgents: number;
  /** How many times its contract was renewed; each time is a change. */
  readonly renewals: number;
}

const CONTRACT = 13 * WEEK;

/** Accounts: the widest scope below the tenant. */
export function accountsFeed(world: World): Feed<AccountRow> {
  const created = ({ index }: AccountRow) => Date.UTC(2019, 2, 4 + index, 9) * 1000 + 120;
  const updated = ({ index, renewals }: AccountRow) => (renewals * CONTRACT + index * DAY) * 1000 + 77;
  return {
    stream: "accounts",
    path: "/accounts",
    permission: "Accounts.view",
    times: {
      createdAt: { value: created, operators: ["equal"] },
      updatedAt: { value: updated, operators: ["equal"] },
    },
    sets: {
      ids: ({ account }) => account.id,
      accountIds: ({ account }) => account.id,
      name: ({ account }) => account.name,
      state: () => "active",
      states: () => "active",
    },
    sorts: {
      id: ({ account }) => account.id,
      name: ({ account }) => account.name,
      createdAt: created,
      updatedAt: updated,
      activeAgents: ({ activeAgents }) => activeAgents,
    },
    rows: (now) => {
      const agents = world.fleet.agents(now);
      return world.fleet.accounts.map((account, index) => ({
        account,
        index,
        activeAgents: agents.filter(({ slot }) => slot.group.site.account === account).length,
        renewals: Math.floor((now - index * DAY) / CONTRACT),
      }));
    },
    id: ({ account }) => account.id,
    key: (row) => `${row.account.id}|${isoMicros(updated(row))}`,
    render: (row) =>
      JSON.stringify({
        accountType: "Paid",
        activeAgents: row.activeAgents,
        billingMode: "subscription",
        createdAt: isoMicros(created(row)),
        creator: world.fleet.users[0]?.name,
        creatorId: world.fleet.users[0]?.id,
        expiration: isoSeconds(Date.UTC(2031, 0, 1)),
        externalId: `contract ${row.renewals}`,
        id: row.account.id,
        isDefault: row.index === 0,
        licenses: { bundles: [], modules: [], settings: [] },
        name: row.account.name,
        numberOfSites: world.fleet.sites.filter(({ account }) => account === row.account).length,
        salesforceId: null,
        skus: [{ agentsInSku: row.activeAgents, totalLicenses: 15_000, type: "Complete", unlimited: false }],
        state: "active",
        totalLicenses: 15_000,
        unlimitedExpiration: false,
        updatedAt: isoMicros(updated(row)),
        usageType: "customer",
      }),
  };
}
