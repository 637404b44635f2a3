import type { LocalCloud, Principal } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError, type ResourceId } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import { secret as secretType } from "../resource-manager/types/keyvault.ts";

const officers = [builtInRoles.keyVaultSecretsOfficer, builtInRoles.keyVaultAdministrator];
/** Roles by data action, below `Microsoft.KeyVault/vaults/secrets/`. Source: Azure built-in roles, Security. */
const grants = {
  "getSecret/action": [builtInRoles.keyVaultSecretsUser, ...officers],
  "setSecret/action": officers,
} as const;

interface Vault {
  readonly id: ResourceId;
  readonly host: string;
}

/** Key Vault's data plane for secrets, with Azure role-based access control as the permission model. */
export function vaultPlane(cloud: LocalCloud, authority: TokenAuthority): HttpPlane {
  return {
    serves: (host) => host.endsWith(`.${authority.environment.vault}`),
    async fetch(request) {
      const url = new URL(request.url);
      const vault = cloud.deployed.vault(url.hostname);
      // In the cloud the name would not resolve.
      if (!vault) throw new AzureError(404, "VaultNotFound", `There is no key vault ${url.hostname}.`);
      const principal = authenticate(request, authority, cloud);
      if (principal instanceof Response) return principal;
      if (!cloud.deployed.reaches(principal, vault.id, "vault")) {
        return forbidden(
          "ForbiddenByConnection",
          "Public network access is disabled and request is not from a trusted service nor via an approved private link.",
        );
      }
      if (!url.searchParams.get("api-version"))
        throw new AzureError(400, "BadParameter", "The query parameter api-version is missing.");
      const [collection, name, version, ...rest] = url.pathname.split("/").filter(Boolean);
      if (collection === "secrets" && name && rest.length === 0) {
        if (request.method === "GET") return getSecret(cloud, vault, principal, name, version);
        if (request.method === "PUT" && !version) return setSecret(cloud, vault, principal, name, request);
      }
      throw new AzureError(
        405,
        "MethodNotAllowed",
        "The local Key Vault serves GET /secrets/{name}, GET /secrets/{name}/{version} and PUT /secrets/{name}.",
      );
    },
  };
}

/** A request without a good token is told where to get one: the SDK sends its first request so on purpose. */
function authenticate(request: Request, authority: TokenAuthority, cloud: LocalCloud): Principal | Response {
  const { entra, vault } = authority.environment;
  const audience = `https://${vault}`;
  try {
    return authority.authenticate(request, [audience], cloud);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const challenge = `Bearer authorization="https://${entra}/${cloud.tenantId}", resource="${audience}"`;
    return Response.json(
      { error: { code: "Unauthorized", message: `AKV10000: ${error.message}` } },
      { status: 401, headers: { "www-authenticate": challenge } },
    );
  }
}

function getSecret(
  cloud: LocalCloud,
  vault: Vault,
  principal: Principal,
  name: string,
  version: string | undefined,
): Response {
  const refused = refuseUnlessAllowed(cloud, vault, principal, name, "getSecret/action");
  if (refused) return refused;
  const secret = cloud.deployed.secret(vault.id, name);
  if (!secret || (version !== undefined && version.toLowerCase() !== secret.version.toLowerCase())) {
    throw new AzureError(
      404,
      "SecretNotFound",
      `A secret with (name/id) ${[name, version].filter(Boolean).join("/")} was not found in this key vault.`,
    );
  }
  if (!secret.enabled) return forbidden("SecretDisabled", "Operation get is not allowed on a disabled secret.");
  return render(vault, name, secret);
}

/** Makes a new version of the secret, or the secret; the older version is kept nowhere. */
async function setSecret(
  cloud: LocalCloud,
  vault: Vault,
  principal: Principal,
  name: string,
  request: Request,
): Promise<Response> {
  const refused = refuseUnlessAllowed(cloud, vault, principal, name, "setSecret/action");
  if (refused) return refused;
  const { value } = (await request.json().catch(() => ({}))) as { value?: unknown };
  if (typeof value !== "string")
    throw new AzureError(400, "BadParameter", 'The body needs the property "value", a string.');
  const [, resourceGroupName = "", vaultName = ""] =
    /\/resourceGroups\/([^/]+)\/.*\/vaults\/([^/]+)$/i.exec(vault.id) ?? [];
  const id = `${vault.id}/secrets/${name}`;
  const inputs = { resourceGroupName, vaultName, secretName: name, properties: { value } };
  cloud.state.set({ id, type: secretType.type, inputs, outputs: await secretType.put(id, inputs, cloud) });
  const secret = cloud.deployed.secret(vault.id, name);
  if (!secret) throw new Error(`Secret ${name} was set and is not there.`);
  return render(vault, name, secret);
}

const render = (vault: Vault, name: string, secret: { readonly version: string; readonly value: string }) =>
  Response.json({
    value: secret.value,
    id: `https://${vault.host}/secrets/${name}/${secret.version}`,
    attributes: { enabled: true, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 },
  });

function refuseUnlessAllowed(
  cloud: LocalCloud,
  vault: Vault,
  { principalId, clientId }: Principal,
  name: string,
  action: keyof typeof grants,
): Response | undefined {
  const scope = `${vault.id}/secrets/${name}`;
  const held = cloud.deployed.roles(principalId, scope);
  if (grants[action].some((role) => held.includes(role))) return undefined;
  return forbidden(
    "ForbiddenByRbac",
    `Caller is not authorized to perform action on resource.\nCaller: appid=${clientId};oid=${principalId}\nAction: 'Microsoft.KeyVault/vaults/secrets/${action}'\nResource: '${scope}'\nAssignment: (not found)`,
  );
}

/** Key Vault says what kind of 403 it is in an inner error. */
const forbidden = (inner: "ForbiddenByConnection" | "ForbiddenByRbac" | "SecretDisabled", message: string) =>
  Response.json({ error: { code: "Forbidden", message, innererror: { code: inner } } }, { status: 403 });
