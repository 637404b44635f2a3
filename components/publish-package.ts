import { Attempts, type Caller, NotYet } from "./attempts.ts";
import { keptPackage } from "./kept-package.ts";
import type { PublishedCode } from "./publish-code.ts";

/** Whoever may write into the account says so with a token for this, in every cloud. */
const storageAudience = "https://storage.azure.com";
const storageVersion = "2024-11-04";

/**
 * The worker's package of this digest: as the program left it, else made again. Rejects where the sources are others by now.
 * @param root where it would have been left
 */
export async function packageOf(sha256: string, root?: string): Promise<Uint8Array> {
  const kept = keptPackage(sha256, root);
  if (kept) return kept;
  // What makes it is slow to load, and seldom needed in a process that publishes.
  const { bundleWorker } = await import("./bundle.ts");
  const built = await bundleWorker();
  if (built.sha256 === sha256) return built.zip;
  throw new Error("The worker's sources changed while the stack was being deployed. Run `pulumi up` again.");
}

/** Puts the package where an app on Elastic Premium looks for it. A role of minutes ago is waited for. */
export async function putPackage({ packageUrl = "" }: PublishedCode, zip: Uint8Array, caller: Caller): Promise<void> {
  const { host, pathname: path } = new URL(packageUrl);
  const storage = new Attempts(host, caller, storageAudience);
  const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-version": storageVersion };
  await storage.until(() => storage.ask({ method: "PUT", path, body: zip, headers }));
}

/**
 * Has Azure look at what the app listens to: with a package outside the app nobody else tells it. Gives why it does not yet: it answers 400
 * while the app is starting, and to some apps with an identity for good (azure-pipelines-tasks issue 16942, vscode-azuretools pull 1946), so
 * that only the list of functions tells whether the app knows.
 */
export async function showTriggers(manager: Attempts, { appId }: PublishedCode): Promise<NotYet | undefined> {
  const path = `${appId}/syncfunctiontriggers?api-version=2024-04-01`;
  try {
    await manager.ask({ method: "POST", path, passing: [400] });
    return undefined;
  } catch (error) {
    if (error instanceof NotYet) return error;
    throw error;
  }
}

/** Rejects with `NotYet` where the package is not there, or may not be seen. */
export async function findPackage({ packageUrl = "" }: PublishedCode, caller: Caller): Promise<void> {
  const { host, pathname } = new URL(packageUrl);
  const storage = new Attempts(host, caller, storageAudience);
  await storage.ask({ method: "GET", path: `${pathname}?comp=metadata`, headers: { "x-ms-version": storageVersion } });
}
