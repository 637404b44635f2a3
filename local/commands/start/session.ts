import { TableClient } from "@azure/data-tables";
import { QueueClient } from "@azure/storage-queue";
import { dynamicType } from "../../../components/dynamic-types.ts";
import { systemClock } from "../../../function-code/clock.ts";
import { AzureTable } from "../../../function-code/state/azure-table.ts";
import { Checkpoints } from "../../../function-code/state/checkpoints.ts";
import { type CheckpointEntity, type CollectMessage, stateTables } from "../../../function-code/state/entities.ts";
import { readStreams } from "../../../kql/catalog.ts";
import { openResources } from "../../../stacks/operator/stack-resources.ts";
import type { Progress } from "../../azure/evaluator/deployment.ts";
import type { Evaluation, StackOutputs } from "../../azure/evaluator/evaluate.ts";
import { principalCredential } from "../../azure/identity/credential.ts";
import { type LocalAzure, type LocalAzureOptions, startLocalAzure } from "../../azure/local-azure.ts";
import { frontAgent } from "../../azure/network/front-agent.ts";
import { queryWorkspace } from "../../azure/workspace/query.ts";
import type { DataFolder } from "../data-folder.ts";
import { deployStack, readProgram } from "../deploy-stack.ts";
import { refuseOtherEngine } from "../other-engine.ts";
import type { Answer } from "../output-format.ts";
import { readStackConfig } from "../stack-config.ts";
import type { ConnectionSetting } from "./connections.ts";

export interface SessionOptions
  extends Pick<LocalAzureOptions, "dataDir" | "caFolder" | "environment" | "timers" | "fault" | "onError"> {
  readonly stack: string;
  readonly connections: readonly ConnectionSetting[];
  /** Further settings of the stack, over those of its file. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly onResource?: (progress: Progress) => void;
  /** Stops the deployment; rejects with its reason until the session has started. */
  readonly signal?: AbortSignal;
}

/** A stream of one connection that the stack collects. */
export interface Target {
  readonly connection: string;
  readonly vendor: string;
  readonly stream: string;
  /** `<vendor>-<stream>`. */
  readonly streamId: string;
  readonly table: string;
}

/** Outputs of `stacks/index.ts` that are used here. */
interface Outputs {
  readonly workspaceId: string;
  readonly stateTableEndpoint: string;
  readonly queueEndpoint: string;
  readonly functionAppName: string;
  readonly bundle: { readonly bytes: number; readonly sha256: string };
}

