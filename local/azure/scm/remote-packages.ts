import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { FunctionsHost } from "../functions/host.ts";
import { unpack } from "./archive.ts";

export interface RemotePackagesOptions {
  /** The site's package; undefined where the site does not run from one. */
  readonly source: (site: DeployedSite) => Promise<Uint8Array | undefined>;
  /** Keeps what was unpacked: `<folder>/<site>/`. */
  readonly folder: string;
  readonly host: Pick<FunctionsHost, "deploy">;
}

/** The apps that run from a package outside: nothing is published to them, each fetches what its settings name. */
export class RemotePackages {
  readonly #cloud: Pick<LocalCloud, "deployed">;
  readonly #options: RemotePackagesOptions;

  constructor(cloud: Pick<LocalCloud, "deployed">, options: RemotePackagesOptions) {
    this.#cloud = cloud;
    this.#options = options;
  }

  /** Has a site run the package that its settings name now, if they name one. Rejects with what is wrong. */
  async load(site: DeployedSite): Promise<void> {
    const { source, folder, host } = this.#options;
    const zip = await source(site);
    if (!zip) return;
    const ofSite = join(folder, site.name);
    const unpacked = join(ofSite, randomUUID());
    await mkdir(unpacked, { recursive: true, mode: 0o700 });
    await unpack(zip, unpacked);
    await host.deploy(site, unpacked);
    for (const { name, parentPath } of await readdir(ofSite, { withFileTypes: true }))
      if (join(parentPath, name) !== unpacked) await rm(join(parentPath, name), { recursive: true, force: true });
  }

  /** Starts each of those apps; rejects with one error that names those that did not start. */
  async restore(): Promise<void> {
    const sites = this.#cloud.deployed.sites();
    const started = await Promise.allSettled(sites.map((site) => this.load(site)));
    const errors = started.flatMap((result) =>
      result.status === "rejected" ? [(result.reason as Error).message] : [],
    );
    if (errors.length > 0) throw new Error(`Apps that run from a package did not start.\n${errors.join("\n")}`);
  }
}
