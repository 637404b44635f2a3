import { dirname } from "node:path";
import type { LocalCloud } from "../cloud.ts";
import { azureOptions, otherEnvironment } from "../engine/provider-config.ts";
import { createAzureProvider } from "../resource-manager/azure-provider.ts";
import type { Properties, Provider } from "../resource-manager/provider.ts";
import { createRandomProvider } from "../resource-manager/random-provider.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { KeptState } from "../resource-manager/state.ts";
import { Deployment, type DeploymentOptions, type Progress, type ProgressKind } from "./deployment.ts";
import { createDynamicProviders, type DynamicProcesses } from "./dynamic-provider.ts";
import { createMonitor } from "./monitor.ts";
import { type Answering, type Program, runProgram } from "./run-program.ts";
import { urnPrefix } from "./urn.ts";

export interface EvaluationOptions extends EvaluationWatch {
  /** Where dynamic providers run. */
  readonly dynamic: DynamicProcesses;
}

/** How somebody follows an evaluation, and ends it. */
export interface EvaluationWatch {
  /** Told of each resource that has settled. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told the stack's outputs, as soon as all of them are known: resources that none of them comes from may still be to do. */
  readonly onOutputs?: (outputs: StackOutputs) => void;
  /** Ends it early, as an error does. */
  readonly signal?: AbortSignal;
}

export interface StackOutputs {
  /** In plain text. */
  readonly outputs: Properties;
  /** Names of those that are secret. */
  readonly secretOutputs: readonly string[];
}

export interface Evaluation extends StackOutputs {
  /** Resources that the stack has now. */
  readonly resources: number;
  /** How many resources were created, updated, …. */
  readonly changes: Readonly<Record<ProgressKind, number>>;
}

/** Of a provider that the program made: it lives as long as the evaluation. */
const providerId = "provider";

/** A cloud whose state remembers what was evaluated. */
export type EvaluationCloud = LocalCloud & { readonly state: KeptState };

/**
 * Runs a Pulumi program in this process and brings the local Azure to what it registers, as `pulumi up` would. What is unchanged is left
 * alone, what is no longer registered is deleted. Rejects with the first error (`ResourceError` names the resource), when all that was
 * under way has ended; what was done until then is kept, and the next evaluation goes on from there.
 */
export async function evaluate(
  cloud: EvaluationCloud,
  program: Program,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const changes: Record<ProgressKind, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0, import: 0 };
  const azureLocation = program.config["azure-native:location"];
  const [wrong] = otherEnvironment({ environment: program.config["azure-native:environment"] }, cloud);
  if (wrong) throw new Error(`azure-native:${wrong.property} ${wrong.reason}.`);
  const azure = createAzureProvider(cloud, azureLocation === undefined ? {} : { location: azureLocation });
  const random = createRandomProvider();
  const dynamic = createDynamicProviders(options.dynamic.of(dirname(program.entry)));
  const made = new Map<string, Provider>();
  const providerOf = (type: string, provider?: string): Provider => {
    const own = provider === undefined ? undefined : made.get(provider);
    if (own) return own;
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
  const { outputs, secretOutputs } = await deploy(program, { providerOf, made, cloud }, deployment, options);
  await deployment.deleteUnregistered();
  const resources = cloud.state.registrations.list(urnPrefix(program)).length;
  return { outputs, secretOutputs, resources, changes };
}

interface Providers {
  readonly cloud: EvaluationCloud;
  readonly providerOf: DeploymentOptions["providerOf"];
  /** Those that the program makes, by what its resources refer to them by. */
  readonly made: Map<string, Provider>;
}

async function deploy(
  program: Program,
  { cloud, providerOf, made }: Providers,
  deployment: Deployment,
  { onOutputs, signal }: EvaluationWatch,
): Promise<StackOutputs> {
  let known: StackOutputs = { outputs: {}, secretOutputs: [] };
  const monitor = (run: Answering) =>
    createMonitor({
      project: program.project,
      stack: program.stack,
      async settle(goal) {
        const { id, outputs, secrets } = await deployment.settle(goal);
        return { id, outputs: { ...outputs }, secrets };
      },
      configure(urn, type, settings) {
        if (type !== "pulumi:providers:azure-native")
          throw new Error(`The local Azure lets a program make providers of azure-native, and not ${type}.`);
        made.set(`${urn}::${providerId}`, createAzureProvider(cloud, azureOptions(settings)));
        return { id: providerId, outputs: settings, secrets: [] };
      },
      async read(type, id, ref) {
        const provider = providerOf(type, ref);
        const found = await provider.read(type, id);
        if (!found) throw new AzureError(404, "ResourceNotFound", `${type}: there is no ${id}`);
        return { id, outputs: found.outputs, secrets: provider.secretOutputs(type) };
      },
      invoke: async (token, args) => providerOf(token).invoke(token, args),
      stackOutputs(decoded) {
        known = { outputs: decoded.value, secretOutputs: decoded.secretPaths };
        onOutputs?.(known);
      },
      run,
    });
  await runProgram(program, monitor, { signal });
  return known;
}
