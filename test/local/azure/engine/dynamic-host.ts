import { decode, encode, topLevel } from "../../../../local/azure/evaluator/envelopes.ts";
import { type Diff, type Old, ProviderClient, type Subject, type Wire, type WireProvider } from "./provider-client.ts";
import { type SdkProcess, startSdkProcess } from "./sdk-process.ts";

/**
 * Dynamic resources as the CLI runs them (pulumi, sdk/nodejs/dist/pulumi-resource-pulumi-nodejs and pkg/resource/plugin/provider_plugin.go at
 * 3.260): by the SDK's own provider, in a process of its own in the program's folder. That takes neither secrets nor previews: the engine
 * opens the one for it, and answers the other itself.
 */
export class DynamicHost implements WireProvider, AsyncDisposable {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #running: Promise<{ readonly server: SdkProcess; readonly client: ProviderClient }> | undefined;

  /**
   * @param folder the program's
   * @param env whole environment of the process
   */
  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  async check(subject: Subject, olds: Wire, news: Wire) {
    const { value, secrets } = opened(news);
    const { inputs, failures } = await (await this.#client()).check(subject, opened(olds).value, value);
    return { inputs: encode(inputs, secrets), failures };
  }

  async diff(subject: Subject, old: Old, news: Wire, ignoreChanges: readonly string[]): Promise<Diff> {
    return (await this.#client()).diff(subject, plain(old), opened(news).value, ignoreChanges);
  }

  async create(subject: Subject, inputs: Wire, preview: boolean) {
    if (preview) return { id: "", outputs: inputs };
    const { value, secrets } = opened(inputs);
    const { id, outputs } = await (await this.#client()).create(subject, value, false);
    return { id, outputs: encode(outputs, secrets) };
  }

  async read(subject: Subject, id: string, old?: Omit<Old, "id">) {
    if (!old) throw new Error(`${subject.type} '${id}' cannot be imported: it is not known what reads it.`);
    const found = await (await this.#client()).read(subject, id, plain({ id, ...old }));
    // A provider that tells no inputs leaves them as they were.
    return found && { inputs: old.inputs, outputs: encode(found.outputs, opened(old.outputs).secrets) };
  }

  async update(subject: Subject, old: Old, news: Wire, preview: boolean): Promise<Wire> {
    if (preview) return news;
    const { value, secrets } = opened(news);
    return encode(await (await this.#client()).update(subject, plain(old), value, false), secrets);
  }

  async delete(subject: Subject, old: Old): Promise<void> {
    await (await this.#client()).delete(subject, plain(old));
  }

  /** Ends the process, as at the end of each command: the next call starts one that loads the program as it is then. */
  async stop(): Promise<void> {
    const running = await this.#running;
    this.#running = undefined;
    if (!running) return;
    await running.client.cancel();
    running.client[Symbol.dispose]();
    await running.server[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #client(): Promise<ProviderClient> {
    this.#running ??= this.#start();
    return (await this.#running).client;
  }

  async #start() {
    const env = { PATH: process.env["PATH"] ?? "", ...this.#env };
    const server = await startSdkProcess("dynamic-provider", { cwd: this.#folder, env, stderr: "ignore" });
    const client = new ProviderClient(server.port);
    await client.configure();
    return { server, client };
  }
}

function opened(sent: Wire) {
  const { value, secretPaths } = decode(sent);
  return { value, secrets: secretPaths.map(topLevel) };
}

const plain = ({ id, inputs, outputs }: Old): Old => ({
  id,
  inputs: opened(inputs).value,
  outputs: opened(outputs).value,
});
