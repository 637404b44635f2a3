import type { LocalCloud, Principal } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError, type ResourceId } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";

const audience = "https://vault.azure.net";

/** Roles with the data action `Microsoft.KeyVault/vaults/secrets/getSecret/action`. */
const readers = [
  builtInRoles.keyVaultSecretsUser,
  builtInRoles.keyVaultSecretsOfficer,
  builtInRoles.keyVaultAdministrator,
];

/** Key Vault's data plane for secrets, with Azure role-based access control as the permission model. */
export function vaultPlane(cloud: Pick<LocalCloud, "deployed" | "tenantId">, authority: TokenAuthority): HttpPlane {
  return {
    serves: (host) => host.endsWith(".vault.azure.net"),
    async fetch(request) {
      const url = new URL(request.url);
      const vault = cloud.deployed.vault(url.hostname);
      // In the cloud the name would not resolve.
      if (!vault) throw new AzureError(404, "VaultNotFound", `There is no key vault ${url.hostname}.`);
      const principal = authenticate(request, authority, cloud);
      if (principal instanceof Response) return principal;
      if (!url.searchParams.get("api-version"))
        throw new AzureError(400, "BadParameter", "The query parameter api-version is missing.");
      const [collection, name, version, ...rest] = url.pathname.split("/").filter(Boolean);
      if (request.method !== "GET" || collection !== "secrets" || !name || rest.length > 0)
        throw new AzureError(
          405,
          "MethodNotAllowed",
          `The local Key Vault serves GET /secrets/{name}/{version} alone.`,
        );
      return getSecret(cloud, vault, principal, name, version);
    },
  };
}

/** A request without a good token is told where to get one: the SDK sends its first request so on purpose. */
function authenticate(
  request: Request,
  authority: TokenAuthority,
  cloud: Pick<LocalCloud, "deployed" | "tenantId">,
): Principal | Response {
  try {
    return authority.authenticate(request, [audience], cloud);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const challenge = `Bearer authorization="https://login.windows.net/${cloud.tenantId}", resource="${audience}"`;
    return Response.json(
      { error: { code: "Unauthorized", message: `AKV10000: ${error.message}` } },
      { status: 401, headers: { "www-authenticate": challenge } },
    );
  }
}

function getSecret(
  cloud: Pick<LocalCloud, "deployed">,
  vault: { readonly id: ResourceId; readonly host: string },
  principal: Principal,
  name: string,
  version: string | undefined,
): Response {
  const held = cloud.deployed.roles(principal.principalId, `${vault.id}/secrets/${name}`);
  if (!readers.some((role) => held.includes(role))) {
    return refusal(
      403,
      { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } },
      `Caller is not authorized to perform action on resource.\nCaller: appid=${principal.clientId};oid=${principal.principalId}\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\nResource: '${vault.id}/secrets/${name}'\nAssignment: (not found)`,
    );
  }
  const secret = cloud.deployed.secret(vault.id, name);
  if (!secret || (version !== undefined && version.toLowerCase() !== secret.version.toLowerCase())) {
    return refusal(
      404,
      { code: "SecretNotFound" },
      `A secret with (name/id) ${[name, version].filter(Boolean).join("/")} was not found in this key vault.`,
    );
  }
  if (!secret.enabled) {
    return refusal(
      403,
      { code: "Forbidden", innererror: { code: "SecretDisabled" } },
      "Operation get is not allowed on a disabled secret.",
    );
  }
  return Response.json({
    value: secret.value,
    id: `https://${vault.host}/secrets/${name}/${secret.version}`,
    attributes: { enabled: true, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 },
  });
}

const refusal = (status: number, error: { code: string; innererror?: { code: string } }, message: string) =>
  Response.json(
    { error: { code: error.code, message, ...(error.innererror && { innererror: error.innererror }) } },
    { status },
  );
