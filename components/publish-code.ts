import { setTimeout as sleep } from "node:timers/promises";
import type { dynamic } from "@pulumi/pulumi";
import { Attempts, type Caller, firstPause, longestPause, NotYet } from "./attempts.ts";
import { type Cloud, cloudFacts } from "./cloud.ts";
import { deployerCredential } from "./deployer-credential.ts";
import { findPackage, packageOf, putPackage, showTriggers } from "./publish-package.ts";
import type { HostAnswer } from "./publishing-host.ts";

/** What the engine keeps of a publication; nothing in it is secret. */
export interface PublishedCode {
  /** Resource id of the Function App. */
  readonly appId: string;
  readonly cloud: Cloud;
  /** Host that takes the package, e.g. `<app>.scm.azurewebsites.net`; absent where the app names a blob. */
  readonly scmHost?: string;
  /** Blob that the app runs from; absent where a host takes the package. */
  readonly packageUrl?: string;
  readonly packageContainerId: string;
  /** Digest of the package. */
  readonly sha256: string;
  /** Kudu's id of the deployment; known once it was made. */
  readonly deploymentId?: string;
}

/** What publishes: a caller with packages, by their digest. */
export interface Publisher extends Caller {
  readonly packageOf: (sha256: string) => Promise<Uint8Array>;
}

const deployer = (cloud: Cloud): Publisher => ({
  // The provider runs in a process of the engine, which has no other way to learn who deploys.
  credential: deployerCredential(process.env, cloud),
  now: Date.now,
  sleep,
  packageOf,
});

/** What the worker registers: an app that lists less has not loaded the package. */
const expectedFunctions = ["schedule", "collect"];

/** Whether the code must be published again. */
export function codeChanges(olds: PublishedCode, news: PublishedCode): dynamic.DiffResult {
  const replaces = olds.appId === news.appId ? [] : ["appId"];
  const differs = (["scmHost", "packageUrl", "packageContainerId", "sha256"] as const).some(
    (key) => olds[key] !== news[key],
  );
  return { changes: differs || replaces.length > 0, replaces };
}

/**
 * Puts the package on the app and waits until it runs there. What a young app answers (unknown host, 403, 404, 409, 5xx, a storage
 * account it may not read yet) is tried again for a quarter of an hour.
 */
export async function publishCode(
  inputs: PublishedCode,
  publisher = deployer(inputs.cloud),
): Promise<{ id: string; outs: PublishedCode }> {
  const { appId, cloud, scmHost, packageUrl, packageContainerId, sha256 } = inputs;
  const zip = await publisher.packageOf(sha256);
  const audience = `https://${cloudFacts[cloud].resourceManager}`;
  const known = { appId, cloud, packageContainerId, sha256 };
  if (packageUrl) {
    await putPackage(inputs, zip, publisher);
    const manager = new Attempts(cloudFacts[cloud].resourceManager, publisher, audience);
    await manager.until(async () => {
      const refused = await showTriggers(manager, inputs);
      await expectFunctions(manager, inputs).catch((error: unknown) => {
        throw refused ?? error;
      });
    });
    return { id: appId, outs: { ...known, packageUrl } };
  }
  const attempts = new Attempts(scmHost ?? "", publisher, audience);
  const deploymentId = await attempts.until(async () => {
    const accepted = await attempts.ask({ method: "POST", path: "/api/publish?type=zip", body: zip });
    return followDeployment(attempts, deploymentIn(accepted) ?? "latest");
  });
  await attempts.until(() => expectFunctions(attempts, inputs));
  return { id: appId, outs: { ...known, scmHost: scmHost ?? "", deploymentId } };
}

