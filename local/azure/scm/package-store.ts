import { type Agent, request as httpsRequest } from "node:https";
import type { DeployedSite, LocalCloud, Principal } from "../cloud.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
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
    const status = await putBlob(`${containerUrl}/released-package.zip`, token, zip, agent);
    if (status !== 201) {
      throw new Error(
        `InaccessibleStorageException: ${containerUrl} answered ${status} to the app's identity ${principal.clientId}; it needs Storage Blob Data Contributor there.`,
      );
    }
  };
}

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
  const clientId = cloud.state.get(identityId)?.outputs["clientId"];
  const principal = typeof clientId === "string" ? cloud.deployed.principal(clientId) : undefined;
  if (!principal) throw new Error(`InaccessibleStorageException: the identity ${identityId} does not exist.`);
  return { containerUrl: value.replace(/\/+$/, ""), principal };
}

/** Resolves with the status. */
function putBlob(url: string, token: string, body: Uint8Array, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      agent,
      method: "PUT",
      headers: {
        authorization: `Bearer ${token}`,
        "content-length": body.byteLength,
        "content-type": "application/zip",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": "2026-04-06",
      },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    outgoing.end(body);
  });
}
