import resources from "@pulumi/pulumi/proto/resource_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Plugins } from "../../../../local/azure/engine/plugins.ts";
import { type Program, runProgram } from "../../../../local/azure/evaluator/run-program.ts";
import { urnOf, urnPrefix } from "../../../../local/azure/evaluator/urn.ts";
import { EngineRun, type Goal, type Kept } from "./engine-run.ts";
import { ProviderClient, type Wire, type WireProvider } from "./provider-client.ts";
import { asSent, isSecret } from "./wire-values.ts";

/** What one run did, `<op> <name>` in the order in which it was decided; what stayed the same is not told. */
export interface Run {
  readonly steps: readonly string[];
  /** Outputs of the stack, in their envelopes. */
  readonly outputs: Wire;
  /** Every resource that was registered, as the run leaves it or would. */
  readonly resources: readonly Kept[];
}

export interface UpOptions {
  readonly preview?: boolean;
}

type StackName = Pick<Program, "project" | "stack">;

/** Only plugins have functions. */
type Invoker = Partial<Pick<ProviderClient, "invoke">>;

/**
 * Pulumi's engine as its providers see it: the calls, their order and their values are those of pkg/resource/deploy and
 * pkg/resource/plugin/provider_plugin.go at 3.260.
 */
export class EngineDouble implements AsyncDisposable {
  readonly kept = new Map<string, Kept>();
  readonly #plugins: Plugins;
  readonly #dynamic: WireProvider;
  readonly #runProgram: typeof runProgram;
  readonly #providers = new Map<string, Promise<ProviderClient>>();
  readonly #clients: ProviderClient[] = [];
  /** Stack config of each stack. */
  readonly #configs = new Map<string, Program["config"]>();
  /** What each stack's program registered in its last `up`, in its order. */
  readonly #goals = new Map<string, Goal[]>();

  /**
   * @param dynamic runs dynamic resources, as the CLI itself does
   * @param runner runs programs: in this process, or as the CLI's language host does
   */
  constructor(plugins: Plugins, dynamic: WireProvider, runner: typeof runProgram = runProgram) {
    this.#plugins = plugins;
    this.#dynamic = dynamic;
    this.#runProgram = runner;
  }

