import { differences, isBelow, isRecord } from "../resource-manager/differences.ts";
import type { Difference, Properties, Provider } from "../resource-manager/provider.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { KeptState } from "../resource-manager/state.ts";
import type { Registration } from "../resource-manager/state-file.ts";
import { byDependency } from "./order.ts";

/** What the program wants of one resource. */
export interface Goal {
  readonly urn: string;
  /** URNs under which it may be known from before. */
  readonly aliases: readonly string[];
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  /** Top-level inputs that are secret, and outputs that the program declared so. */
  readonly secrets: readonly string[];
  /** URNs, the parent's among them. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  /** URNs: when one of them is replaced, so is this. */
  readonly replaceWith: readonly string[];
  readonly importId: string | undefined;
  /** A provider that the program made for it, `<urn>::<id>`; undefined: the default one. */
  readonly provider: string | undefined;
}

export type ProgressKind = "create" | "update" | "replace" | "delete" | "same" | "import";

/** A resource that has settled. */
export interface Progress {
  readonly kind: ProgressKind;
  readonly type: string;
  readonly name: string;
}

export interface DeploymentOptions {
  readonly state: KeptState;
  /** What the URNs of the stack begin with. */
  readonly urnPrefix: string;
  readonly providerOf: (type: string, provider?: string) => Provider;
  readonly onProgress: (progress: Progress) => void;
}

/** A resource that could not be brought about: which, and why in its provider's words. */
class ResourceError extends Error {
  override readonly name = "ResourceError";
  readonly urn: string;

  constructor(action: string, { urn, type, name }: Pick<Goal, "urn" | "type" | "name">, cause: unknown) {
    const reason =
      cause instanceof AzureError ? `${cause.status} ${cause.code}: ${cause.message}` : (cause as Error).message;
    super(`${type} "${name}" could not be ${action}: ${reason}`, { cause });
    this.urn = urn;
  }
}

/** Brings the resources of one stack to what the program registers, one by one, then deletes what it no longer registers. */
export class Deployment {
  readonly #options: DeploymentOptions;
  readonly #registered = new Set<string>();
  /** URNs of what was made anew, whether its old form was deleted by us or had vanished. */
  readonly #renewed = new Set<string>();

  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /** Resolves when the resource is there; rejects with `ResourceError`. */
  async settle(goal: Goal): Promise<Registration> {
    const { state, providerOf } = this.#options;
    if (this.#registered.has(goal.urn)) {
      throw new ResourceError("registered", goal, new Error(`there are two of them: ${goal.urn}`));
    }
    this.#registered.add(goal.urn);
    const provider = providerOf(goal.type, goal.provider);
    const before = state.registrations.get(goal.urn) ?? this.#renamed(goal);
    const there = before && stillThere(provider, before);
    if (before && !(there && before.settled)) this.#renewed.add(goal.urn);
    const imported =
      goal.importId === undefined || there?.id === goal.importId
        ? undefined
        : await this.#import(provider, goal, goal.importId, there);
    const known = imported ?? there;
    const inputs = await this.#checked(provider, goal, known ?? before);
    if (!known) return this.#create(provider, goal, inputs, "create");
    const difference = await attempt("compared", goal, () => provider.diff(goal.type, known, inputs));
    const replaces = [
      ...goal.replaceWith.filter((urn) => this.#renewed.has(urn)),
      ...difference.replaces,
      ...difference.changed.filter((path) => isBelow(path, goal.replaceOnChanges)),
    ];
    if (replaces.length > 0) {
      if (goal.importId !== undefined) throw replacedImport(goal, replaces);
      return this.#replace(provider, goal, known, inputs, difference, replaces);
    }
    if (difference.changed.length === 0) return imported ?? this.#keep(goal, inputs, known.id, known.outputs, "same");
    const outputs = await attempt("updated", goal, () => provider.update(goal.type, known, inputs));
    return this.#keep(goal, inputs, known.id, outputs, "update");
  }

  /** Deletes what was not registered, dependents first. */
  async deleteUnregistered(): Promise<void> {
    const { state, urnPrefix } = this.#options;
    const gone = state.registrations.list(urnPrefix).filter(({ urn }) => !this.#registered.has(urn));
    for (const registration of byDependency(gone).reverse()) await this.#delete(registration);
  }

  /** What is known under one of its aliases is known under its own name from now on. */
  #renamed({ urn, aliases }: Goal): Registration | undefined {
    const { registrations } = this.#options.state;
    const [found] = aliases.flatMap((alias) => (this.#registered.has(alias) ? [] : (registrations.get(alias) ?? [])));
    if (!found) return undefined;
    registrations.set({ ...found, urn });
    registrations.delete(found.urn);
    return { ...found, urn };
  }

  async #checked(provider: Provider, goal: Goal, known: Registration | undefined): Promise<Properties> {
    const wanted = known ? withIgnored(goal.inputs, known.inputs, goal.ignoreChanges) : goal.inputs;
    const { type, name } = goal;
    const { inputs, failures } = await attempt("checked", goal, () =>
      provider.check({ type, name, inputs: wanted, knownInputs: known?.inputs, isPartial: false }),
    );
    if (failures.length === 0) return inputs;
    const reasons = failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
    throw new ResourceError("accepted", goal, new Error(reasons));
  }

  async #create(provider: Provider, goal: Goal, inputs: Properties, kind: ProgressKind): Promise<Registration> {
    const { registrations } = this.#options.state;
    const before = registrations.get(goal.urn);
    registrations.set({ ...this.#registration(goal, inputs, "", {}), settled: false });
    try {
      const { id, outputs } = await attempt("created", goal, () => provider.create(goal.type, inputs));
      return this.#keep(goal, inputs, id, outputs, kind);
    } catch (error) {
      // What was there before is gone, or it would not be created.
      if (before) registrations.set({ ...before, settled: false });
      else registrations.delete(goal.urn);
      throw error;
    }
  }

  /** Takes over what exists as it is. It is then compared with what the program wants, like any other (pulumi pull request 19339). */
  async #import(provider: Provider, goal: Goal, id: string, there: Registration | undefined): Promise<Registration> {
    if (there) {
      const reason = `it is ${there.id} already, and to import ${id} would replace it`;
      throw new ResourceError("imported", goal, new Error(reason));
    }
    const found = await attempt("imported", goal, () => provider.read(goal.type, id));
    if (!found) throw new ResourceError("imported", goal, new Error(`there is no ${id}`));
    return this.#keep(goal, found.inputs, id, found.outputs, "import");
  }

  async #replace(
    provider: Provider,
    goal: Goal,
    known: Registration,
    inputs: Properties,
    difference: Difference,
    replaces: readonly string[],
  ): Promise<Registration> {
    if (known.protect) {
      const reason = `it is protected, and changing ${replaces.join(", ")} would replace it`;
      throw new ResourceError("replaced", goal, new Error(reason));
    }
    this.#renewed.add(goal.urn);
    if (goal.deleteBeforeReplace ?? difference.deleteBeforeReplace) {
      if (!known.retainOnDelete) await attempt("deleted", goal, () => provider.delete(goal.type, known));
      return this.#create(provider, goal, inputs, "replace");
    }
    // Others still refer to the old one until they have been updated: it stays under a URN that nobody registers, and goes at the end.
    const { registrations } = this.#options.state;
    const replaced = { ...known, urn: `${known.urn}#replaced:${known.id}` };
    registrations.set(replaced);
    try {
      return await this.#create(provider, goal, inputs, "replace");
    } catch (error) {
      registrations.set(known);
      registrations.delete(replaced.urn);
      throw error;
    }
  }

  async #delete(registration: Registration): Promise<void> {
    const { state, providerOf, onProgress } = this.#options;
    const { urn, type, name } = registration;
    if (registration.protect) {
      const reason =
        "it is protected. Keep it in the program, or set protect to false and deploy once before you remove it";
      throw new ResourceError("deleted", registration, new Error(reason));
    }
    const known = stillThere(providerOf(type), registration);
    if (known && !registration.retainOnDelete) {
      await attempt("deleted", registration, () => providerOf(type).delete(type, known));
    }
    state.registrations.delete(urn);
    onProgress({ kind: "delete", type, name });
  }

