import { type Agent, request as httpsRequest } from "node:https";
import type { DeployedSite, LocalCloud, Principal } from "../cloud.ts";
import { assignedIdentity } from "../identity/assigned-identity.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import type { ResourceId } from "../resource-manager/resource-type.ts";
import type { FunctionAppConfig } from "../resource-manager/types/web.ts";

/**
 * Puts a site's package into its deployment container, as the identity that the site names for it.
 * Source: "Flex Consumption plan: deployment", the package is the blob `released-package.zip`.
 */
export function packageStore(
  cloud: Pick<LocalCloud, "state" | "deployed">,
  authority: TokenAuthority,
  agent: Agent,
): (site: DeployedSite, zip: Uint8Array) => Promise<void> {
  return async (site, zip) => {
    const { containerUrl, principal } = storageOf(site, cloud);
    const { token } = authority.issue(principal, "https://storage.azure.com");
    const { status } = await askBlob(`${containerUrl}/released-package.zip`, token, agent, zip);
    if (status !== 201) {
      throw new Error(
        `InaccessibleStorageException: ${containerUrl} answered ${status} to the app's identity ${principal.clientId}; it needs Storage Blob Data Contributor there.`,
      );
    }
  };
}

/** The deployment container of a Flex Consumption app, and the identity that it names for it. */
function storageOf(
  site: DeployedSite,
  cloud: Pick<LocalCloud, "state" | "deployed">,
): { containerUrl: string; principal: Principal } {
  const config = cloud.state.get(site.id)?.inputs["functionAppConfig"] as FunctionAppConfig | undefined;
  const { value, authentication } = config?.deployment?.storage ?? {};
  const identityId = authentication?.userAssignedIdentityResourceId;
  if (!value || authentication?.type !== "UserAssignedIdentity" || !identityId) {
    throw new Error(
      `InaccessibleStorageException: ${site.name} has no deployment storage with a user-assigned identity (functionAppConfig.deployment.storage).`,
    );
  }
  const principal = identityAt(identityId, cloud);
  if (!principal) throw new Error(`InaccessibleStorageException: the identity ${identityId} does not exist.`);
  return { containerUrl: value.replace(/\/+$/, ""), principal };
}

/**
 * Fetches the package of a site that runs from one outside: `WEBSITE_RUN_FROM_PACKAGE` names the blob, and
 * `WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID` the identity to read it as. Undefined for a site that does not; rejects with why not.
 * Source: "Run your functions from a package file in Azure", fetch a package from Azure Blob Storage using a managed identity.
 */
export function packageSource(
  cloud: Pick<LocalCloud, "state" | "deployed">,
  authority: TokenAuthority,
  agent: Agent,
): (site: DeployedSite) => Promise<Uint8Array | undefined> {
  return async (site) => {
    const url = site.appSettings["WEBSITE_RUN_FROM_PACKAGE"];
    if (url === undefined) return undefined;
    const identityId = site.appSettings["WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID"] ?? "";
    const named = identityAt(identityId, cloud);
    const principal = named && assignedIdentity(site, named.clientId, cloud);
    if (!principal)
      throw new Error(
        `${site.name} cannot read its package: WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID is "${identityId}", which is no identity of the app's.`,
      );
    const { token } = authority.issue(principal, "https://storage.azure.com");
    const { status, body } = await askBlob(url, token, agent);
    if (status !== 200) throw new Error(`${site.name} cannot read its package: ${url} answers ${status}.`);
    return body;
  };
}

function identityAt(id: ResourceId, { state, deployed }: Pick<LocalCloud, "state" | "deployed">) {
  const clientId = state.get(id)?.outputs["clientId"];
  return typeof clientId === "string" ? deployed.principal(clientId) : undefined;
}

/** Reads a blob, or writes it where there is something to write. */
function askBlob(
  url: string,
  token: string,
  agent: Agent,
  written?: Uint8Array,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const content = written && {
    "content-length": written.byteLength,
    "content-type": "application/zip",
    "x-ms-blob-type": "BlockBlob",
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      agent,
      method: written ? "PUT" : "GET",
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2026-04-06", ...content },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("error", reject);
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    outgoing.end(written);
  });
}
