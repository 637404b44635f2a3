import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Principal, ResourceState, StoredResource } from "../cloud.ts";
import type { AzureEnvironment } from "../environments.ts";
import { canonical } from "./resource-id.ts";
import type { ResourceId } from "./resource-type.ts";
import { SealingKey, writeAtomically } from "./sealed-file.ts";

/** The tenant and subscription that a local Azure pretends to be, and who deploys into it. Made once, then kept. */
interface Directory {
  /** The cloud that the tenant is in. */
  readonly environment: AzureEnvironment["name"];
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly operator: Principal;
}

/** What an evaluator remembers of one registered resource, by URN. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The provider's own id: a resource id for Azure types. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Top-level properties, of inputs and outputs, that are secret. */
  readonly secrets: readonly string[];
  /** URNs of what it depends on. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** False from before its creation until after it: a process that is killed in between leaves it so. */
  readonly settled: boolean;
}

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

/** Ids, types and URNs can be read in the file; everything else is sealed, since any property may hold a secret. */
interface StateFile {
  readonly version: 1;
  readonly directory: Directory;
  readonly resources: readonly { readonly id: string; readonly type: string; readonly sealed: string }[];
  readonly registrations: readonly { readonly urn: string; readonly sealed: string }[];
}

/**
 * Everything deployed: in `<dataDir>/azure/resources.json`, saved at each change, or in memory without a folder.
 * @param environment the cloud, where the folder holds none yet
 */
export function createResourceState(dataDir?: string, environment: AzureEnvironment["name"] = "public"): KeptState {
  const folder = dataDir === undefined ? undefined : join(dataDir, "azure");
  const file = folder === undefined ? undefined : join(folder, "resources.json");
  const key = new SealingKey(folder);
  const read = file !== undefined && existsSync(file) ? readState(file, key) : undefined;
  const directory = read?.directory ?? newDirectory(environment);
  const resources = new Map(read?.resources.map((resource) => [canonical(resource.id), resource]));
  const registrations = new Map(read?.registrations.map((registration) => [registration.urn, registration]));
  const listeners = new Set<Parameters<ResourceState["onChange"]>[0]>();
  const sealed = new WeakMap<object, string>();

  const sealOnce = (value: object): string => {
    const known = sealed.get(value);
    if (known !== undefined) return known;
    const text = key.seal(value);
    sealed.set(value, text);
    return text;
  };

  const save = () => {
    if (file === undefined) return;
    const content: StateFile = {
      version: 1,
      directory,
      resources: [...resources.values()].map((resource) => ({
        id: resource.id,
        type: resource.type,
        sealed: sealOnce(resource),
      })),
      registrations: [...registrations.values()].map((registration) => ({
        urn: registration.urn,
        sealed: sealOnce(registration),
      })),
    };
    writeAtomically(file, `${JSON.stringify(content, null, 1)}\n`);
  };

  /** Changes one entry and saves; a change that cannot be saved did not happen. */
  const change = <V>(map: Map<string, V>, entry: string, value: V | undefined) => {
    const before = map.get(entry);
    const put = (value: V | undefined) => {
      if (value === undefined) map.delete(entry);
      else map.set(entry, value);
    };
    put(value);
    try {
      save();
    } catch (error) {
      put(before);
      throw error;
    }
  };

  const changeResource = (id: ResourceId, resource: StoredResource | undefined) => {
    change(resources, canonical(id), resource);
    for (const listener of listeners) listener(id, resource);
  };

  save();
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
      set: (registration) => change(registrations, registration.urn, structuredClone(registration)),
      delete: (urn) => change(registrations, urn, undefined),
    },
  };
}

function readState(file: string, key: SealingKey) {
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as StateFile;
    if (content.version !== 1) throw new Error(`its version is ${String(content.version)}, this program reads 1`);
    return {
      // What was kept before there was a choice is of the public cloud.
      directory: { ...content.directory, environment: content.directory.environment ?? "public" },
      resources: content.resources.map(({ sealed }) => key.open(sealed) as StoredResource),
      registrations: content.registrations.map(({ sealed }) => key.open(sealed) as Registration),
    };
  } catch (error) {
    throw new Error(
      `The local Azure cannot read its state in ${file}: ${(error as Error).message}. ` +
        "Restore the file and state.key beside it, or delete the data folder to start anew.",
      { cause: error },
    );
  }
}

function newDirectory(environment: Directory["environment"]): Directory {
  return {
    environment,
    tenantId: randomUUID(),
    subscriptionId: randomUUID(),
    operator: { clientId: randomUUID(), principalId: randomUUID(), displayName: "Operator of the local Azure" },
  };
}
