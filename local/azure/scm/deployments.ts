import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { FunctionsHost } from "../functions/host.ts";
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
  /** Keeps the package where the app's instances fetch it; rejects where the app may not use that storage. */
  readonly store: (site: DeployedSite, zip: Uint8Array) => Promise<void>;
  /** Keeps each site's packages and their history: `<folder>/<site>/`. */
  readonly folder: string;
  readonly host: Pick<FunctionsHost, "deploy" | "restore">;
}

/** How many past deployments of a site are remembered; their packages are not kept. */
const historyLength = 10;

/** The code deployments of all sites, newest first. */
export class Deployments {
  readonly #cloud: Pick<LocalCloud, "state" | "deployed">;
  readonly #options: DeploymentsOptions;
  readonly #histories = new Map<string, readonly Deployment[]>();
  readonly #inProgress = new Map<string, Promise<void>>();
  readonly #stopWatching: () => void;

  constructor(cloud: Pick<LocalCloud, "state" | "deployed">, options: DeploymentsOptions) {
    this.#cloud = cloud;
    this.#options = options;
    let sites = cloud.deployed.sites();
    // Whoever creates an app of the same name again starts without code, as on Azure.
    this.#stopWatching = cloud.state.onChange(() => {
      const before = sites;
      sites = cloud.deployed.sites();
      for (const gone of before.filter(({ id }) => !sites.some((site) => site.id === id))) this.#forget(gone);
    });
  }

  /** Starts again what each site ran last; rejects with one error that names the sites that did not start. */
  async restore(): Promise<void> {
    const sites = this.#cloud.deployed.sites();
    const started = await Promise.allSettled(sites.map((site) => this.#restore(site)));
    const errors = started.flatMap((result, index) =>
      result.status === "rejected" ? [`${sites[index]?.name}: ${(result.reason as Error).message}`] : [],
    );
    if (errors.length > 0) throw new Error(`Deployed code could not be started again.\n${errors.join("\n")}`);
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
      receivedAt: now(),
      active: false,
    };
    this.#record(site, deployment);
    this.#inProgress.set(
      site.name,
      this.#deploy(site, deployment, zip).finally(() => this.#inProgress.delete(site.name)),
    );
    return deployment;
  }

  list(site: DeployedSite): readonly Deployment[] {
    return this.#histories.get(site.name) ?? [];
  }

  /** Resolves when nothing is in progress on the site. */
  async whenEnded(site: DeployedSite): Promise<void> {
    await this.#inProgress.get(site.name);
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
      await this.#options.store(site, zip);
      await this.#options.host.deploy(site, folder);
      this.#record(site, { ...deployment, status: deploymentStatus.success, endedAt: now(), active: true });
    } catch (error) {
      const statusText = (error as Error).message;
      this.#record(site, { ...deployment, status: deploymentStatus.failed, statusText, endedAt: now() });
    }
    try {
      await this.#tidy(site);
    } catch (error) {
      // A full disk: the code runs, but a restart would not find it.
      const statusText = `The deployment could not be kept: ${(error as Error).message}`;
      this.#record(site, { ...deployment, status: deploymentStatus.failed, statusText, endedAt: now() });
    }
  }

  /** Keeps the history, and of the packages the one that runs. */
  async #tidy(site: DeployedSite): Promise<void> {
    // It was deleted in the meantime.
    if (!this.#cloud.deployed.sites().some(({ id }) => id === site.id)) return this.#forget(site);
    const folder = this.#siteFolder(site);
    const file = this.#historyFile(site);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, JSON.stringify(this.list(site), undefined, 2), { mode: 0o600 });
    await rename(`${file}.new`, file);
    const active = this.#active(site)?.id;
    const packages = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    for (const { name } of packages.filter(({ name }) => name !== active))
      await rm(join(folder, name), { recursive: true, force: true });
  }

  #record(site: DeployedSite, deployment: Deployment): void {
    const others = this.list(site)
      .filter(({ id }) => id !== deployment.id)
      .map((past) => (deployment.active ? { ...past, active: false } : past));
    this.#histories.set(
      site.name,
      [deployment, ...others].filter(({ active }, index) => active || index < historyLength),
    );
  }

  #active(site: DeployedSite): Deployment | undefined {
    return this.list(site).find(({ active }) => active);
  }

  async #restore(site: DeployedSite): Promise<void> {
    const kept = await readFile(this.#historyFile(site), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    this.#histories.set(site.name, JSON.parse(kept) as Deployment[]);
    const active = this.#active(site);
    if (active) await this.#options.host.restore(site, this.#packageFolder(site, active));
  }

  #forget(site: DeployedSite): void {
    this.#histories.delete(site.name);
    rmSync(this.#siteFolder(site), { recursive: true, force: true });
  }

  #siteFolder(site: DeployedSite): string {
    return join(this.#options.folder, site.name);
  }

  #packageFolder(site: DeployedSite, { id }: Deployment): string {
    return join(this.#siteFolder(site), id);
  }

  #historyFile(site: DeployedSite): string {
    return join(this.#siteFolder(site), "deployments.json");
  }
}

const now = () => new Date().toISOString();
