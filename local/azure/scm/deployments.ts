import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { unpack } from "./archive.ts";

/** Source: DeployStatus of the deployment engine, github.com/projectkudu/kudu. */
export const deploymentStatus = { pending: 0, building: 1, deploying: 2, failed: 3, success: 4 } as const;

export interface Deployment {
  readonly id: string;
  readonly status: (typeof deploymentStatus)[keyof typeof deploymentStatus];
  /** What went wrong; empty otherwise. */
  readonly statusText: string;
  readonly deployer: string;
  readonly receivedAt: string;
  /** Absent while it goes on. */
  readonly endedAt?: string;
  /** Whether this is what the site runs. */
  readonly active: boolean;
}

export interface DeploymentsOptions {
  /** Keeps each site's packages and their history: `<folder>/<site>/`. */
  readonly folder: string;
  /** Starts an unpacked package in place of the one before; rejects where it cannot run. */
  readonly run: (site: DeployedSite, folder: string) => Promise<void>;
}

/** How many past deployments of a site are remembered; their packages are not kept. */
const historyLength = 10;

/** The code deployments of all sites, newest first. */
export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #histories = new Map<string, readonly Deployment[]>();
  readonly #inProgress = new Map<string, Promise<void>>();
  readonly #stopWatching: () => void;

  private constructor(cloud: Pick<LocalCloud, "state" | "deployed">, options: DeploymentsOptions) {
    this.#options = options;
    let sites = cloud.deployed.sites();
    // Whoever creates an app of the same name again starts without code, as on Azure.
    this.#stopWatching = cloud.state.onChange(() => {
      const before = sites;
      sites = cloud.deployed.sites();
      for (const gone of before.filter(({ id }) => !sites.some((site) => site.id === id))) void this.#forget(gone);
    });
  }

  /** Opens the kept deployments, and starts again what each site ran last; the errors are those of sites that did not start. */
  static async open(
    cloud: Pick<LocalCloud, "state" | "deployed">,
    options: DeploymentsOptions,
  ): Promise<{ deployments: Deployments; errors: readonly Error[] }> {
    const deployments = new Deployments(cloud, options);
    const started = await Promise.allSettled(cloud.deployed.sites().map((site) => deployments.#restore(site)));
    const errors = started.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
    return { deployments, errors };
  }

  /** Takes a package and goes on in the background; throws `AzureError` 409 while another deployment of the site goes on. */
  start(site: DeployedSite, zip: Uint8Array, deployer: string): Deployment {
    if (this.#inProgress.has(site.name)) {
      throw new AzureError(
        409,
        "Conflict",
        "There is a deployment currently in progress. Please try again when it completes.",
      );
    }
    const deployment: Deployment = {
      id: randomUUID(),
      status: deploymentStatus.pending,
      statusText: "",
      deployer,
      receivedAt: new Date().toISOString(),
      active: false,
    };
    this.#record(site, deployment);
    const work = this.#deploy(site, deployment, zip).finally(() => this.#inProgress.delete(site.name));
    this.#inProgress.set(site.name, work);
    return deployment;
  }

  list(site: DeployedSite): readonly Deployment[] {
    return this.#histories.get(site.name) ?? [];
  }

  /** Waits for what is in progress. */
  async close(): Promise<void> {
    this.#stopWatching();
    await Promise.all(this.#inProgress.values());
  }

  async #deploy(site: DeployedSite, deployment: Deployment, zip: Uint8Array): Promise<void> {
    const folder = this.#packageFolder(site, deployment);
    try {
      this.#record(site, { ...deployment, status: deploymentStatus.deploying });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await unpack(zip, folder);
      await this.#options.run(site, folder);
      await this.#succeed(site, deployment);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      await this.#end(site, {
        ...deployment,
        status: deploymentStatus.failed,
        statusText: (error as Error).message,
      });
    }
  }

  async #succeed(site: DeployedSite, deployment: Deployment): Promise<void> {
    const replaced = this.list(site).find(({ active }) => active);
    this.#histories.set(
      site.name,
      this.list(site).map((past) => ({ ...past, active: false })),
    );
    await this.#end(site, { ...deployment, status: deploymentStatus.success, active: true });
    if (replaced) await rm(this.#packageFolder(site, replaced), { recursive: true, force: true });
  }

  async #end(site: DeployedSite, deployment: Deployment): Promise<void> {
    this.#record(site, { ...deployment, endedAt: new Date().toISOString() });
    const file = this.#historyFile(site);
    await writeFile(`${file}.new`, JSON.stringify(this.list(site), undefined, 2), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  #record(site: DeployedSite, deployment: Deployment): void {
    const others = this.list(site).filter(({ id }) => id !== deployment.id);
    this.#histories.set(site.name, [deployment, ...others].slice(0, historyLength));
  }

  async #restore(site: DeployedSite): Promise<void> {
    const kept = await readFile(this.#historyFile(site), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    this.#histories.set(site.name, JSON.parse(kept) as Deployment[]);
    const active = this.list(site).find((deployment) => deployment.active);
    if (active) await this.#options.run(site, this.#packageFolder(site, active));
  }

  async #forget(site: DeployedSite): Promise<void> {
    this.#histories.delete(site.name);
    await this.#inProgress.get(site.name);
    this.#histories.delete(site.name);
    await rm(join(this.#options.folder, site.name), { recursive: true, force: true });
  }

  #packageFolder(site: DeployedSite, { id }: Deployment): string {
    return join(this.#options.folder, site.name, id);
  }

  #historyFile(site: DeployedSite): string {
    return join(this.#options.folder, site.name, "deployments.json");
  }
}
