import { CollectionError, CursorRefused } from "../errors.ts";
import type { Page, PageRequest } from "../stream.ts";
import { hour, type Micros, toMillis } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { type ConnectionFormat, connectionReader, isUnknownField, UnknownField } from "./graphql.ts";
import type { SentinelOneStream } from "./rest-stream.ts";

const format: ConnectionFormat = {
  name: "alerts-v2",
  permission: "Unified Alerts.view",
  field: "alerts",
  watermark: "updatedAt",
  key: ["id", "updatedAt"],
};
const readAlerts = connectionReader(format);

const path = "/unifiedalerts/graphql";
const pageSize = 500;
const requestsPerSecond = 5;
/** What changes while the walk lasts is still within its upper bound. */
const ahead = 24 * hour;

/** Fields that every console with unified alerts is taken to have. */
const minimal =
  "id name description detectedAt createdAt updatedAt status severity analystVerdict classification confidenceLevel externalId storylineId";
/** And those that Microsoft's connector asks for. */
const common = `${minimal} attackSurfaces dataSources detectionSource { product vendor } assignee { fullName email } assets { id name agentUuid osType osVersion }`;
/** And those of newer consoles. */
const full = `${common} result firstSeenAt lastSeenAt noteExists ticketId analytics { uid name category typeValue } asset { id name agentUuid agentVersion category subcategory osType osVersion lastLoggedInUser } process { cmdLine parentName file { name path md5 sha1 sha256 } } realTime { scope { account { id name } site { id name } group { id name } } }`;

/** One field that a console does not know fails the whole query, so the next smaller one is tried. */
const fieldSets = [full, common, minimal];

/** How many of the sets a run has found to be too large for its console. */
const tooLarge = new WeakMap<Caller, number>();

/**
 * Unified alerts: what endpoint, identity, cloud and third-party engines found, and what analysts made of it. Followed by `updatedAt`,
 * which also finds the new ones.
 */
export const alertsV2: SentinelOneStream = {
  id: `sentinelone-${format.name}`,
  vendor: "sentinelone",
  name: format.name,
  permission: format.permission,
  paging: "key",
  ordered: true,
  inventory: false,
  open: (client, caller, clock) => new AlertsFeed(client, caller, clock),
};

class AlertsFeed extends ConsoleFeed {
  /** Cursors belong to a query, so its upper bound stays. */
  #end: Micros | undefined;

  async read(request: PageRequest): Promise<Page> {
    for (;;) {
      const tried = tooLarge.get(this.caller) ?? 0;
      try {
        return await this.#readPage(request, fieldSets[tried] ?? minimal);
      } catch (error) {
        if (!(error instanceof UnknownField)) throw error;
        if (tried >= fieldSets.length - 1) throw this.#unknownEvenSo();
        tooLarge.set(this.caller, tried + 1);
      }
    }
  }

  async #readPage({ from, to, continuation }: PageRequest, fields: string): Promise<Page> {
    this.#end ??= to ?? this.client.serverNow() + ahead;
    const { siteIds, name } = this.client.connection;
    const variables = {
      first: pageSize,
      after: continuation,
      filters: [
        {
          fieldId: "updatedAt",
          // Whole milliseconds: what lies before the lower bound is left out below, what lies behind the upper by the walk.
          dateTimeRange: { start: toMillis(from), end: toMillis(this.#end), startInclusive: true, endInclusive: true },
        },
      ],
      sort: { by: "updatedAt", order: "ASC" },
      ...(siteIds && { scope: { scopeIds: siteIds, scopeType: "SITE" } }),
    };
    const page = await this.client.post({
      path,
      query: {},
      body: JSON.stringify({ query: listAlerts(fields, siteIds !== undefined), variables }),
      feed: format.name,
      permission: format.permission,
      requestsPerSecond,
      judge: ({ status, body }) => {
        // Some servers answer a query that they cannot read with 400, some with 200.
        if (status === 400 && isUnknownField(body)) throw new UnknownField(name);
        if (status === 400 && continuation !== undefined) throw new CursorRefused();
      },
      read: readAlerts,
      caller: this.caller,
    });
    return { ...page, records: page.records.filter(({ time }) => time >= from) };
  }

  #unknownEvenSo(): CollectionError {
    const text = `sentinelone "${this.client.connection.name}": the console does not know the fields of unified alerts that every known version has. Nothing is skipped, the stream stops here until the connector knows this version: please report it with this line.`;
    return new CollectionError("failing", "answer", text);
  }
}

const listAlerts = (fields: string, scoped: boolean) =>
  `query ListAlerts($first: Int, $after: String, $filters: [FilterInput!], $sort: SortInput${scoped ? ", $scope: ScopeSelectorInput" : ""}) { alerts(first: $first, after: $after, filters: $filters, sort: $sort${scoped ? ", scope: $scope" : ""}) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ${fields} } } } }`;
