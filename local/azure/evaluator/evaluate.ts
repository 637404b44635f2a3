import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import type { LocalCloud } from "../cloud.ts";
import { createAzureProvider } from "../resource-manager/azure-provider.ts";
import type { Properties, Provider } from "../resource-manager/provider.ts";
import { createRandomProvider } from "../resource-manager/random-provider.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { KeptState } from "../resource-manager/state.ts";
import { Deployment, type Progress, type ProgressKind } from "./deployment.ts";
import { createDynamicProviders } from "./dynamic-provider.ts";
import { createMonitor, type Engine, urnPrefix } from "./monitor.ts";
import { claimRejections } from "./rejections.ts";

/** A Pulumi program and the stack that it is evaluated for. */
export interface Program {
  /** Path of the entry point, e.g. `stacks/index.ts`. */
  readonly entry: string;
  readonly project: string;
  readonly stack: string;
  /** Stack config: `<project>:<key>` → text, or JSON of anything else. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys of `config` whose values are secret. */
  readonly secretKeys: readonly string[];
}

export interface EvaluationOptions {
  /** Told of each resource that has settled. */
  readonly onProgress?: (progress: Progress) => void;
  /** Whole environment of the process that runs dynamic providers. @default empty */
  readonly dynamicProviderEnv?: Readonly<Record<string, string>>;
}

export interface Evaluation {
  /** The stack's outputs, in plain text. */
  readonly outputs: Properties;
  /** Names of the outputs that are secret. */
  readonly secretOutputs: readonly string[];
  /** Resources that the stack has now. */
  readonly resources: number;
  /** How many resources were created, updated, …. */
  readonly changes: Readonly<Record<ProgressKind, number>>;
}

/** A cloud whose state remembers what was evaluated. */
export type EvaluationCloud = LocalCloud & { readonly state: KeptState };

/** Internal to the SDK and absent from its declarations; its own tests for concurrent runs use it like this. */
const { LocalStore } = runtimeState as unknown as { readonly LocalStore: new () => object };

let evaluations = 0;

/**
 * Runs a Pulumi program in this process and brings the local Azure to what it registers, as `pulumi up` would. What is unchanged is left
 * alone, what is no longer registered is deleted. Rejects with the first error (`ResourceError` names the resource), when all that was
 * under way has ended; what was done until then is kept, and the next evaluation goes on from there.
 */
export async function evaluate(
  cloud: EvaluationCloud,
  program: Program,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const changes: Record<ProgressKind, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0, import: 0 };
  const azureLocation = program.config["azure-native:location"];
  const azure = createAzureProvider(cloud, azureLocation === undefined ? {} : { location: azureLocation });
  const random = createRandomProvider();
  const dynamic = createDynamicProviders({ folder: dirname(program.entry), env: options.dynamicProviderEnv ?? {} });
  const providerOf = (type: string): Provider => {
    if (type.startsWith("azure-native:")) return azure;
    if (type.startsWith("random:")) return random;
    if (type.startsWith("pulumi-nodejs:dynamic")) return dynamic;
    throw new Error(
      `The local Azure has no provider for ${type}: it knows azure-native, random and dynamic resources.`,
    );
  };
  const deployment = new Deployment({
    state: cloud.state,
    urnPrefix: urnPrefix(program),
    providerOf,
    onProgress(progress) {
      changes[progress.kind]++;
      options.onProgress?.(progress);
    },
  });
  try {
    const { outputs, secretOutputs } = await runProgram(program, providerOf, deployment);
    await deployment.deleteUnregistered();
    const resources = cloud.state.registrations.list(urnPrefix(program)).length;
    return { outputs, secretOutputs, resources, changes };
  } finally {
    await dynamic.close();
  }
}

async function runProgram(program: Program, providerOf: (type: string) => Provider, deployment: Deployment) {
  const underWay = new Set<Promise<unknown>>();
  const stop = Promise.withResolvers<never>();
  let stopped = false;
  const fail = (error: Error) => {
    stopped = true;
    stop.reject(error);
  };
  let outputs: Properties = {};
  let secretOutputs: readonly string[] = [];

  const engine: Engine = {
    project: program.project,
    stack: program.stack,
    async settle(goal) {
      const { id, outputs, secrets } = await deployment.settle(goal);
      return { id, outputs: { ...outputs }, secrets };
    },
    async read(type, id) {
      const provider = providerOf(type);
      const found = await provider.read(type, id);
      if (!found) throw new AzureError(404, "ResourceNotFound", `${type}: there is no ${id}`);
      return { id, outputs: found.outputs, secrets: provider.secretOutputs(type) };
    },
    invoke: async (token, args) => providerOf(token).invoke(token, args),
    stackOutputs(decoded) {
      outputs = decoded.value;
      secretOutputs = decoded.secretPaths;
    },
    run(work, answer) {
      const watched = (async () => {
        try {
          const value = await work;
          if (!stopped) answer(value);
        } catch (error) {
          fail(error as Error);
        }
      })();
      underWay.add(watched);
      void watched.finally(() => underWay.delete(watched));
    },
  };

  // The SDK keeps everything that belongs to one run in this store; with one store each, evaluations can run side by side.
  const store = new LocalStore();
  const release = claimRejections(store, fail);
  try {
    await Promise.race([stop.promise, asyncContext().run(store, () => runInStack(program, engine, fail))]);
    return { outputs, secretOutputs };
  } finally {
    stopped = true;
    while (underWay.size > 0) await Promise.allSettled(underWay);
    release();
  }
}

async function runInStack(program: Program, engine: Engine, fail: (error: Error) => void): Promise<void> {
  const unused = () => {
    throw new Error("The evaluator's own monitor answers instead.");
  };
  await pulumi.runtime.setMocks({ newResource: unused, call: unused }, program.project, program.stack, false);
  pulumi.runtime.setAllConfig({ ...program.config }, [...program.secretKeys]);
  Object.assign(pulumi.runtime.getMonitor() as object, createMonitor(engine));
  // The query makes Node run the entry again: a module that is loaded once registers its resources once.
  const entry = `${pathToFileURL(program.entry).href}?evaluation=${++evaluations}`;
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return { ...((await import(entry)) as Record<string, unknown>) };
    } catch (error) {
      // An error that left this function would become one more unhandled rejection.
      fail(error as Error);
      return new Promise<never>(() => {});
    }
  });
  await pulumi.runtime.disconnect();
  // Node tells of unhandled rejections when the promises that are ready have run: only then has the program ended well.
  await new Promise(setImmediate);
}

interface AsyncContext {
  run<T>(store: object, callback: () => T): T;
}

/** The SDK's own; it is made when the SDK is loaded. */
const asyncContext = () => (globalThis as unknown as { asyncLocalStorage: AsyncContext }).asyncLocalStorage;