  #keep(goal: Goal, inputs: Properties, id: string, outputs: Properties, kind: ProgressKind): Registration {
    const { state, onProgress } = this.#options;
    const registration = this.#registration(goal, inputs, id, outputs);
    const kept = state.registrations.get(goal.urn);
    if (!kept || differences({ ...kept }, { ...registration }).length > 0) state.registrations.set(registration);
    onProgress({ kind, type: goal.type, name: goal.name });
    return registration;
  }

  #registration(goal: Goal, inputs: Properties, id: string, outputs: Properties): Registration {
    const { urn, type, name, dependencies, protect, retainOnDelete } = goal;
    const secrets = [...new Set([...goal.secrets, ...this.#options.providerOf(type).secretOutputs(type)])];
    return { urn, type, name, id, inputs, outputs, secrets, dependencies, protect, retainOnDelete, settled: true };
  }
}

/** As Pulumi's engine (`continueStepsFromDiff` at 3.260): a replacement would bear another id than the one that was imported. */
function replacedImport(goal: Goal, replaces: readonly string[]): ResourceError {
  const reason = `previously-imported resources that still specify an ID may not be replaced: ${replaces.join(", ")}`;
  return new ResourceError("replaced", goal, new Error(reason));
}

/** What is left of a resource: it may have gone with its parent, and what a killed process was creating may be there. */
function stillThere(provider: Provider, kept: Registration): Registration | undefined {
  if (kept.settled) return provider.exists(kept) ? kept : undefined;
  const found = provider.find(kept.type, kept.inputs);
  return found && { ...kept, ...found };
}

async function attempt<T>(
  action: string,
  goal: Pick<Goal, "urn" | "type" | "name">,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new ResourceError(action, goal, error);
  }
}

/** The inputs with the old values at the paths whose changes are to be ignored. */
function withIgnored(inputs: Properties, known: Properties, paths: readonly string[]): Properties {
  const result = structuredClone(inputs);
  for (const path of paths) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    const parent = (from: Properties) =>
      names.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), from);
    const target = parent(result);
    const source = parent(known);
    if (isRecord(target)) target[last] = isRecord(source) ? source[last] : undefined;
  }
  return result;
}
