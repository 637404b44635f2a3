import { join } from "node:path";
import type { LocalCloud, StoragePlane } from "../cloud.ts";
import type { HttpPlane } from "../http-plane.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { startAzurite } from "./azurite.ts";
import { AzuriteClient } from "./azurite-client.ts";
import { forkAzurite } from "./azurite-process.ts";
import { createStoragePlane } from "./storage-plane.ts";
import { createStorageResources } from "./storage-resources.ts";

export interface StorageOptions {
  /** Data folder of the local Azure; storage keeps its files in `storage/` and runs in a process of its own. Absent: all in memory, in this process. */
  readonly dataDir?: string;
}

export interface Storage {
  /** What the resource manager asks of storage. */
  readonly resources: StoragePlane;
  /** `*.blob|queue|table.core.windows.net`, or what the cloud has for it, of the deployed accounts. */
  plane(cloud: Pick<LocalCloud, "deployed" | "state" | "tenantId">, authority: TokenAuthority): HttpPlane;
  close(): Promise<void>;
}

/** Starts the storage service that all accounts of a local Azure share. */
export async function startStorage({ dataDir }: StorageOptions = {}): Promise<Storage> {
  const azurite = await (dataDir === undefined ? startAzurite() : forkAzurite(join(dataDir, "storage")));
  const client = new AzuriteClient(azurite);
  return {
    resources: createStorageResources(client),
    plane: (cloud, authority) => createStoragePlane(cloud, authority, client),
    close: async () => {
      client.close();
      await azurite.close();
    },
  };
}
