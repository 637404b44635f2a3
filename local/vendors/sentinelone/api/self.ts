import { json } from "../../server.ts";
import type { SimulatorAnswer, SimulatorToken } from "../../simulator.ts";
import { DAY, isoMicros, isoSeconds } from "../../time.ts";
import { objectId, spread } from "../world/identifiers.ts";
import type { World } from "../world/world.ts";
import type { Access } from "./access.ts";
import { failure } from "./errors.ts";

/** What a token can learn about itself and the console. */

export const SYSTEM_INFO = {
  build: "88",
  latestAgentVersion: "25.2.1.214",
  patch: "3",
  release: "Tundra-Z",
  version: "Z-25.2.3#88",
};

const lifeOf = (world: World, token: SimulatorToken) => {
  const createdAt = world.beginning - 60 * DAY;
  // A token that ends at no told time ends like the longest that the console offers: after two years.
  const expiresAt = token.expiresAt ?? createdAt + 730 * DAY;
  return { createdAt: isoMicros(createdAt * 1000 + 509), expiresAt: isoSeconds(expiresAt) };
};

export const describeUser = (world: World, token: SimulatorToken): Record<string, unknown> => ({
  apiToken: lifeOf(world, token),
  canGenerateApiToken: true,
  dateJoined: isoMicros(world.beginning * 1000 - 60 * DAY * 1000),
  email: "sentinel-connector@halvorsen.example",
  emailVerified: true,
  firstLogin: null,
  fullName: "Sentinel connector",
  globalUserId: null,
  id: objectId(world.beginning * 1000 - 60 * DAY * 1000, spread(77)),
  isSystem: false,
  lastLogin: null,
  lowestRole: "Viewer",
  primaryTwoFaMethod: null,
  scope: "tenant",
  scopeRoles: [],
  siteRoles: [],
  source: "mgmt",
  tenantRoles: [token.permissions.includes("*") ? "Viewer" : "Custom"],
  twoFaEnabled: false,
  twoFaStatus: "not_configured",
});

/** `POST /users/api-token-details` with `{"data":{"apiToken":"…"}}`. */
export function tokenDetails(world: World, access: Access, body: string): SimulatorAnswer {
  const token = access.find(readToken(body) ?? "");
  if (!token) return failure(400, 4000010, "apiToken: Invalid token.");
  return json(200, JSON.stringify({ data: lifeOf(world, token) }));
}

function readToken(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { data?: { apiToken?: string } } | null)?.data?.apiToken;
  } catch {
    return undefined;
  }
}