  async up(program: Program, options: UpOptions = {}): Promise<Run> {
    const { preview = false } = options;
    const goals: Goal[] = [];
    this.#configs.set(urnPrefix(program), program.config);
    if (!preview) this.#goals.set(urnPrefix(program), goals);
    const run = new EngineRun(this, program, preview);
    let outputs: Wire = {};
    await this.#runProgram(
      program,
      (answering) => ({
        registerResource: (
          request: resources.RegisterResourceRequest,
          callback: (error: null, response: resources.RegisterResourceResponse) => void,
        ) => {
          const urn = urnOf(program, request);
          const answer = ({ id, outputs }: { id: string; outputs: Wire }) => {
            const response = new resources.RegisterResourceResponse().setUrn(urn).setId(id);
            callback(null, response.setObject(struct(outputs)));
          };
          if (!request.getCustom()) return answer({ id: "", outputs: {} });
          const goal = goalOf(urn, request);
          const { type, inputs } = goal;
          if (!type.startsWith("pulumi:providers:")) {
            goals.push(goal);
            return answering(run.register(goal), answer);
          }
          return answering(this.#start(urn, type.split(":")[2] ?? "", inputs), () =>
            answer({ id: "made", outputs: inputs }),
          );
        },
        readResource: (
          request: resources.ReadResourceRequest,
          callback: (error: null, response: resources.ReadResourceResponse) => void,
        ) => {
          const subject = {
            urn: urnOf(program, request),
            type: request.getType(),
            name: request.getName(),
            provider: providerUrn(request),
          };
          answering(run.read(subject, request.getId()), (outputs) =>
            callback(null, new resources.ReadResourceResponse().setUrn(subject.urn).setProperties(struct(outputs))),
          );
        },
        invoke: (
          request: resources.ResourceInvokeRequest,
          callback: (error: Error | null, response: resources.ResourceInvokeResponse) => void,
        ) =>
          answering(run.invoke(request.getTok(), plain(request.getArgs())), (result) =>
            callback(null, new resources.ResourceInvokeResponse().setReturn(struct(result))),
          ),
        registerResourceOutputs(
          request: resources.RegisterResourceOutputsRequest,
          callback: (error: null, response: object) => void,
        ) {
          if (request.getUrn().includes("::pulumi:pulumi:Stack::")) outputs = plain(request.getOutputs());
          callback(null, {});
        },
      }),
      { preview },
    );
    await run.end();
    return { steps: run.steps, outputs, resources: run.resources };
  }

  /** Runs the engine over what the last `up` registered, without the program: with what `alter` makes of its inputs. */
  async again(program: Program, alter: (name: string, inputs: Wire) => Wire = (_, inputs) => inputs): Promise<Run> {
    const run = new EngineRun(this, program, false);
    for (const goal of this.#goals.get(urnPrefix(program)) ?? []) {
      await run.register({ ...goal, inputs: alter(goal.name, goal.inputs) });
    }
    await run.end();
    return { steps: run.steps, outputs: {}, resources: run.resources };
  }

  /** `pulumi stack export`, with secrets as the CLI would write them: not to be read. */
  exported(stack: StackName): string {
    const kept = [...this.kept.values()].filter(({ urn }) => urn.startsWith(urnPrefix(stack)));
    return JSON.stringify(kept, (_, value: unknown) => (isSecret(value) ? "[secret]" : value));
  }

  /** `pulumi stack rename`. */
  rename(stack: StackName, name: string): void {
    const before = urnPrefix(stack);
    const after = urnPrefix({ ...stack, stack: name });
    for (const [urn, old] of this.kept) {
      if (!urn.startsWith(before)) continue;
      this.kept.delete(urn);
      const renamed = JSON.parse(JSON.stringify(old).replaceAll(before, after)) as Kept;
      this.kept.set(renamed.urn, renamed);
    }
  }

  /** `pulumi refresh`: reads everything; what is gone leaves the state, what has changed enters it. */
  async refresh(stack: StackName): Promise<readonly string[]> {
    const steps: string[] = [];
    for (const old of [...this.kept.values()].filter(({ urn }) => urn.startsWith(urnPrefix(stack)))) {
      const found = await (await this.providerOf(old)).read(old, old.id, old);
      if (!found) {
        steps.push(`delete ${old.name}`);
        this.kept.delete(old.urn);
        continue;
      }
      const now = { ...old, ...found };
      // Framed the other way round: what would an `up` change back?
      const diff = await (await this.providerOf(old)).diff(old, now, old.inputs, old.ignoreChanges);
      if (diff.changed) steps.push(`update ${old.name}`);
      this.kept.set(old.urn, now);
    }
    return steps;
  }

  /** `pulumi state unprotect --all`. */
  unprotect(stack: StackName): void {
    for (const [urn, old] of this.kept) {
      if (urn.startsWith(urnPrefix(stack))) this.kept.set(urn, { ...old, protect: false });
    }
  }

  /** `pulumi destroy`. */
  async destroy(stack: StackName): Promise<readonly string[]> {
    const run = new EngineRun(this, stack, false);
    await run.end();
    return run.steps;
  }

  /** The provider that a resource names, else its package's default one. */
  providerOf({ urn, type, provider }: Pick<Kept, "urn" | "type" | "provider">): Promise<WireProvider & Invoker> {
    const name = type.split(":")[0] ?? "";
    if (name === "pulumi-nodejs") return Promise.resolve(this.#dynamic);
    const stack = urn.split("::", 2).join("::");
    const config = this.#defaultConfig(`${stack}::`, name);
    return this.#start(provider || `${stack}::pulumi:providers:${name}::default_1_0_0`, name, config);
  }

  /** A package's default provider takes its settings from stack config, `azure-native:location`. */
  #defaultConfig(stack: string, name: string): Wire {
    const own = Object.entries(this.#configs.get(stack) ?? {}).flatMap(([key, value]) =>
      key.startsWith(`${name}:`) ? [[key.slice(name.length + 1), value] as const] : [],
    );
    return { version: "1.0.0", ...Object.fromEntries(own) };
  }

  #start(urn: string, name: string, config: Wire): Promise<ProviderClient> {
    const started = this.#providers.get(urn);
    if (started) return started;
    const port = this.#plugins.ports[name];
    if (port === undefined) return Promise.reject(new Error(`There is no provider ${name}.`));
    const client = new ProviderClient(port);
    const starting = client.start(urn, config).then(() => client);
    this.#clients.push(client);
    this.#providers.set(urn, starting);
    return starting;
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    return Promise.resolve();
  }
}

function goalOf(urn: string, request: resources.RegisterResourceRequest): Goal {
  const parent = request.getParent();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    provider: providerUrn(request),
    inputs: asSent(plain(request.getObject())),
    dependencies: [...request.getDependenciesList(), ...(parent ? [parent] : [])],
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([name, urns]) => [name, urns.getUrnsList()]),
    ),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    replaceWith: request.getReplaceWithList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    importId: request.getImportid(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
  };
}

/** A reference to a provider is its URN and its id. */
const providerUrn = (request: { getProvider(): string }) => request.getProvider().split("::").slice(0, 4).join("::");
const plain = (sent: structs.Struct | undefined): Wire => sent?.toJavaScript() ?? {};
const struct = (properties: Wire) => structs.Struct.fromJavaScript(properties as never);
