import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { LocalCloud, Principal } from "../cloud.ts";
import { AzureError, type ResourceId } from "../resource-manager/resource-type.ts";
import { assignedIdentity } from "./assigned-identity.ts";
import { knownAudience } from "./audiences.ts";
import { newSecret, sameSecret } from "./secrets.ts";
import type { TokenAuthority } from "./tokens.ts";

/** The endpoint that App Service gives its apps: `IDENTITY_ENDPOINT`, and per app a secret `IDENTITY_HEADER`. */
export interface ManagedIdentityEndpoint extends AsyncDisposable {
  readonly endpoint: string;
  /** The secret by which the endpoint knows this app; the same for the life of the endpoint. */
  headerFor(site: ResourceId): string;
  /** The secret by which it knows the operator, for a deployer that runs with `ARM_USE_MSI`. */
  readonly operatorHeader: string;
  close(): Promise<void>;
}

/**
 * Source: "How to use managed identities for App Service", REST endpoint reference, api-version 2019-08-01. Whatever is wrong is a 400:
 * the SDK takes 404 and 410 for an endpoint that is still starting, and asks again for up to 82 seconds.
 */
export async function startManagedIdentity(
  cloud: Pick<LocalCloud, "deployed" | "operator">,
  authority: TokenAuthority,
): Promise<ManagedIdentityEndpoint> {
  const operatorHeader = newSecret();
  const headers = new Map<string, string>();

  const listener = getRequestListener((request) => render(() => token(request)), { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  function token(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET" || pathname !== "/msi/token") throw badRequest(`There is no ${pathname} here.`);
    if (searchParams.get("api-version") !== "2019-08-01") throw badRequest("The api-version must be 2019-08-01.");
    const resource = searchParams.get("resource");
    if (!resource) throw badRequest("The parameter resource is missing.");
    const principal = principalFor(request.headers.get("x-identity-header") ?? "", searchParams);
    const issued = authority.issue(principal, knownAudience(resource, authority.environment));
    return Response.json({
      access_token: issued.token,
      expires_on: String(issued.expiresOn),
      resource,
      token_type: "Bearer",
      client_id: principal.clientId,
    });
  }

  function principalFor(header: string, query: URLSearchParams): Principal {
    const clientId = query.get("client_id")?.toLowerCase();
    if (sameSecret(header, operatorHeader)) {
      if (clientId && clientId !== cloud.operator.clientId.toLowerCase()) throw noSuchIdentity(clientId);
      return cloud.operator;
    }
    const [siteId] = [...headers].find(([, known]) => sameSecret(header, known)) ?? [];
    const site = cloud.deployed.sites().find(({ id }) => id.toLowerCase() === siteId);
    if (!site) throw new AzureError(400, "Unauthorized", "The header X-IDENTITY-HEADER is missing or wrong.");
    if (!clientId) throw badRequest(`${site.name} has no system-assigned identity: pass client_id.`);
    const principal = assignedIdentity(site, clientId, cloud);
    if (!principal) throw noSuchIdentity(clientId);
    return principal;
  }

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
    headerFor(site) {
      const key = site.toLowerCase();
      const known = headers.get(key) ?? newSecret();
      headers.set(key, known);
      return known;
    },
    operatorHeader,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function render(answer: () => Response): Response {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    // This service has an error form of its own, not Azure's envelope.
    return Response.json(
      { statusCode: error.status, code: error.code, message: error.message },
      { status: error.status },
    );
  }
}

const badRequest = (message: string) => new AzureError(400, "BadRequest", message);
const noSuchIdentity = (clientId: string) =>
  badRequest(`No identity with client id ${clientId} is assigned to the caller.`);
