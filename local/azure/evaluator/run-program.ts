import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
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

/** Answers one of the program's calls. A call that fails stops the program: it is never answered. */
export type Answering = <T>(work: Promise<T>, answer: (value: T) => void) => void;

export interface RunOptions {
  /** Whether the program is told that nothing will be done. @default false */
  readonly preview?: boolean;
  /** Stops the program: what is under way ends, nothing further begins. */
  readonly signal?: AbortSignal | undefined;
}

/** Internal to the SDK and absent from its declarations; its own tests for concurrent runs use it like this. */
const { LocalStore } = runtimeState as unknown as { readonly LocalStore: new () => object };

/** What the engine calls the owner of stacks where no service keeps them. */
const organization = "organization";

let runs = 0;

/**
 * Runs a program in this process, with the methods of a resource monitor that answer it. Rejects with the first error of the program or of
 * a call, or the signal's reason, when all that was under way has ended.
 */
export async function runProgram(
  program: Program,
  createMonitor: (answering: Answering) => object,
  options: RunOptions = {},
): Promise<void> {
  const underWay = new Set<Promise<unknown>>();
  const stop = Promise.withResolvers<never>();
  let stopped = false;
  const fail = (error: Error) => {
    stopped = true;
    stop.reject(error);
  };
  const monitor = createMonitor((work, answer) => {
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
  });

  // The SDK keeps everything that belongs to one run in this store; with one store each, programs can run side by side.
  const store = new LocalStore();
  const release = claimRejections(store, fail);
  const { signal } = options;
  const abort = () => fail(signal?.reason as Error);
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    await Promise.race([stop.promise, asyncContext().run(store, () => runInStack(program, monitor, fail, options))]);
  } finally {
    stopped = true;
    signal?.removeEventListener("abort", abort);
    while (underWay.size > 0) await Promise.allSettled(underWay);
    release();
  }
}

async function runInStack(
  program: Program,
  monitor: object,
  fail: (error: Error) => void,
  { preview = false }: RunOptions,
): Promise<void> {
  const unused = () => {
    throw new Error("The evaluator's own monitor answers instead.");
  };
  const { project, stack } = program;
  await pulumi.runtime.setMocks({ newResource: unused, call: unused }, project, stack, preview, organization);
  pulumi.runtime.setAllConfig({ ...program.config }, [...program.secretKeys]);
  Object.assign(pulumi.runtime.getMonitor() as object, monitor);
  // The query makes Node run the entry again: a module that is loaded once registers its resources once.
  const entry = `${pathToFileURL(program.entry).href}?evaluation=${++runs}`;
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