/** Asks the app what it runs. Where that is not what was published, the digest is given as unknown, and the next `up` publishes. */
export async function readCode(
  id: string,
  props: PublishedCode,
  publisher: Caller = deployer(props.cloud),
): Promise<{ id: string; props: PublishedCode | Record<string, never> }> {
  try {
    if (props.packageUrl) {
      await findPackage(props, publisher);
      return { id, props };
    }
    const attempts = new Attempts(props.scmHost ?? "", publisher, `https://${cloudFacts[props.cloud].resourceManager}`);
    const latest = readDeployment((await attempts.ask({ method: "GET", path: "/api/deployments/latest" })).json);
    const runs = latest.id === props.deploymentId && latest.status === success;
    const isSame = runs && (await hasContainer(attempts, props));
    return { id, props: isSame ? props : { ...props, deploymentId: latest.id, sha256: "unknown" } };
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    // Without its package an app is there all the same.
    if (error.isGone) return props.packageUrl ? { id, props: { ...props, sha256: "unknown" } } : { id: "", props: {} };
    // Whoever may read the stack but not publish cannot tell; that is no reason to publish.
    if (error.isForbidden) return { id, props };
    throw new Error(`Cannot tell what the Function App runs: ${error.message}`, { cause: error });
  }
}

/**
 * Whether the app's package still has its container: whoever deletes that takes the package with it, which the deployment site does not
 * see, and the one that is created in its place has the same id.
 */
async function hasContainer(attempts: Attempts, { cloud, packageContainerId }: PublishedCode): Promise<boolean> {
  const path = `${packageContainerId}?api-version=2024-01-01`;
  try {
    await attempts.ask({ method: "GET", path }, cloudFacts[cloud].resourceManager);
    return true;
  } catch (error) {
    if (error instanceof NotYet && error.isGone) return false;
    throw error;
  }
}

/** Kudu's states of a deployment; the others are on the way to one of these. */
const success = 4;
const conflict = 5;
const failures: Readonly<Record<number, string>> = {
  [-1]: "was cancelled",
  3: "failed",
  [conflict]: "was in conflict with another",
  6: "succeeded in part only",
};

async function followDeployment(attempts: Attempts, id: string): Promise<string> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const deployment = await attempts.until(async () =>
      readDeployment((await attempts.ask({ method: "GET", path: `/api/deployments/${encodeURIComponent(id)}` })).json),
    );
    if (deployment.status === success) return deployment.id;
    const failure = failures[deployment.status];
    if (failure) {
      const message = `the deployment ${deployment.id} ${failure}${deployment.text && `: ${deployment.text}`}`;
      // The app's identity may not read its own storage yet, or another deployment came between: both pass.
      if (deployment.status === conflict || deployment.text.includes("InaccessibleStorageException"))
        throw new NotYet(message);
      throw new Error(`${attempts.host}: ${message}`);
    }
    await attempts.pause(pause, `the deployment ${deployment.id} is still under way`);
  }
}

interface Deployment {
  readonly id: string;
  readonly status: number;
  /** What Kudu says of it, in short. */
  readonly text: string;
}

function readDeployment(json: unknown): Deployment {
  const { id, status, status_text: text } = (json ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof status !== "number")
    throw new NotYet("the answer does not describe a deployment");
  return { id, status, text: typeof text === "string" ? text.slice(0, 500) : "" };
}

/** A package that cannot be loaded is deployed all the same, and then simply nothing runs. */
async function expectFunctions(attempts: Attempts, { appId, cloud }: PublishedCode): Promise<void> {
  const path = `${appId}/functions?api-version=2024-04-01`;
  const { value } = ((await attempts.ask({ method: "GET", path }, cloudFacts[cloud].resourceManager)).json ?? {}) as {
    value?: unknown;
  };
  const listed = Array.isArray(value)
    ? value.map((entry: { name?: string }) => entry.name?.split("/").at(-1) ?? "")
    : [];
  const missing = expectedFunctions.filter((name) => !listed.includes(name));
  if (missing.length > 0) {
    throw new NotYet(`the package is deployed, and the app does not list the function ${missing.join(" and ")}`);
  }
}

/** The id is the body of a 202, or the end of its Location; a synchronous 200 names none. */
function deploymentIn({ json, location }: HostAnswer): string | undefined {
  if (typeof json === "string" && json !== "") return json;
  return /\/api\/deployments\/([^/?]+)/.exec(location ?? "")?.[1];
}
