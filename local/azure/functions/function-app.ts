import type { Agent } from "node:https";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { type DeployedHandler, type QueueOutput, type QueueTrigger, readFunctions } from "./bindings.ts";
import { type Package, readPackage, requireHostStorage, requireRunnable } from "./package.ts";
import { type QueueConnections, queueConnections } from "./queue-connection.ts";
import { QueueListener } from "./queue-listener.ts";
import { encodeMessage, outputMessages } from "./queue-message.ts";
import { requireSchedule } from "./schedule.ts";
import { SupervisedWorker } from "./supervised-worker.ts";
import { Timer, timerInput } from "./timer.ts";
import type { FunctionMetadata, InvocationResult, LogLevel, RpcData } from "./worker-messages.ts";

export interface FunctionAppOptions {
  readonly site: DeployedSite;
  /** The unpacked package. */
  readonly folder: string;
  readonly cloud: Pick<LocalCloud, "deployed">;
  readonly authority: TokenAuthority;
  readonly agent: Agent;
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeArguments: readonly string[];
  /** Whether timers fire on their schedule, or only when told to. */
  readonly timers: "scheduled" | "manual";
  readonly log: (entry: FunctionLog) => void;
}

export interface FunctionLog {
  /** Name of the site. */
  readonly app: string;
  /** Absent on lines of the host itself and of the worker outside an invocation. */
  readonly function?: string;
  readonly invocationId?: string;
  readonly level: LogLevel;
  readonly message: string;
}

/** One deployed package, running: its worker, its timers, its queue listeners. */
export class FunctionApp {
  readonly #options: FunctionAppOptions;
  readonly #package: Package;
  readonly #worker: SupervisedWorker;
  readonly #functions: readonly DeployedHandler[];
  readonly #connections: QueueConnections;
  readonly #listeners = new Map<string, QueueListener>();
  readonly #timers: Timer[] = [];
  readonly #lastRun = new Map<string, Date>();
  readonly #running = new Set<Promise<void>>();

  private constructor(
    options: FunctionAppOptions,
    loaded: Package,
    worker: SupervisedWorker,
    functions: readonly DeployedHandler[],
  ) {
    this.#options = options;
    this.#package = loaded;
    this.#worker = worker;
    this.#functions = functions;
    this.#connections = queueConnections(options.site, options.cloud, options.authority, options.agent);
  }

  /** Starts the worker and checks everything that a trigger needs; rejects with what is wrong. Nothing is triggered yet. */
  static async load(options: FunctionAppOptions): Promise<FunctionApp> {
    requireRunnable(options.site);
    requireHostStorage(options.site, options.cloud);
    const loaded = await readPackage(options.folder);
    const { environment, folder, nodeArguments, site, log } = options;
    const worker = await SupervisedWorker.start({
      folder,
      environment,
      nodeArguments,
      onLog: ({ functionName, ...entry }) =>
        log({ app: site.name, ...(functionName !== undefined && { function: functionName }), ...entry }),
    });
    try {
      const functions = readFunctions(worker.functions, site.appSettings, loaded.settings);
      const app = new FunctionApp(options, loaded, worker, functions);
      app.#requireTriggers();
      return app;
    } catch (error) {
      await worker.stop(0);
      throw error;
    }
  }

  get site(): DeployedSite {
    return this.#options.site;
  }

  get folder(): string {
    return this.#options.folder;
  }

  get packageVersion(): string | undefined {
    return this.#package.version;
  }

  /** As the functions registered themselves. */
  get functions(): readonly FunctionMetadata[] {
    return this.#worker.functions;
  }

  start(): void {
    for (const handler of this.#functions) {
      const { name, trigger } = handler;
      if (trigger.type === "queueTrigger") {
        this.#listeners.set(name, this.#listen(handler, trigger));
      } else if (this.#options.timers === "scheduled") {
        // Its error is in the log; the next time comes in any case.
        this.#timers.push(new Timer(trigger, () => this.runTimer(name).catch(() => {})));
      }
    }
  }

