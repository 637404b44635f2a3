import type { Clock } from "../clock.ts";
import { CollectionError } from "../errors.ts";
import { JsonError } from "../json.ts";
import { pageScanner } from "../scan.ts";
import type { Page, PageRequest, SourceRecord } from "../stream.ts";
import type { Caller } from "../vendor-http.ts";
import type { SentinelOneClient } from "./client.ts";
import { ConsoleFeed } from "./console-feed.ts";
import { readCursor } from "./page.ts";
import { policyRecord, readPolicy, type Scope, withDrift } from "./policy-record.ts";
import type { SentinelOneStream } from "./rest-stream.ts";

const name = "policies";
const permission = "Policy.view (with Accounts.view, Sites.view and Groups.view to find the scopes)";
/** Scopes on a page: each may cost a request, and the walk keeps its place after each page. */
const pageSize = 50;
const requestsPerSecond = 5;
/** A message has room for the ids of a few. */
const namedScopes = 5;

interface Level {
  readonly type: Scope["type"];
  /** Below `/web/api/v2.1`. */
  readonly path: string;
  /** Where the list stands in its envelope. */
  readonly records: string;
}

/** From the widest scope to the narrowest. */
const levels: readonly Level[] = [
  { type: "account", path: "/accounts", records: "data" },
  { type: "site", path: "/sites", records: "data.sites" },
  { type: "group", path: "/groups", records: "data" },
];

/**
 * Policies, of the accounts, sites and groups that do not inherit theirs. There is no list of them and no time to follow, so every hour
 * each is asked for by itself, and sent when it says something else than before, with what it said and what changed; also when a scope
 * gives its own up and inherits again.
 */
export const policies: SentinelOneStream = {
  id: `sentinelone-${name}`,
  vendor: "sentinelone",
  name,
  permission,
  paging: "cursor",
  ordered: false,
  inventory: true,
  keepsDocuments: true,
  whole: true,
  restMinutes: 60,
  // So that no retention, at least 30 days, ever forgets one.
  sweep: { everyHours: 14 * 24 },
  open: (client, caller, clock) => new PoliciesFeed(client, caller, clock),
};

interface ListedScope extends Scope {
  /** The list says so already, which saves a request. */
  readonly inherits: boolean;
}

interface ScopePage {
  readonly scopes: readonly ListedScope[];
  readonly cursor: string | undefined;
}

class PoliciesFeed extends ConsoleFeed {
  readonly #levels: readonly Level[];
  #mayReadSome = false;
  readonly #refused: Scope[] = [];

  constructor(client: SentinelOneClient, caller: Caller, clock: Clock) {
    super(client, caller, clock);
    // Accounts cannot be narrowed to sites.
    this.#levels = client.connection.siteIds ? levels.filter(({ type }) => type !== "account") : levels;
  }

  /** A page of scopes with the policies of those that have one. Continuations are `<scope type>:<cursor>`. */
  async read({ continuation }: PageRequest): Promise<Page> {
    const [type, ...cursor] = continuation?.split(":") ?? [];
    const index = Math.max(
      0,
      this.#levels.findIndex((level) => level.type === type),
    );
    const level = this.#levels[index] as Level;
    const page = await this.#scopes(level, cursor.join(":") || undefined);
    const records: SourceRecord[] = [];
    for (const scope of page.scopes) {
      const policy = scope.inherits ? undefined : await this.#policy(level, scope);
      if (policy || scope.inherits) records.push(policyRecord(scope, policy));
    }
    const next = this.#levels[index + 1];
    if (this.#refused.length > 0) this.caller.shortfall = this.#shortfall();
    // A token may lack a scope here and there; the stream is refused where it may read none.
    const isLast = page.cursor === undefined && !next;
    if (isLast && this.caller.shortfall && !this.#mayReadSome) throw this.caller.shortfall;
    if (page.cursor !== undefined) return { records, continuation: `${level.type}:${page.cursor}` };
    return { records, ...(next && { continuation: `${next.type}:` }) };
  }

  protected override hear(): Promise<unknown> {
    return this.#scopes(this.#levels[0] as Level, undefined);
  }

  async #scopes(level: Level, cursor: string | undefined): Promise<ScopePage> {
    const { siteIds } = this.client.connection;
    try {
      return await this.client.get({
        path: level.path,
        query: { limit: String(pageSize), sortBy: "id", sortOrder: "asc", siteIds: siteIds?.join(","), cursor },
        feed: name,
        permission,
        requestsPerSecond,
        read: scopeReader(level),
        caller: this.caller,
      });
    } catch (error) {
      // A token whose scope is a site may not list accounts, and reads the policies within its site all the same.
      const isAbove = level.type === "account" && error instanceof CollectionError && error.status === "not-permitted";
      if (isAbove) return { scopes: [], cursor: undefined };
      throw error;
    }
  }

  /** Undefined where the scope has none, went away meanwhile, or is not for this token. */
  async #policy({ path }: Level, scope: Scope): Promise<Buffer | undefined> {
    try {
      const policy = await this.client.get({
        path: `${path}/${encodeURIComponent(scope.id)}/policy`,
        pacedAs: name,
        query: {},
        feed: name,
        permission,
        requestsPerSecond,
        judge: ({ status }) => {
          if (status === 404) throw new NoPolicy();
        },
        read: readPolicy,
        caller: this.caller,
      });
      this.#mayReadSome = true;
      return policy;
    } catch (error) {
      if (error instanceof NoPolicy) return undefined;
      if (!(error instanceof CollectionError) || error.status !== "not-permitted") throw error;
      this.#refused.push(scope);
      return undefined;
    }
  }

  /** The scopes that are not for this token, a few of them by id. */
  #shortfall(): CollectionError {
    const named = this.#refused.slice(0, namedScopes).map(({ type, id }) => `${type} ${id}`);
    const more = this.#refused.length > named.length ? ", …" : "";
    const text = `sentinelone "${this.client.connection.name}": the console refuses the policies of ${this.#refused.length} scopes (${named.join(", ")}${more}); what the token may read is collected. Its role lacks Policy.view there, or its scope is too narrow. Grant it to the service user, or ${this.client.connection.siteIds ? "take these sites out of" : "name the sites that it is for in"} this connection's siteIds.`;
    return new CollectionError("not-permitted", "permission", text);
  }

  override row(json: Buffer, record: SourceRecord, previous?: Buffer): object {
    return super.row(withDrift(json, record.json, previous), record);
  }
}

class NoPolicy extends Error {
  override readonly name = "NoPolicy";
}

/** Reads a list of scopes. */
function scopeReader({ type, records }: Level): (body: Buffer) => ScopePage {
  const scan = pageScanner({ records, envelope: ["pagination.nextCursor"], fields: ["id", "name", "inherits"] });
  return (body) => {
    const { records: scanned, envelope } = scan(body);
    if (!scanned) throw new JsonError(`there is no list "${records}" in it`);
    const scopes = scanned.map(({ fields: [id, title, inherits] }) => {
      if (id === undefined) throw new JsonError(`one of "${records}" has no id`);
      return { type, id: plain(id), name: plain(title ?? '""'), inherits: inherits === "true" };
    });
    return { scopes, cursor: readCursor(envelope[0]) };
  };
}

/** Text of a JSON string; of a number its digits, which a JavaScript number would round. */
const plain = (json: string) => (json.startsWith('"') ? (JSON.parse(json) as string) : json === "null" ? "" : json);