/** The connector in a local Azure of its own, running. What is done here goes through Azure's own APIs, as its operator. */
export class Session implements AsyncDisposable {
  readonly azure: LocalAzure;
  /** The deployment: what collecting needs is there, what people look at may still be under way. Rejects when it fails or the session ends. */
  readonly evaluation: Promise<Evaluation>;
  readonly outputs: Outputs;
  readonly targets: readonly Target[];
  readonly checkpoints: Checkpoints;
  readonly #secretOutputs: readonly string[];
  readonly #queue: QueueClient;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    azure: LocalAzure,
    evaluation: Promise<Evaluation>,
    { outputs, secretOutputs }: StackOutputs,
    connections: readonly ConnectionSetting[],
    resources: AsyncDisposableStack,
  ) {
    this.azure = azure;
    this.evaluation = evaluation;
    this.outputs = outputs as unknown as Outputs;
    this.#secretOutputs = secretOutputs;
    this.targets = connections.flatMap(targetsOf);
    this.#resources = resources;

    const agent = frontAgent(azure.front);
    resources.defer(() => agent.destroy());
    const credential = principalCredential(azure.authority, azure.cloud.operator);
    const table = new TableClient(this.outputs.stateTableEndpoint, stateTables.checkpoints, credential, {
      agent,
    });
    this.checkpoints = new Checkpoints(
      new AzureTable(stateTables.checkpoints, () => Promise.resolve(table), {
        clock: systemClock,
        random: Math.random,
      }),
    );
    // The client takes an agent, though its options do not declare it.
    const queueOptions = { agent, retryOptions: { maxTries: 1 } };
    this.#queue = new QueueClient(`${this.outputs.queueEndpoint}/collect`, credential, queueOptions);
  }

  /** Starts a local Azure, deploys the stack into it, and lets its app run as soon as its code is there: rules and workbooks keep no row waiting. */
  static async start(options: SessionOptions): Promise<Session> {
    await using started = new AsyncDisposableStack();
    const { stack, connections, settings = {}, onResource, signal, ...azureOptions } = options;
    const allowedHosts = connections.map(({ url }) => new URL(url).host);
    // Meanwhile storage starts, in a process of its own.
    void readProgram();
    const azure = started.use(await startLocalAzure({ ...azureOptions, allowedHosts }));
    if (options.dataDir !== undefined) refuseOtherEngine(azure.cloud.state, options.dataDir, "npm start");
    const config = readStackConfig(stack, { ...settings, connections }, ["connections"]);
    const known = Promise.withResolvers<StackOutputs>();
    const code = Promise.withResolvers<void>();
    const ending = new AbortController();
    const evaluation = deployStack(azure, stack, config, {
      onProgress(progress) {
        onResource?.(progress);
        if (progress.type === dynamicType("Code")) code.resolve();
      },
      onOutputs: known.resolve,
      signal: signal ? AbortSignal.any([signal, ending.signal]) : ending.signal,
    });
    started.defer(async () => {
      ending.abort(new Error("The session ended before all was deployed."));
      // What waits for the app to fall silent does not wait for it in vain.
      await Promise.all([azure.functions.stop(), evaluation.catch(() => {})]);
    });
    await Promise.race([code.promise, evaluation]);
    const outputs = await Promise.race([known.promise, evaluation]);
    const session = new Session(azure, evaluation, outputs, connections, started.move());
    await session.#takeOver();
    azure.functions.release();
    return session;
  }

  /** How `npm run connector` reaches this Azure and what it needs to know of the stack as it is now, without what is secret. */
  get forOperators(): Parameters<DataFolder["publish"]>[0] {
    const { registrations } = this.azure.cloud.state;
    const open = Object.entries(this.outputs).filter(([name]) => !this.#secretOutputs.includes(name));
    return {
      environment: this.azure.operatorEnvironment,
      outputs: Object.fromEntries(open),
      resources: openResources(registrations.list("urn:pulumi:").filter(({ settled }) => settled)),
    };
  }

  /** Asks for streams to be collected now, as `schedule` does when they are due. */
  async request(targets: readonly Target[]): Promise<void> {
    for (const { connection, streamId } of targets) {
      const message: CollectMessage = { connection, stream: streamId };
      await this.#queue.sendMessage(Buffer.from(JSON.stringify(message)).toString("base64"));
    }
  }

  /** Where each target stands; absent where it was never collected. */
  async standings(): Promise<ReadonlyMap<Target, CheckpointEntity>> {
    const found = new Map<Target, CheckpointEntity>();
    for await (const { entity } of this.checkpoints.all()) {
      const target = this.targets.find(
        ({ connection, streamId }) => connection === entity.partitionKey && streamId === entity.rowKey,
      );
      if (target) found.set(target, entity);
    }
    return found;
  }

  /** Answers a query over the workspace that the stack deployed. Throws `KqlError`. */
  query(kql: string): Promise<Answer> {
    const workspace = this.azure.cloud.deployed.workspace(this.outputs.workspaceId);
    if (!workspace) throw new Error(`The workspace ${this.outputs.workspaceId} is gone.`);
    return queryWorkspace(this.azure.store, workspace, kql);
  }

  /** Ends the app, then the local Azure; running collections get a moment to reach a safe point. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /**
   * A worker that was killed leaves its leases and its messages behind. This process holds the data folder alone, so nobody works on them
   * any more, and there is no need to wait until they run out: what is due is decided by the checkpoints.
   */
  async #takeOver(): Promise<void> {
    await this.#queue.clearMessages();
    for await (const { entity, etag } of this.checkpoints.all()) {
      const { leaseOwner, leaseUntil: _, queuedAt: __, ...free } = entity;
      if (leaseOwner) await this.checkpoints.write(free, etag);
    }
  }
}

function targetsOf({ name, vendor, streams = {} }: ConnectionSetting): readonly Target[] {
  return readStreams(vendor)
    .filter((stream) => streams[stream.name] ?? stream.enabledByDefault)
    .map((stream) => ({ connection: name, vendor, stream: stream.name, streamId: stream.id, table: stream.table }));
}