  /** Runs a timer function now; rejects with the function's error. */
  async runTimer(name: string): Promise<void> {
    const found = this.#functions.find((candidate) => candidate.name === name);
    if (found?.trigger.type !== "timerTrigger") {
      throw new Error(`${this.site.name} has no timer function "${name}". It has: ${this.#names()}.`);
    }
    const { trigger } = found;
    const input = timerInput(trigger, this.#lastRun.get(name));
    this.#lastRun.set(name, new Date());
    await this.#invoke(found, input, {});
  }

  /** Resolves when nothing runs and every queue that triggers a function is empty. */
  async whenIdle(): Promise<void> {
    do {
      await Promise.allSettled(this.#running);
      await Promise.all([...this.#listeners.values()].map((listener) => listener.whenIdle()));
    } while (this.#running.size > 0);
  }

  /** Ends the app: it is told, may finish what runs in so long, and is ended by force then. Unfinished messages return to their queue. */
  async stop(graceMilliseconds: number): Promise<void> {
    const triggers = [...this.#timers, ...this.#listeners.values()].map((trigger) => trigger.stop());
    await this.#worker.stop(graceMilliseconds);
    await Promise.all(triggers);
    await Promise.allSettled(this.#running);
  }

  kill(signal: NodeJS.Signals): void {
    this.#worker.kill(signal);
  }

  /** What Azure would find out only when the trigger or the output is used. */
  #requireTriggers(): void {
    for (const { trigger, outputs } of this.#functions) {
      if (trigger.type === "timerTrigger") requireSchedule(trigger.schedule);
      else this.#connections.open(trigger.connection, trigger.queueName);
      for (const output of outputs) this.#connections.open(output.connection, output.queueName);
    }
  }

  #listen(handler: DeployedHandler, { connection, queueName }: QueueTrigger): QueueListener {
    return new QueueListener({
      queue: this.#connections.open(connection, queueName),
      poison: this.#connections.open(connection, `${queueName}-poison`),
      settings: this.#package.settings.queues,
      run: (text, metadata) => this.#invoke(handler, { string: text }, metadata),
      log: (level, message) => this.#log(level, message, handler.name),
    });
  }

  #invoke(handler: DeployedHandler, data: RpcData, metadata: Readonly<Record<string, RpcData>>): Promise<void> {
    const run = this.#run(handler, data, metadata).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return run;
  }

  async #run(handler: DeployedHandler, data: RpcData, metadata: Readonly<Record<string, RpcData>>): Promise<void> {
    const { name, trigger } = handler;
    const limit = this.#limitTime(name);
    try {
      // Each run of a timer takes a lock in the host's storage.
      if (trigger.type === "timerTrigger") requireHostStorage(this.site, this.#options.cloud);
      const invocation = {
        functionName: name,
        inputData: [{ name: trigger.name, data }],
        triggerMetadata: metadata,
      };
      await this.#deliver(handler, await this.#worker.invoke(invocation));
    } catch (error) {
      this.#log("error", (error as Error).message, name);
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /** A function that runs too long cannot be stopped but with its whole process, as on Azure. */
  #limitTime(name: string): NodeJS.Timeout | undefined {
    const { functionTimeout } = this.#package.settings;
    if (functionTimeout > 2 ** 31 - 1) return undefined;
    return setTimeout(() => {
      this.#log(
        "error",
        `The function exceeded functionTimeout (${functionTimeout / 1000} s): its worker is ended.`,
        name,
      );
      this.#worker.kill("SIGKILL");
    }, functionTimeout);
  }

  async #deliver({ outputs }: DeployedHandler, { outputs: values, returnValue }: InvocationResult): Promise<void> {
    for (const output of outputs) {
      const data = output.name === "$return" ? returnValue : values.find(({ name }) => name === output.name)?.data;
      if (data) await this.#enqueue(output, outputMessages(data));
    }
  }

  async #enqueue({ connection, queueName }: QueueOutput, messages: readonly string[]): Promise<void> {
    const queue = this.#connections.open(connection, queueName);
    await queue.createIfNotExists();
    for (const message of messages)
      await queue.sendMessage(encodeMessage(message, this.#package.settings.queues.messageEncoding));
    for (const { name, trigger } of this.#functions) {
      if (trigger.type === "queueTrigger" && trigger.queueName === queueName) this.#listeners.get(name)?.wake();
    }
  }

  #log(level: LogLevel, message: string, name: string): void {
    this.#options.log({ app: this.site.name, function: name, level, message });
  }

  #names(): string {
    return this.#functions.map(({ name }) => name).join(", ");
  }
}
