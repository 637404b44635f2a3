import { byDependency } from "../../../../local/azure/evaluator/order.ts";
import type { Program } from "../../../../local/azure/evaluator/run-program.ts";
import { urnPrefix } from "../../../../local/azure/evaluator/urn.ts";
import { isBelow } from "../../../../local/azure/resource-manager/differences.ts";
import type { EngineDouble } from "./engine-double.ts";
import type { Old, Wire, WireProvider } from "./provider-client.ts";
import { ignoring, unknown } from "./wire-values.ts";

/** A resource in the stack's state. */
export interface Kept extends Old {
  readonly urn: string;
  /** URN of a provider that the program made; empty: the default one. */
  readonly provider: string;
  readonly type: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  /** Input → URNs that its value comes from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly replaceWith: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly importId: string;
  readonly deleteBeforeReplace: boolean | undefined;
}

/** What the program wants of one resource. */
export type Goal = Omit<Kept, "id" | "outputs">;

/** One run of the engine over the program of a stack. */
export class EngineRun {
  readonly steps: string[] = [];
  readonly resources: Kept[] = [];
  readonly #engine: EngineDouble;
  readonly #stack: string;
  readonly #preview: boolean;
  readonly #registered = new Set<string>();
  readonly #replaced = new Set<string>();
  /** Deleted already, to make room for something that they depend on. */
  readonly #condemned = new Set<string>();
  /** Replaced by a new one, to be deleted at the end. */
  readonly #outlived: Kept[] = [];

  constructor(engine: EngineDouble, stack: Pick<Program, "project" | "stack">, preview: boolean) {
    this.#engine = engine;
    this.#stack = urnPrefix(stack);
    this.#preview = preview;
  }

  async invoke(token: string, args: Wire): Promise<Wire> {
    const provider = await this.#engine.providerOf({ urn: this.#stack, type: token, provider: "" });
    if (!provider.invoke) throw new Error(`${token} is no function.`);
    return provider.invoke(token, args);
  }

