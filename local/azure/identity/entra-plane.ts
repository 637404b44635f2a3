import type { LocalCloud } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { findApplication } from "./applications.ts";
import { audienceOfScope, knownAudience } from "./audiences.ts";
import { sameSecret } from "./secrets.ts";
import { type TokenAuthority, tokenLifetime } from "./tokens.ts";

/**
 * Entra's token endpoint for applications with a secret, and the discovery documents that MSAL reads before it.
 * Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow".
 */
export function entraPlane(cloud: Pick<LocalCloud, "state" | "tenantId">, authority: TokenAuthority): HttpPlane {
  const { entra: host } = authority.environment;
  const issuer = `https://${host}/${cloud.tenantId}`;
  return {
    serves: (name) => name === host,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/common/discovery/instance") return Response.json(discovery(host, issuer));
      const [tenant, ...rest] = pathname.split("/").filter(Boolean);
      if (tenant?.toLowerCase() !== cloud.tenantId.toLowerCase())
        return refusal("invalid_request", `AADSTS90002: Tenant '${tenant}' not found.`);
      const route = `${request.method} ${rest.join("/")}`;
      if (route === "GET v2.0/.well-known/openid-configuration") return Response.json(configuration(issuer));
      if (route === "POST oauth2/v2.0/token") return token(cloud, authority, await form(request));
      throw new AzureError(404, "NotFound", `The local Entra does not serve ${route}.`);
    },
  };
}

function token(cloud: Pick<LocalCloud, "state">, authority: TokenAuthority, asked: URLSearchParams): Response {
  if (asked.get("grant_type") !== "client_credentials")
    return refusal("unsupported_grant_type", "AADSTS70003: The local Entra knows grant_type client_credentials alone.");
  const clientId = asked.get("client_id") ?? "";
  const application = findApplication(cloud, clientId);
  if (!application)
    return refusal("unauthorized_client", `AADSTS700016: Application with identifier '${clientId}' was not found.`);
  if (!sameSecret(asked.get("client_secret") ?? "", application.clientSecret))
    return refusal("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401);
  const scope = asked.get("scope") ?? "";
  if (!scope.endsWith("/.default"))
    return refusal("invalid_scope", `AADSTS1002012: The provided value for scope ${scope} is not valid.`);
  try {
    const issued = authority.issue(application.principal, knownAudience(audienceOfScope(scope), authority.environment));
    return Response.json({ token_type: "Bearer", expires_in: tokenLifetime, access_token: issued.token });
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    return refusal(error.code, error.message);
  }
}

const form = async (request: Request) => new URLSearchParams(await request.text());

const refusal = (error: string, description: string, status = 400) =>
  Response.json({ error, error_description: description }, { status });

const configuration = (issuer: string) => ({
  issuer: `${issuer}/v2.0`,
  authorization_endpoint: `${issuer}/oauth2/v2.0/authorize`,
  token_endpoint: `${issuer}/oauth2/v2.0/token`,
  jwks_uri: `${issuer}/discovery/v2.0/keys`,
});

const discovery = (host: string, issuer: string) => ({
  tenant_discovery_endpoint: `${issuer}/v2.0/.well-known/openid-configuration`,
  "api-version": "1.1",
  metadata: [{ preferred_network: host, preferred_cache: "login.windows.net", aliases: [host, "login.windows.net"] }],
});
