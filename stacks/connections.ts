import * as pulumi from "@pulumi/pulumi";
import type { ConnectorConnection } from "../components/connector.ts";
import type { Pusher } from "../components/push.ts";
import type { TokenSource } from "../components/vault.ts";
import { readStreams } from "../kql/catalog.ts";
import { Fields, isRecord } from "./fields.ts";
import type { Problem } from "./problem.ts";
import { parsePusher, refuseTwinPushers } from "./pushers.ts";

/** Vendors that a connection can be to; `health` is the connector's own. */
const vendors = ["sentinelone", "valence"] as const;
type ConnectionVendor = (typeof vendors)[number];

/** Valence's API by region. Nothing public documents these addresses: where they do not answer, a connection names its own `url`. */
const valenceRegions = { us: "https://api.valencesecurity.com", eu: "https://apieu.valencesecurity.com" } as const;

/** Value of the column `Connection` on rows that the vendor pushes by itself. */
const reservedName = "push";

/** The list `connections`, by who goes to whom. */
interface Connections {
  /** Collected from. */
  readonly connections: readonly ConnectorConnection[];
  /** Deliver by themselves. */
  readonly pushers: readonly Pusher[];
}

/**
 * Reads the list `connections` of the stack's config; what is wrong is added to the problems.
 * @param isEncrypted whether the list holds secrets
 */
export function parseConnections(config: Fields, isEncrypted: boolean): Connections {
  const list = config.list("connections", "a list of consoles and tenants, each an object with name, vendor, …");
  if (list === undefined) {
    if (!config.has("connections")) {
      config.refuse(
        "connections",
        "at least one console or tenant",
        "add one to the stack's file below stacks/; the README has an example",
      );
    }
    return { connections: [], pushers: [] };
  }
  if (list.length === 0) config.refuse("connections", "at least one console or tenant");
  const parsed = list.map((item, index) => {
    const path = `connections[${index}]`;
    return parseConnection(new Fields(isRecord(item) ? item : {}, path, config.problems), isEncrypted);
  });
  const connections = parsed.flatMap(({ connection }) => connection ?? []);
  const pushers = parsed.flatMap(({ pusher }) => pusher ?? []);
  refuseTwins([...connections, ...pushers], config.problems);
  refuseTwinPushers(pushers, config.problems);
  return { connections, pushers };
}

interface ParsedConnection {
  readonly connection?: ConnectorConnection | undefined;
  readonly pusher?: Pusher | undefined;
}

/** Both are undefined where something is wrong. */
function parseConnection(fields: Fields, isEncrypted: boolean): ParsedConnection {
  const nameRule = `1 to 32 of a-z, 0-9 and -, not "${reservedName}"`;
  const name =
    fields.text("name", nameRule, (text) => /^[a-z0-9-]{1,32}$/.test(text) && text !== reservedName) ??
    (fields.has("name") ? undefined : fields.refuse("name", nameRule));
  const vendor =
    fields.oneOf("vendor", vendors) ?? (fields.has("vendor") ? undefined : fields.refuse("vendor", vendors.join(", ")));
  const isPush = fields.oneOf("mode", ["pull", "push"]) === "push";
  if (isPush) return { pusher: parsePusher(fields, name, vendor) };
  return { connection: parsePull(fields, name, vendor, isEncrypted) };
}

function parsePull(
  fields: Fields,
  name: string | undefined,
  vendor: ConnectionVendor | undefined,
  isEncrypted: boolean,
): ConnectorConnection | undefined {
  const url = parseUrl(fields, vendor);
  const token = parseToken(fields, isEncrypted);
  const streams = parseStreams(fields, vendor);
  const siteIds = parseSites(fields, vendor);
  const profile = parseProfile(fields, vendor);
  fields.refuseUnknown();
  if (!name || !vendor || !url || !token) return undefined;
  return Object.freeze({
    name,
    vendor,
    url,
    token,
    streams,
    ...(siteIds ? { siteIds } : {}),
    ...(profile ? { profile } : {}),
  });
}

