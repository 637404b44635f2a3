import { Readable } from "node:stream";
import type { LocalCloud, Principal } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { type StorageService, storageServices } from "./azurite.ts";
import type { AzuriteClient } from "./azurite-client.ts";
import { type Permission, requestPermission, transactionPermissions } from "./permissions.ts";
import { storageErrorResponse } from "./storage-errors.ts";

/** Headers of one hop, which the next connection makes itself. */
const hopHeaders = new Set(["connection", "keep-alive", "transfer-encoding", "host"]);

/** Blob, queue and table services of all deployed accounts: tokens and roles are checked here, the rest is Azurite's. */
export function createStoragePlane(
  cloud: Pick<LocalCloud, "deployed" | "state" | "tenantId">,
  authority: TokenAuthority,
  azurite: AzuriteClient,
): HttpPlane {
  return {
    serves: (host) => addressed(host, authority) !== undefined,
    fetch: async (request) => {
      const url = new URL(request.url);
      const { account = "", service = "blob" } = addressed(url.hostname, authority) ?? {};
      try {
        const { id } = deployedAccount(cloud, account);
        requireToken(cloud, request, id);
        const principal = authenticate(cloud, authority, request, service, account);
        requireReach(cloud, principal, id, service);
        const { permissions, body } = await neededPermissions(service, request, url);
        for (const permission of permissions) requirePermission(cloud, principal, id, permission);
        return await forward(azurite, service, request, url, body);
      } catch (error) {
        if (!(error instanceof AzureError)) throw error;
        return storageErrorResponse(
          service,
          error,
          error.status === 401 ? challenge(authority.environment.entra, cloud.tenantId) : {},
        );
      }
    },
  };
}

/** Account and service of a host like `<account>.blob.core.windows.net`. */
function addressed(host: string, { environment }: TokenAuthority) {
  const [account = "", name = "", ...domain] = host.split(".");
  const service = storageServices.find((known) => known === name);
  return service && domain.join(".") === environment.storage ? { account, service } : undefined;
}

function deployedAccount(cloud: Pick<LocalCloud, "deployed">, account: string): { readonly id: string } {
  const deployed = cloud.deployed.storageAccount(account);
  // In Azure the name would not resolve at all.
  if (!deployed) throw new AzureError(404, "ResourceNotFound", `No storage account named ${account} is deployed.`);
  return deployed;
}

/** Azure Storage docs, "Prevent Shared Key authorization for an Azure Storage account", and "Anonymous read access": both are refused. */
function requireToken(cloud: Pick<LocalCloud, "state">, request: Request, accountId: string): void {
  const header = request.headers.get("authorization") ?? "";
  if (/^Bearer /i.test(header)) return;
  if (!header && !new URL(request.url).searchParams.has("sig")) {
    throw new AzureError(
      401,
      "NoAuthenticationInformation",
      "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    );
  }
  if (cloud.state.get(accountId)?.inputs["allowSharedKeyAccess"] === false) {
    throw new AzureError(
      403,
      "KeyBasedAuthenticationNotPermitted",
      "Key based authentication is not permitted on this storage account.",
    );
  }
  throw new AzureError(
    403,
    "AuthenticationFailed",
    "The local Azure hands out no account keys: use a Microsoft Entra token.",
  );
}

function authenticate(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  request: Request,
  service: StorageService,
  account: string,
) {
  try {
    return authority.authenticate(
      request,
      ["https://storage.azure.com", `https://${account}.${service}.${authority.environment.storage}`],
      cloud,
    );
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    throw new AzureError(
      401,
      "InvalidAuthenticationInfo",
      `Server failed to authenticate the request: ${error.message}`,
    );
  }
}

/** Azure Storage docs, storage-network-security: whoever comes from elsewhere is told no more than this. */
function requireReach(cloud: Pick<LocalCloud, "deployed">, principal: Principal, id: string, service: StorageService) {
  if (cloud.deployed.reaches(principal, id, service)) return;
  throw new AzureError(403, "AuthorizationFailure", "This request is not authorized to perform this operation.");
}

async function neededPermissions(
  service: StorageService,
  request: Request,
  url: URL,
): Promise<{ permissions: readonly Permission[]; body: Readable | string | undefined }> {
  if (service === "table" && url.pathname === "/$batch") {
    // At most 4 MB, and what it changes is written inside.
    const body = await request.text();
    return { permissions: transactionPermissions(body), body: withAccountInPaths(body, url.hostname) };
  }
  const body = request.body ? Readable.fromWeb(request.body) : undefined;
  return { permissions: [requestPermission(service, request.method, url)], body };
}

/** Inside a transaction Azurite takes the second part of a path for the table: it expects its own address form, account first. */
function withAccountInPaths(transaction: string, host: string): string {
  const account = host.split(".", 1)[0] ?? "";
  return transaction.replaceAll(/^((?:POST|PUT|MERGE|PATCH|DELETE|GET) https?:\/\/[^/\s]+\/)/gm, `$1${account}/`);
}

function requirePermission(
  cloud: Pick<LocalCloud, "deployed">,
  principal: { principalId: string },
  accountId: string,
  { scope, roles }: Permission,
): void {
  const held = cloud.deployed.roles(principal.principalId, accountId + scope);
  if (!roles.some((role) => held.includes(role))) {
    throw new AzureError(
      403,
      "AuthorizationPermissionMismatch",
      "This request is not authorized to perform this operation using this permission.",
    );
  }
}

async function forward(
  azurite: AzuriteClient,
  service: StorageService,
  request: Request,
  url: URL,
  body: Readable | string | undefined,
): Promise<Response> {
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !hopHeaders.has(name)));
  // A rewritten body has another length than the one that was announced.
  if (typeof body === "string") headers["content-length"] = String(Buffer.byteLength(body));
  const options = {
    method: request.method,
    path: url.pathname + url.search,
    headers,
    ...(body === undefined ? {} : { body }),
  };
  const answer = await azurite.send(service, url.hostname, options);
  const status = answer.statusCode ?? 500;
  const answered = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !hopHeaders.has(name)) answered.set(name, String(value));
  }
  const empty = status === 204 || status === 304 || request.method === "HEAD";
  if (empty) answer.resume();
  return new Response(empty ? null : (Readable.toWeb(answer) as globalThis.ReadableStream), {
    status,
    headers: answered,
  });
}

/** Azure Storage docs, "Authorize with Microsoft Entra ID", "Bearer challenge". */
function challenge(entra: string, tenantId: string): Record<string, string> {
  return {
    "www-authenticate": `Bearer authorization_uri=https://${entra}/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
  };
}
