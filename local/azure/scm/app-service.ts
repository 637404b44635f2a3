import type { LocalCloud } from "../cloud.ts";
import { createFunctionsHost, type FunctionsHost } from "../functions/host.ts";
import { type ManagedIdentityEndpoint, startManagedIdentity } from "../identity/managed-identity.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import type { Front } from "../network/front.ts";
import { frontAgent } from "../network/front-agent.ts";
import { Deployments } from "./deployments.ts";
import { packageSource, packageStore } from "./package-store.ts";
import { RemotePackages } from "./remote-packages.ts";
import { scmPlane } from "./scm-plane.ts";
import { siteFunctionsPlane } from "./site-functions-plane.ts";
import { siteSettingsPlane } from "./site-settings-plane.ts";
import { siteTriggersPlane } from "./site-triggers-plane.ts";

export interface AppServiceOptions {
  readonly authority: TokenAuthority;
  readonly front: Front;
  /** PEM file of the certificate that the apps trust. */
  readonly caFile: string;
  /** Keeps the deployed packages. */
  readonly folder: string;
  /** Hosts outside the local Azure that the apps may reach, `host` or `host:port`. @default none */
  readonly allowedHosts?: readonly string[];
  /** Whether timers fire on their schedule, or only through `host.runTimer`. @default "scheduled" */
  readonly timers?: "scheduled" | "manual";
  /** Whether apps wait for `host.release` before anything triggers them. @default false */
  readonly held?: boolean;
}

/** Everything that function apps live on: their identities, their deployment sites, the host that runs them. */
export interface AppService extends AsyncDisposable {
  readonly identity: ManagedIdentityEndpoint;
  readonly host: FunctionsHost;
  /** Starts again what the sites ran last; rejects with one error that names the sites that did not start. */
  restore(): Promise<void>;
  /** Ends all apps: running functions get so long to finish. @default 30 s */
  close(graceMilliseconds?: number): Promise<void>;
}

/** Starts App Service and puts its hosts behind the front door. */
export async function startAppService(
  cloud: Pick<LocalCloud, "deployed" | "state" | "operator">,
  options: AppServiceOptions,
): Promise<AppService> {
  const { authority, front, folder } = options;
  const agent = frontAgent(front);
  const identity = await startManagedIdentity(cloud, authority);
  const host = createFunctionsHost(cloud, { ...options, identity });
  const deployments = new Deployments(cloud, {
    folder,
    store: packageStore(cloud, authority, agent),
    host,
  });
  const packages = new RemotePackages(cloud, { folder, source: packageSource(cloud, authority, agent), host });
  const unmount = front.mount(
    scmPlane(cloud, authority, deployments, host),
    siteFunctionsPlane(cloud, authority, host),
    siteSettingsPlane(cloud, authority),
    siteTriggersPlane(cloud, authority, packages),
  );
  const close = async (graceMilliseconds?: number) => {
    unmount();
    await deployments.close();
    await host.stop(graceMilliseconds);
    await identity.close();
    agent.destroy();
  };
  const restore = async () => {
    await deployments.restore();
    await packages.restore();
  };
  return { identity, host, restore, close, [Symbol.asyncDispose]: () => close() };
}
