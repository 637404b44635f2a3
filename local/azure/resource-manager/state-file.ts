import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { Principal, StoredResource } from "../cloud.ts";
import type { AzureEnvironment } from "../environments.ts";
import { canonical } from "./resource-id.ts";
import { cannotSave, SealingKey, writeAtomically } from "./sealed-file.ts";

/** The tenant and subscription that a local Azure pretends to be, and who deploys into it. Made once, then kept. */
export interface Directory {
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

/** All that is kept: resources by canonical id, registrations by URN. */
export interface Kept {
  readonly directory: Directory;
  readonly resources: Map<string, StoredResource>;
  readonly registrations: Map<string, Registration>;
}
export type Collection = "resources" | "registrations";

/** Ids, types and URNs can be read in the files; everything else is sealed, since any property may hold a secret. */
interface Snapshot {
  readonly version: 1;
  readonly directory: Directory;
  readonly resources: readonly { readonly id: string; readonly type: string; readonly sealed: string }[];
  readonly registrations: readonly { readonly urn: string; readonly sealed: string }[];
}

/** A line of the changes; without `sealed` the entry is gone. */
interface Change {
  readonly in: Collection;
  readonly entry: string;
  readonly sealed?: string;
}

/**
 * A state on disk: `resources.json`, all that there was when it was opened, and `changes.jsonl`, a line for each change since. A deployment
 * makes hundreds of changes, and all that is kept is a megabyte.
 */
export class StateFile {
  readonly #snapshot: string;
  readonly #changes: string;
  readonly #key: SealingKey;

  constructor(folder: string) {
    this.#snapshot = join(folder, "resources.json");
    this.#changes = join(folder, "changes.jsonl");
    this.#key = new SealingKey(folder);
  }

  /** What was kept last; undefined in a new folder. */
  read(): Kept | undefined {
    if (!existsSync(this.#snapshot)) return undefined;
    try {
      const kept = this.#readSnapshot();
      for (const change of this.#readChanges()) this.#apply(kept, change);
      return kept;
    } catch (error) {
      throw new Error(
        `The local Azure cannot read its state in ${this.#snapshot}: ${(error as Error).message}. ` +
          "Restore the file, with changes.jsonl and state.key beside it, or delete the data folder to start anew.",
        { cause: error },
      );
    }
  }

  /** Keeps all of this, and nothing else. */
  write({ directory, resources, registrations }: Kept): void {
    const snapshot: Snapshot = {
      version: 1,
      directory,
      resources: [...resources.values()].map((resource) => ({
        id: resource.id,
        type: resource.type,
        sealed: this.#key.seal(resource),
      })),
      registrations: [...registrations.values()].map((registration) => ({
        urn: registration.urn,
        sealed: this.#key.seal(registration),
      })),
    };
    writeAtomically(this.#snapshot, `${JSON.stringify(snapshot, null, 1)}\n`);
    // Killed in between, the next process finds changes that are made already: making them again changes nothing.
    rmSync(this.#changes, { force: true });
  }

  /** Keeps one change more: a new value, or none. Throws if it cannot be saved, and then nothing of it is. */
  append(collection: Collection, entry: string, value: object | undefined): void {
    const change: Change = { in: collection, entry, ...(value && { sealed: this.#key.seal(value) }) };
    const length = statSync(this.#changes, { throwIfNoEntry: false })?.size ?? 0;
    try {
      appendFileSync(this.#changes, `${JSON.stringify(change)}\n`, { mode: 0o600 });
    } catch (error) {
      if (length > 0) truncateSync(this.#changes, length);
      else rmSync(this.#changes, { force: true });
      throw cannotSave(this.#changes, error);
    }
  }

  #readSnapshot(): Kept {
    const content = JSON.parse(readFileSync(this.#snapshot, "utf8")) as Snapshot;
    if (content.version !== 1) throw new Error(`its version is ${String(content.version)}, this program reads 1`);
    const resources = content.resources.map(({ sealed }) => this.#key.open(sealed) as StoredResource);
    const registrations = content.registrations.map(({ sealed }) => this.#key.open(sealed) as Registration);
    return {
      // What was kept before there was a choice is of the public cloud.
      directory: { ...content.directory, environment: content.directory.environment ?? "public" },
      resources: new Map(resources.map((resource) => [canonical(resource.id), resource])),
      registrations: new Map(registrations.map((registration) => [registration.urn, registration])),
    };
  }

  #readChanges(): readonly Change[] {
    if (!existsSync(this.#changes)) return [];
    // A last line without its end was being written when the process was killed: nobody was told that it is kept.
    const lines = readFileSync(this.#changes, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Change);
  }

  #apply(kept: Kept, { in: collection, entry, sealed }: Change): void {
    if (sealed === undefined) kept[collection].delete(entry);
    else if (collection === "resources") kept.resources.set(entry, this.#key.open(sealed) as StoredResource);
    else kept.registrations.set(entry, this.#key.open(sealed) as Registration);
  }
}
