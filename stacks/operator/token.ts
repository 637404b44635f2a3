import type { Connection } from "../../function-code/environment.ts";
import { asCollectionError } from "../../function-code/errors.ts";
import { JsonError } from "../../function-code/json.ts";
import { SentinelOneClient } from "../../function-code/sentinelone/client.ts";
import type { Caller } from "../../function-code/vendor-http.ts";
import type { ProbeMeans } from "./probe.ts";

/** Whose token a connection uses and what it reaches, as the console tells. Valence tells nothing of its keys. */
export interface TokenStanding {
  readonly connection: string;
  readonly owner: string | null;
  /** `tenant`, `account` or `site`, with the names of the accounts or sites, and the roles held there. */
  readonly scope: string | null;
  readonly roles: readonly string[];
  readonly expiresAt: string | null;
  /** Why nothing is known. */
  readonly error: string | null;
}

const unknown = { owner: null, scope: null, roles: [], expiresAt: null };

/** Asks a console who its token's owner is. */
export async function askToken(connection: Connection, means: ProbeMeans, caller: Caller): Promise<TokenStanding> {
  const about = { connection: connection.name, ...unknown };
  if (connection.vendor === "valence") {
    return { ...about, error: "Valence's API tells nothing of its keys: see its own settings for owner and end." };
  }
  try {
    const client = new SentinelOneClient(connection, means.http, means.secrets, means.retries);
    const user = await client.get({
      path: "/user",
      query: {},
      feed: "user",
      permission: "to read its own user",
      requestsPerSecond: 1,
      read: readUser,
      caller,
    });
    return { ...about, ...user, error: null };
  } catch (error) {
    return { ...about, error: asCollectionError(error).message };
  }
}

interface ScopeRole {
  readonly name?: string;
  readonly roleName?: string;
  readonly roles?: readonly string[];
}

/** `data` of `GET /user`, as far as it is shown. */
interface User {
  readonly email?: string;
  readonly fullName?: string;
  readonly scope?: string;
  readonly tenantRoles?: readonly string[];
  readonly scopeRoles?: readonly ScopeRole[];
  readonly siteRoles?: readonly ScopeRole[];
  readonly apiToken?: { readonly expiresAt?: string };
}

function readUser(body: Buffer): Omit<TokenStanding, "connection" | "error"> {
  const { data } = parse(body);
  if (!data) throw new JsonError('there is no "data" in it');
  const { email, fullName, scope, tenantRoles = [], scopeRoles = [], siteRoles = [], apiToken } = data;
  // Older consoles list sites apart.
  const places = scopeRoles.length > 0 ? scopeRoles : siteRoles;
  const names = places.flatMap(({ name }) => name ?? []);
  const roles = [...tenantRoles, ...places.flatMap(({ roleName, roles: all }) => roleName ?? all ?? [])];
  return {
    owner: [fullName, email && `<${email}>`].filter(Boolean).join(" ") || null,
    scope: scope ? [scope, names.join(", ")].filter(Boolean).join(": ") : null,
    roles: [...new Set(roles)],
    expiresAt: apiToken?.expiresAt ?? null,
  };
}

function parse(body: Buffer): { readonly data?: User } {
  try {
    return JSON.parse(body.toString("utf8")) as { data?: User };
  } catch {
    throw new JsonError("it cannot be read");
  }
}
