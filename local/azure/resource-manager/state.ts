import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ResourceState, StoredResource } from "../cloud.ts";
import type { AzureEnvironment } from "../environments.ts";
import { canonical } from "./resource-id.ts";
import type { ResourceId } from "./resource-type.ts";
import { type Collection, type Directory, type Kept, type Registration, StateFile } from "./state-file.ts";

/** The resource manager's state with what an evaluator keeps beside it. */
export interface KeptState extends ResourceState {
  readonly directory: Directory;
  readonly registrations: {
    get(urn: string): Registration | undefined;
    /** Those of one stack, by the prefix of their URNs. */
    list(urnPrefix: string): readonly Registration[];
    set(registration: Registration): void;
    delete(urn: string): void;
  };
}

/**
 * Everything deployed: in `<dataDir>/azure`, saved at each change, or in memory without a folder.
 * @param environment the cloud, where the folder holds none yet
 */
export function createResourceState(dataDir?: string, environment: AzureEnvironment["name"] = "public"): KeptState {
  const file = dataDir === undefined ? undefined : new StateFile(join(dataDir, "azure"));
  const kept: Kept = file?.read() ?? {
    directory: newDirectory(environment),
    resources: new Map(),
    registrations: new Map(),
  };
  const { directory, resources, registrations } = kept;
  const listeners = new Set<Parameters<ResourceState["onChange"]>[0]>();

  /** Saves a change of one entry, then makes it: what cannot be saved did not happen. */
  const change = <V extends object>(
    collection: Collection,
    map: Map<string, V>,
    entry: string,
    value: V | undefined,
  ) => {
    file?.append(collection, entry, value);
    if (value === undefined) map.delete(entry);
    else map.set(entry, value);
  };

  const changeResource = (id: ResourceId, resource: StoredResource | undefined) => {
    change("resources", resources, canonical(id), resource);
    for (const listener of listeners) listener(id, resource);
  };

  file?.write(kept);
  return {
    directory,
    get: (id) => resources.get(canonical(id)),
    list: (type) => [...resources.values()].filter((resource) => resource.type === type),
    set: (resource) => changeResource(resource.id, structuredClone(resource)),
    delete: (id) => changeResource(id, undefined),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    registrations: {
      get: (urn) => registrations.get(urn),
      list: (urnPrefix) => [...registrations.values()].filter(({ urn }) => urn.startsWith(urnPrefix)),
      set: (registration) => change("registrations", registrations, registration.urn, structuredClone(registration)),
      delete: (urn) => change("registrations", registrations, urn, undefined),
    },
  };
}

function newDirectory(environment: Directory["environment"]): Directory {
  return {
    environment,
    tenantId: randomUUID(),
    subscriptionId: randomUUID(),
    operator: { clientId: randomUUID(), principalId: randomUUID(), displayName: "Operator of the local Azure" },
  };
}
