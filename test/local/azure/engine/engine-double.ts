import resources from "@pulumi/pulumi/proto/resource_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Plugins } from "../../../../local/azure/engine/plugins.ts";
import { urnOf } from "../../../../local/azure/evaluator/monitor.ts";
import { type Program, runProgram } from "../../../../local/azure/evaluator/run-program.ts";
import { EngineRun, type Goal, type Kept } from "./engine-run.ts";
import { ProviderClient, type Wire, type WireProvider } from "./provider-client.ts";
import { asSent } from "./wire-values.ts";

/** What one run did, `<op> <name>` in the order in which it was decided; what stayed the same is not told. */
export interface Run {
  readonly steps: readonly string[];
  /** Outputs of the stack, in their envelopes. */
  readonly outputs: Wire;
}

export interface UpOptions {
  readonly preview?: boolean;
  /** Given each registration's inputs before the engine sees them. */
  readonly alter?: (name: string, inputs: Wire) => Wire;
}

/** Only plugins have functions. */
type Invoker = Partial<Pick<ProviderClient, "invoke">>;

/**
 * Pulumi's engine as its providers see it: the calls, their order and their values are those of pkg/resource/deploy and
 * pkg/resource/plugin/provider_plugin.go at 3.260. Programs run in this process.
 */
export class EngineDouble implements AsyncDisposable {
  readonly kept = new Map<string, Kept>();
  readonly #plugins: Plugins;
  readonly #dynamic: WireProvider;
  readonly #providers = new Map<string, Promise<ProviderClient>>();
  readonly #clients: ProviderClient[] = [];

  /** @param dynamic runs dynamic resources, as the CLI itself does */
  constructor(plugins: Plugins, dynamic: WireProvider) {
    this.#plugins = plugins;
    this.#dynamic = dynamic;
  }

  async up(program: Program, options: UpOptions = {}): Promise<Run> {
    const { preview = false, alter } = options;
    const run = new EngineRun(this, program, preview);
    let outputs: Wire = {};
    await runProgram(
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
          const inputs = alter ? alter(goal.name, goal.inputs) : goal.inputs;
          const { type } = goal;
          if (!type.startsWith("pulumi:providers:")) return answering(run.register({ ...goal, inputs }), answer);
          return answering(this.#start(urn, type.split(":")[2] ?? "", inputs), () =>
            answer({ id: "made", outputs: inputs }),
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
    return { steps: run.steps, outputs };
  }

  /** `pulumi refresh`: reads everything; what is gone leaves the state, what has changed enters it. */
  async refresh(): Promise<readonly string[]> {
    const steps: string[] = [];
    for (const old of this.kept.values()) {
      const found = await (await this.providerOf(old)).read(old, old.id, old);
      if (!found) {
        steps.push(`delete ${old.name}`);
        this.kept.delete(old.urn);
        continue;
      }
      const now = { ...old, ...found };
      // Framed the other way round: what would an `up` change back?
      const diff = await (await this.providerOf(old)).diff(old, now, old.inputs, old.ignoreChanges);
      if (diff.changed) steps.push(`update ${old.name}: ${Object.keys(diff.details).join(", ")}`);
      this.kept.set(old.urn, now);
    }
    return steps;
  }

  /** `pulumi destroy` of one stack, protected resources unprotected before. */
  async destroy(program: Pick<Program, "project" | "stack">): Promise<readonly string[]> {
    const run = new EngineRun(this, program, false);
    for (const [urn, old] of this.kept) this.kept.set(urn, { ...old, protect: false });
    await run.end();
    return run.steps;
  }

  /** The provider that a resource names, else its package's default one. */
  providerOf({ urn, type, provider }: Pick<Kept, "urn" | "type" | "provider">): Promise<WireProvider & Invoker> {
    const name = type.split(":")[0] ?? "";
    if (name === "pulumi-nodejs") return Promise.resolve(this.#dynamic);
    const stack = urn.split("::", 2).join("::");
    return this.#start(provider || `${stack}::pulumi:providers:${name}::default_1_0_0`, name, { version: "1.0.0" });
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
    provider: request.getProvider().split("::").slice(0, 4).join("::"),
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

const plain = (sent: structs.Struct | undefined): Wire => sent?.toJavaScript() ?? {};
const struct = (properties: Wire) => structs.Struct.fromJavaScript(properties as never);
