import { Attempts, type Caller } from "./attempts.ts";
import { cloudFacts } from "./cloud.ts";
import type { PublishedCode } from "./publish-code.ts";

/** Whoever may write into the account says so with a token for this, in every cloud. */
const storageAudience = "https://storage.azure.com";
const storageVersion = "2024-11-04";

/**
 * Puts the package where an app on Elastic Premium looks for it, then has Azure look at what the app listens to: with a package
 * outside the app nobody else tells it. A role of minutes ago is waited for.
 */
export async function putPackage(
  { appId, packageUrl = "", cloud }: PublishedCode,
  zip: Uint8Array,
  caller: Caller,
): Promise<void> {
  const { host, pathname: path } = new URL(packageUrl);
  const storage = new Attempts(host, caller, storageAudience);
  const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-version": storageVersion };
  await storage.until(() => storage.ask({ method: "PUT", path, body: zip, headers }));
  const { resourceManager } = cloudFacts[cloud];
  const manager = new Attempts(resourceManager, caller, `https://${resourceManager}`);
  const sync = `${appId}/syncfunctiontriggers?api-version=2024-04-01`;
  await manager.until(() => manager.ask({ method: "POST", path: sync }));
}

/** Rejects with `NotYet` where the package is not there, or may not be seen. */
export async function findPackage({ packageUrl = "" }: PublishedCode, caller: Caller): Promise<void> {
  const { host, pathname } = new URL(packageUrl);
  const storage = new Attempts(host, caller, storageAudience);
  await storage.ask({ method: "GET", path: `${pathname}?comp=metadata`, headers: { "x-ms-version": storageVersion } });
}
