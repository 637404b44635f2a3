import { type ChildProcess, fork } from "node:child_process";
import { differences } from "../resource-manager/differences.ts";
import type { Difference, Properties, Provider } from "../resource-manager/provider.ts";

/** What the child is asked: a method of the provider whose text is given. */
export interface DynamicCall {
  readonly id: number;
  readonly method: "check" | "diff" | "create" | "read" | "update" | "delete";
  readonly provider: string;
  readonly args: readonly unknown[];
}

export interface DynamicAnswer {
  readonly id: number;
  /** False: the provider has no such method. */
  readonly implemented?: boolean;
  readonly result?: unknown;
  readonly error?: string;
}

/** Property of a dynamic resource that holds its provider as text. */
const providerText = "__provider";

/** Child processes that run dynamic providers, one for each folder of programs, from its first dynamic resource on. */
export class DynamicProcesses implements AsyncDisposable {
  readonly #env: Readonly<Record<string, string>>;
  readonly #children = new Map<string, DynamicChild>();

  /** @param env whole environment of the children */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  of(folder: string): DynamicChild {
    const child = this.#children.get(folder) ?? new DynamicChild(folder, this.#env);
    this.#children.set(folder, child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.close()));
  }
}

/** Dynamic resources, as the text that each holds brings them about. */
export function createDynamicProviders(child: DynamicChild): Provider {
  const call = async <T>(method: DynamicCall["method"], properties: Properties, ...args: unknown[]) =>
    (await child.call(method, String(properties[providerText]), args)) as T | undefined;

  const withProvider = (outputs: Properties | undefined, inputs: Properties): Properties => ({
    ...outputs,
    [providerText]: inputs[providerText],
  });

  return {
    async check({ inputs, knownInputs }) {
      const checked = await call<{ inputs?: Properties; failures?: { property: string; reason: string }[] }>(
        "check",
        inputs,
        knownInputs ?? {},
        inputs,
      );
      return { inputs: withProvider(checked?.inputs ?? inputs, inputs), failures: checked?.failures ?? [] };
    },

    async diff(_, known, inputs): Promise<Difference> {
      type Answer = { changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean };
      const told = await call<Answer>("diff", inputs, known.id, known.outputs, inputs);
      const replaces = told?.replaces ?? [];
      const differing = differences(known.inputs, inputs);
      // A provider that says "changed" is believed, whatever its inputs look like.
      const changed = told?.changes === false ? [] : told?.changes && differing.length === 0 ? ["*"] : differing;
      return { changed: [...changed, ...replaces], replaces, deleteBeforeReplace: told?.deleteBeforeReplace ?? false };
    },

    async create(type, inputs) {
      const made = await call<{ id: string; outs?: Properties }>("create", inputs, inputs);
      if (!made?.id) throw new Error(`The provider of ${type} returned no id.`);
      return { id: made.id, outputs: withProvider(made.outs, inputs) };
    },

    async update(_, known, inputs) {
      const updated = await call<{ outs?: Properties }>("update", inputs, known.id, known.outputs, inputs);
      return withProvider(updated?.outs, inputs);
    },

    async read(type, id, known) {
      if (!known)
        throw new Error(`${type} '${id}' cannot be imported: a dynamic resource is read by its own provider.`);
      const found = await call<{ id?: string; props?: Properties }>("read", known.inputs, id, known.outputs);
      if (found === undefined) return { inputs: known.inputs, outputs: known.outputs };
      return found.id ? { inputs: known.inputs, outputs: withProvider(found.props, known.inputs) } : undefined;
    },

    async delete(_, known) {
      await call("delete", known.outputs, known.id, known.outputs);
    },

    exists: () => true,
    find: () => undefined,
    invoke: (token) => Promise.reject(new Error(`There is no function ${token}.`)),
    secretOutputs: () => [],
  };
}

class DynamicChild {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #waiting = new Map<number, { resolve: (answer: DynamicAnswer) => void; reject: (error: Error) => void }>();
  #process: ChildProcess | undefined;
  #calls = 0;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  async call(method: DynamicCall["method"], provider: string, args: readonly unknown[]): Promise<unknown> {
    const running = (this.#process ??= this.#start());
    const id = ++this.#calls;
    const answer = await new Promise<DynamicAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      running.send({ id, method, provider, args } satisfies DynamicCall, (error) => error && reject(error));
    }).finally(() => this.#waiting.delete(id));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.implemented ? answer.result : undefined;
  }

  async close(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill();
    await gone;
  }

  #start(): ChildProcess {
    const started = fork(new URL("./dynamic-child.ts", import.meta.url), {
      cwd: this.#folder,
      env: this.#env,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // What a provider prints is for people: it never mixes with what the command prints.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    started.on("message", (answer: DynamicAnswer) => this.#waiting.get(answer.id)?.resolve(answer));
    const fail = (error: Error) => {
      this.#process = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
    };
    started.on("error", fail);
    started.on("exit", (code, signal) =>
      fail(
        new Error(`The process of the dynamic providers ended with ${signal ?? `code ${code}`}; its output tells why.`),
      ),
    );
    return started;
  }
}
