import { isoMicros, isoSeconds, WEEK } from "../../time.ts";
import type { Feed } from "../api/feed.ts";
import type { Site } from "../world/fleet.ts";
import { registrationToken } from "../world/registration-token.ts";
import type { World } from "../world/world.ts";

interface SiteRow {
  readonly site: Site;
  /** How many times it was reviewed; each review is a change. */
  readonly reviews: number;
  /** Epoch microseconds. */
  readonly updatedAt: number;
  readonly activeLicenses: number;
}

const LICENSES = 5000;

/** Sites: the one list whose envelope differs, and that can be filtered by exact times only. */
export function sitesFeed(world: World): Feed<SiteRow> {
  const updatedAt = (row: SiteRow) => row.updatedAt;
  const created = ({ site }: SiteRow) => createdAt(site);
  const rows = (now: number): SiteRow[] => {
    const agents = world.fleet.agents(now);
    return world.fleet.sites.map((site) => {
      const reviews = Math.floor((now + site.index * 80_000_000) / (3 * WEEK));
      return {
        site,
        reviews,
        updatedAt: (reviews * 3 * WEEK - site.index * 80_000_000) * 1000 + 905,
        activeLicenses: agents.filter(({ slot }) => slot.group.site === site).length,
      };
    });
  };
  return {
    stream: "sites",
    path: "/sites",
    permission: "Sites.view",
    times: {
      createdAt: { value: created, operators: ["equal"] },
      updatedAt: { value: updatedAt, operators: ["equal"] },
    },
    sets: {
      siteIds: ({ site }) => site.id,
      accountIds: ({ site }) => site.account.id,
      accountId: ({ site }) => site.account.id,
      name: ({ site }) => site.name,
      state: () => "active",
      states: () => "active",
    },
    sorts: {
      id: ({ site }) => site.id,
      name: ({ site }) => site.name,
      createdAt: created,
      updatedAt,
      activeLicenses: (row) => row.activeLicenses,
      accountName: ({ site }) => site.account.name,
    },
    rows,
    id: ({ site }) => site.id,
    key: (row) => `${row.site.id}|${isoMicros(row.updatedAt)}`,
    render: (row) => JSON.stringify(describeSite(world, row)),
    envelope: (objects, now) => {
      const active = rows(now).reduce((sum, row) => sum + row.activeLicenses, 0);
      const all = { activeLicenses: active, totalLicenses: LICENSES * world.fleet.sites.length };
      return `{"allSites":${JSON.stringify(all)},"sites":[${objects}]}`;
    },
  };
}

const createdAt = (site: Site): number => Date.UTC(2019, 5, 10 + site.index, 7, 15) * 1000 + 633;

const describeSite = (
  world: World,
  { site, reviews, updatedAt, activeLicenses }: SiteRow,
): Record<string, unknown> => ({
  accountId: site.account.id,
  accountName: site.account.name,
  activeLicenses,
  createdAt: isoMicros(createdAt(site)),
  creator: world.fleet.users[0]?.name,
  creatorId: world.fleet.users[0]?.id,
  description: `Everything in ${site.name}, review ${reviews}`,
  expiration: isoSeconds(Date.UTC(2031, 0, 1)),
  externalId: null,
  healthStatus: true,
  id: site.id,
  inheritAccountExpiration: true,
  irFields: null,
  isDefault: site.index === 0,
  licenses: {
    bundles: [
      {
        displayName: "Complete",
        majorVersion: 1,
        minorVersion: 28,
        name: "complete",
        surfaces: [{ count: LICENSES, name: "Total Agents" }],
        totalSurfaces: LICENSES,
      },
    ],
    modules: [],
    settings: [],
  },
  name: site.name,
  registrationToken: registrationToken(world.seed, site.id),
  siteType: "Paid",
  sku: "Complete",
  state: "active",
  suite: "Complete",
  totalLicenses: LICENSES,
  unlimitedExpiration: false,
  unlimitedLicenses: false,
  updatedAt: isoMicros(updatedAt),
  usageType: "customer",
});
