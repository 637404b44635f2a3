import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type {
  FunctionMetadata,
  HostMessage,
  InvocationResult,
  InvokeMessage,
  LogLevel,
  WorkerMessage,
} from "./worker-messages.ts";

export interface WorkerOptions {
  /** The unpacked package. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Arguments for `node` before the script. */
  readonly nodeArguments: readonly string[];
  readonly onLog: (entry: WorkerLog) => void;
}

interface WorkerLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

export type WorkerInvocation = Pick<InvokeMessage, "functionName" | "inputData" | "triggerMetadata">;

/** The worker process ended while it ran an invocation. */
export class WorkerExitedError extends Error {
  override readonly name = "WorkerExitedError";
}

/** The longest that a worker may take to load the app, as on Azure. */
const startMilliseconds = 60_000;

/** The Node process that runs one function app's code. */
export class Worker {
  readonly functions: readonly FunctionMetadata[];
  /** Resolves with what to tell people when the process has ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #running = new Map<string, PromiseWithResolvers<InvocationResult>>();

  private constructor(child: ChildProcess, functions: readonly FunctionMetadata[], exited: Promise<string>) {
    this.#child = child;
    this.functions = functions;
    this.exited = exited.then((reason) => {
      for (const { reject } of this.#running.values()) reject(new WorkerExitedError(reason));
      this.#running.clear();
      return reason;
    });
  }

  /** Forks the process and waits until its functions are registered; rejects with the app's own error where it fails to load. */
  static async start({ folder, environment, nodeArguments, onLog }: WorkerOptions): Promise<Worker> {
    const child = fork(join(import.meta.dirname, "worker-shim.cjs"), [folder], {
      cwd: folder,
      env: environment,
      execArgv: [...nodeArguments],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    relayLines(child, onLog);
    const exited = once(child, "exit").then(
      ([code, signal]) => `The worker process ended with ${signal ? `signal ${signal}` : `code ${code}`}.`,
      (error: Error) => `The worker process could not be started: ${error.message}`,
    );
    let worker: Worker | undefined;
    const ready = Promise.withResolvers<readonly FunctionMetadata[]>();
    child.on("message", (message: WorkerMessage) => {
      if (message.kind === "log") onLog(message);
      else if (message.kind === "ready") ready.resolve(message.functions);
      else if (message.kind === "failed") ready.reject(new Error(message.error));
      else if (worker) worker.#settle(message);
    });
    void exited.then((reason) => ready.reject(new Error(reason)));
    const timer = setTimeout(
      () => ready.reject(new Error(`The app did not load within ${startMilliseconds / 1000} s.`)),
      startMilliseconds,
    );
    try {
      worker = new Worker(child, await ready.promise, exited);
      return worker;
    } catch (error) {
      child.kill("SIGKILL");
      await exited;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  /** Runs a function; rejects with its error, or with `WorkerExitedError`. */
  async invoke(invocation: WorkerInvocation): Promise<InvocationResult> {
    if (!this.alive) throw new WorkerExitedError(await this.exited);
    const invocationId = randomUUID();
    const answer = Promise.withResolvers<InvocationResult>();
    this.#running.set(invocationId, answer);
    this.#send({ kind: "invoke", invocationId, ...invocation });
    return answer.promise;
  }

  /** Tells the app that it ends, lets it finish what it does, and ends the process by force if that takes longer than this. */
  async terminate(graceMilliseconds: number): Promise<void> {
    this.#send({ kind: "terminate" });
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMilliseconds);
    await this.exited;
    clearTimeout(timer);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #settle(message: Extract<WorkerMessage, { kind: "result" | "failure" }>): void {
    const answer = this.#running.get(message.invocationId);
    this.#running.delete(message.invocationId);
    if (message.kind === "result") answer?.resolve(message);
    else answer?.reject(new Error(message.error));
  }

  #send(message: HostMessage): void {
    // A process that is just ending has closed the channel: `exited` tells everybody who waits.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

function relayLines({ stdout, stderr }: ChildProcess, onLog: (entry: WorkerLog) => void): void {
  if (stdout) createInterface(stdout).on("line", (message) => onLog({ level: "information", message }));
  if (stderr) createInterface(stderr).on("line", (message) => onLog({ level: "warning", message }));
}