function parseUrl(fields: Fields, vendor: ConnectionVendor | undefined): string | undefined {
  const region = fields.oneOf("region", Object.keys(valenceRegions) as (keyof typeof valenceRegions)[]);
  const rule = "the address of the console, https://<host> without a path (plain http for this machine only)";
  const url = fields.text("url", rule, isOrigin);
  if (fields.has("region") && vendor === "sentinelone")
    return fields.refuse("region", "nothing: a SentinelOne console is given by url");
  if (fields.has("region") && fields.has("url")) return fields.refuse("region", "either region or url");
  if (region) return valenceRegions[region];
  if (!fields.has("url") && !fields.has("region"))
    return fields.refuse("url", vendor === "valence" ? `${rule}, or a region` : rule);
  return url && new URL(url).origin;
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  if (pathname !== "/" || search || hash || username || password) return false;
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

function parseToken(fields: Fields, isEncrypted: boolean): TokenSource | undefined {
  const apiToken = fields.secret("apiToken");
  const secretId = fields.text(
    "secretId",
    "the versionless id of a Key Vault secret, https://<vault>/secrets/<name>",
    (text) => /^https:\/\/[a-z0-9][a-z0-9.-]+\/secrets\/[0-9A-Za-z-]{1,127}$/i.test(text),
  );
  const vaultId = fields.text("vaultId", "the resource id of the Key Vault that holds secretId", (text) =>
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i.test(text),
  );
  if (fields.has("apiToken") && fields.has("secretId")) {
    return fields.refuse("secretId", "either apiToken (owned by this config) or secretId (owned by a vault)");
  }
  if (fields.has("vaultId") && !fields.has("secretId")) fields.refuse("vaultId", "a vault only together with secretId");
  if (!fields.has("apiToken") && !fields.has("secretId")) {
    return fields.refuse("apiToken", "the API token, or secretId with the id of a Key Vault secret that holds it");
  }
  if (apiToken && !isEncrypted) {
    return fields.refuse("apiToken", "the token as a secret; this one lies in the stack's file for everybody to read");
  }
  if (apiToken) return { kind: "config", token: pulumi.secret(apiToken) };
  return secretId ? { kind: "vault", secretId, vaultId } : undefined;
}

/** The vendor's streams that are on: those that are on by default, then what the connection says. */
function parseStreams(fields: Fields, vendor: ConnectionVendor | undefined): readonly string[] {
  const given = fields.object("streams", "an object of streams that are switched, e.g. { threats: false }");
  if (!vendor) return [];
  const known = readStreams(vendor);
  const switches = new Fields(given ?? {}, fields.path("streams"), fields.problems);
  const enabled = known.filter(({ name, enabledByDefault }) => switches.boolean(name) ?? enabledByDefault);
  switches.refuseUnknown();
  return enabled.map(({ name }) => name);
}

function parseSites(fields: Fields, vendor: ConnectionVendor | undefined): readonly string[] | undefined {
  const rule =
    'a list of site ids as text, e.g. ["225494730938493804"]; without quotes their last digits would be lost';
  const list = fields.list("siteIds", rule);
  if (list === undefined) return undefined;
  if (vendor === "valence") return fields.refuse("siteIds", "nothing: only SentinelOne has sites");
  if (list.length === 0 || !list.every((id) => typeof id === "string" && /^\d{1,20}$/.test(id)))
    return fields.refuse("siteIds", rule);
  return list as readonly string[];
}

function parseProfile(fields: Fields, vendor: ConnectionVendor | undefined) {
  const profile = fields.object("profile", "an object: what differs from the default HTTP profile");
  if (profile && vendor === "sentinelone") return fields.refuse("profile", "nothing: only Valence has an HTTP profile");
  return profile;
}

function refuseTwins(connections: readonly { readonly name: string }[], problems: Problem[]): void {
  for (const [name, twins] of Map.groupBy(connections, (connection) => connection.name)) {
    if (twins.length < 2) continue;
    problems.push({
      setting: "connections",
      given: `has ${twins.length} connections named "${name}"`,
      allowed: "each name once: it is the value of the column Connection and names the secret",
      fix: "rename all but one of them",
    });
  }
}
