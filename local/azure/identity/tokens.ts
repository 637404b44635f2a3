import { createHmac, timingSafeEqual } from "node:crypto";
import type { LocalCloud, Principal } from "../cloud.ts";
import { type AzureEnvironment, azureEnvironments } from "../environments.ts";
import { AzureError } from "../resource-manager/resource-type.ts";

/** Seconds that a token lasts; longer than the SDKs' five-minute margin, shorter than a day. */
export const tokenLifetime = 3600;

interface Claims {
  readonly aud: string;
  readonly iss: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly appid: string;
  readonly oid: string;
  readonly tid: string;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Issues and checks the access tokens of one local tenant. Azurite reads the claims too, so their form is Entra's v1. */
export class TokenAuthority {
  readonly environment: AzureEnvironment;
  readonly #key: Buffer;
  readonly #tenantId: string;

  /** @param environment the cloud that the tenant is in */
  constructor(tenantId: string, key: Buffer, environment = azureEnvironments.public) {
    this.environment = environment;
    this.#tenantId = tenantId;
    this.#key = key;
  }

  /** A bearer token for one audience, e.g. `https://vault.azure.net`, and its expiry in epoch seconds. */
  issue(
    principal: Principal,
    audience: string,
    now = Math.floor(Date.now() / 1000),
  ): { token: string; expiresOn: number } {
    const claims: Claims = {
      aud: audience,
      iss: `https://sts.windows.net/${this.#tenantId}/`,
      iat: now - 5,
      // Azurite allows no clock skew at all.
      nbf: now - 5,
      exp: now + tokenLifetime,
      appid: principal.clientId,
      oid: principal.principalId,
      tid: this.#tenantId,
    };
    const unsigned = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return { token: `${unsigned}.${this.#sign(unsigned)}`, expiresOn: claims.exp };
  }

  /** Who sends this request, if its token was issued here for one of these audiences; throws `AzureError` 401 otherwise. */
  authenticate(request: Request, audiences: readonly string[], cloud: Pick<LocalCloud, "deployed">): Principal {
    const header = request.headers.get("authorization") ?? "";
    const token = /^Bearer (.+)$/i.exec(header)?.[1];
    if (!token) throw new AzureError(401, "MissingToken", "The request has no bearer token.");
    const claims = this.#verify(token);
    if (!claims) throw new AzureError(401, "InvalidAuthenticationToken", "The token was not issued by this tenant.");
    if (claims.exp * 1000 <= Date.now())
      throw new AzureError(401, "ExpiredAuthenticationToken", "The token has expired.");
    if (!audiences.some((audience) => sameAudience(audience, claims.aud))) {
      throw new AzureError(
        401,
        "InvalidAuthenticationTokenAudience",
        `The token is for ${claims.aud}, this service takes ${audiences.join(" or ")}.`,
      );
    }
    const principal = cloud.deployed.principal(claims.appid);
    if (!principal) throw new AzureError(401, "InvalidAuthenticationToken", "The token's identity no longer exists.");
    return principal;
  }

  #verify(token: string): Claims | undefined {
    const [header = "", claims = "", signature = ""] = token.split(".");
    const expected = Buffer.from(this.#sign(`${header}.${claims}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(claims, "base64url").toString()) as Claims;
  }

  #sign(unsigned: string): string {
    return createHmac("sha256", this.#key).update(unsigned).digest("base64url");
  }
}

const sameAudience = (one: string, other: string) => one.replace(/\/+$/, "") === other.replace(/\/+$/, "");

/** Throws `AzureError` 403 unless the principal holds one of these roles on the scope or above it. */
export function requireRole(
  cloud: Pick<LocalCloud, "deployed">,
  principal: Principal,
  scope: string,
  roleIds: readonly string[],
  action: string,
): void {
  const held = cloud.deployed.roles(principal.principalId, scope);
  if (!roleIds.some((role) => held.includes(role))) {
    throw new AzureError(
      403,
      "AuthorizationFailed",
      `The client '${principal.clientId}' with object id '${principal.principalId}' does not have authorization to perform action '${action}' over scope '${scope}'.`,
    );
  }
}