  /** What a program reads is not the stack's, and stays out of its state. */
  async read(subject: Pick<Kept, "urn" | "type" | "name" | "provider">, id: string): Promise<Wire> {
    const found = await (await this.#engine.providerOf(subject)).read(subject, id);
    if (!found) throw new Error(`resource '${id}' does not exist`);
    return found.outputs;
  }

  async register(goal: Goal): Promise<{ id: string; outputs: Wire }> {
    if (this.#registered.has(goal.urn)) throw new Error(`Duplicate resource URN '${goal.urn}'`);
    this.#registered.add(goal.urn);
    const provider = await this.#engine.providerOf(goal);
    const kept = this.#engine.kept.get(goal.urn);
    if (this.#condemned.has(goal.urn)) return this.#create(provider, goal, await check(provider, goal), "replace");
    const old = goal.importId && kept?.id !== goal.importId ? await this.#import(provider, goal) : kept;
    if (!old) return this.#create(provider, goal, await check(provider, goal), "create");

    const inputs = await check(provider, goal, old);
    const diff = await provider.diff(goal, old, inputs, goal.ignoreChanges);
    const byProgram = Object.keys(diff.details).filter((path) => isBelow(path, goal.replaceOnChanges));
    const replaces = diff.changed && [...diff.replaces, ...byProgram].length > 0;
    if (replaces || goal.replaceWith.some((urn) => this.#replaced.has(urn))) {
      // In a preview it only warns.
      if (goal.importId && !this.#preview) {
        throw new Error("previously-imported resources that still specify an ID may not be replaced");
      }
      return this.#replace(provider, goal, old, goal.deleteBeforeReplace ?? diff.deleteBeforeReplace);
    }
    if (!diff.changed) return this.#keep({ ...goal, inputs, id: old.id, outputs: old.outputs });
    const outputs = await provider.update(goal, old, inputs, this.#preview);
    this.steps.push(`update ${goal.name}`);
    return this.#keep({ ...goal, inputs, id: old.id, outputs });
  }

  /** Deletes what is no longer registered, and what was replaced, dependents first. */
  async end(): Promise<void> {
    const gone = [...this.#engine.kept.values()].filter(
      ({ urn }) => urn.startsWith(this.#stack) && !this.#registered.has(urn),
    );
    for (const old of byDependency([...this.#outlived, ...gone]).reverse()) {
      if (gone.includes(old)) this.steps.push(`delete ${old.name}`);
      await this.#delete(old);
    }
  }

  async #import(provider: WireProvider, goal: Goal): Promise<Old> {
    const found = await provider.read(goal, goal.importId);
    if (!found) throw new Error(`resource '${goal.importId}' does not exist`);
    this.steps.push(`import ${goal.name}`);
    return { id: goal.importId, ...found };
  }

  async #create(provider: WireProvider, goal: Goal, inputs: Wire, step: string) {
    const { id, outputs } = await provider.create(goal, inputs, this.#preview);
    this.steps.push(`${step} ${goal.name}`);
    return this.#keep({ ...goal, inputs, id, outputs });
  }

  async #replace(provider: WireProvider, goal: Goal, known: Old, deleteFirst: boolean) {
    const old = { ...goal, ...known };
    if (goal.protect && this.#engine.kept.get(goal.urn)?.protect)
      throw new Error(`unable to replace resource "${goal.urn}" as it is currently marked for protection`);
    this.#replaced.add(goal.urn);
    // Names that were made up are made up anew.
    const inputs = await check(provider, goal);
    if (deleteFirst) {
      for (const dependent of (await this.#replacedWith(old)).reverse()) {
        if (dependent.protect) throw new Error(`unable to replace resource "${dependent.urn}" as part of replacing`);
        this.#condemned.add(dependent.urn);
        this.#replaced.add(dependent.urn);
        await this.#delete(dependent);
      }
      await this.#delete(old);
    } else {
      this.#outlived.push(old);
    }
    return this.#create(provider, goal, inputs, "replace");
  }

  /** What has to be replaced as well, since what it takes from the resource will be another: its provider is asked. */
  async #replacedWith(root: Kept): Promise<Kept[]> {
    const replaced = new Set([root.urn]);
    const found: Kept[] = [];
    for (const dependent of byDependency([...this.#engine.kept.values()])) {
      if (this.#registered.has(dependent.urn) || this.#condemned.has(dependent.urn)) continue;
      const uncertain = Object.entries(dependent.propertyDependencies)
        .filter(([, urns]) => urns.some((urn) => replaced.has(urn)))
        .map(([property]) => [property, unknown]);
      const provider = await this.#engine.providerOf(dependent);
      const news = { ...dependent.inputs, ...Object.fromEntries(uncertain) };
      const diff = uncertain.length > 0 && (await provider.diff(dependent, dependent, news, dependent.ignoreChanges));
      const paths = diff ? Object.keys(diff.details) : [];
      const follows = (diff && diff.replaces.length > 0) || paths.some((p) => isBelow(p, dependent.replaceOnChanges));
      if (!follows && !dependent.replaceWith.some((urn) => replaced.has(urn))) continue;
      replaced.add(dependent.urn);
      found.push(dependent);
    }
    return found;
  }

  async #delete(old: Kept): Promise<void> {
    if (old.protect) throw new Error(`resource "${old.urn}" cannot be deleted because it is protected`);
    if (this.#preview) return;
    if (!old.retainOnDelete) await (await this.#engine.providerOf(old)).delete(old, old);
    if (!this.#outlived.includes(old)) this.#engine.kept.delete(old.urn);
  }

  #keep(kept: Kept) {
    this.resources.push(kept);
    if (!this.#preview) this.#engine.kept.set(kept.urn, kept);
    return { id: kept.id, outputs: kept.outputs };
  }
}

async function check(provider: WireProvider, goal: Goal, old?: Old): Promise<Wire> {
  const news = old ? ignoring(goal.inputs, old.inputs, goal.ignoreChanges) : goal.inputs;
  const { inputs, failures } = await provider.check(goal, old?.inputs ?? {}, news);
  if (failures.length > 0) throw new Error(`${goal.name}: ${failures.join("; ")}`);
  return inputs;
}
