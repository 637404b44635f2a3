import { type CallOptions, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service, { type ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { decode } from "../../../../local/azure/evaluator/envelopes.ts";
import { differences } from "../../../../local/azure/resource-manager/differences.ts";

/** Properties as they are on the wire: secrets and what is not known in Pulumi's envelopes. */
export type Wire = Record<string, unknown>;

/** One resource as the engine names it to a provider. */
export interface Subject {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface Diff {
  readonly changed: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Path → kind, in the protocol's words. */
  readonly details: Readonly<Record<string, string>>;
}

/** A resource as the engine's state has it. */
export interface Old {
  readonly id: string;
  readonly inputs: Wire;
  readonly outputs: Wire;
}

/** What providers answer to the engine's calls, over gRPC or made up by a test. */
export interface WireProvider {
  check(subject: Subject, olds: Wire, news: Wire): Promise<{ inputs: Wire; failures: readonly string[] }>;
  diff(subject: Subject, old: Old, news: Wire, ignoreChanges: readonly string[]): Promise<Diff>;
  create(subject: Subject, inputs: Wire, preview: boolean): Promise<{ id: string; outputs: Wire }>;
  /** Without old inputs it is an import. Undefined: gone. */
  read(subject: Subject, id: string, old?: Omit<Old, "id">): Promise<{ inputs: Wire; outputs: Wire } | undefined>;
  update(subject: Subject, old: Old, news: Wire, preview: boolean): Promise<Wire>;
  delete(subject: Subject, old: Old): Promise<void>;
}

const kinds = Object.fromEntries(
  Object.entries(messages.PropertyDiff.Kind).map(([name, number]) => [number, name]),
) as Readonly<Record<number, string>>;

/** A provider plugin, attached to as `PULUMI_DEBUG_PROVIDERS` has the engine do it. */
export class ProviderClient implements WireProvider, Disposable {
  readonly #client: ResourceProviderClient;

  constructor(port: number) {
    // A connection of its own, as each of the engine's providers has one.
    const options = { "grpc.use_local_subchannel_pool": 1 };
    this.#client = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  }

  /** The calls with which the engine makes a provider ready; throws what `CheckConfig` finds wrong. */
  async start(urn: string, config: Wire): Promise<void> {
    await this.#call("handshake", new messages.ProviderHandshakeRequest().setEngineAddress("127.0.0.1:1"));
    await this.#call("attach", new plugin.PluginAttach().setAddress("127.0.0.1:1"));
    const check = new messages.CheckRequest().setUrn(urn).setNews(struct(config)).setOlds(struct({}));
    const checked = await this.#call<messages.CheckResponse>("checkConfig", check);
    const failures = checked.getFailuresList().map(failureText);
    if (failures.length > 0) throw new Error(failures.join("; "));
    await this.configure(urn, plain(checked.getInputs()));
  }

  /** All that a provider without `Handshake` and `CheckConfig` is asked. */
  async configure(urn = "", config: Wire = {}): Promise<void> {
    const configure = new messages.ConfigureRequest().setUrn(urn).setArgs(struct(config)).setSendsOldInputs(true);
    await this.#call("configure", configure.setAcceptsecrets(true).setAcceptresources(true));
  }

  async invoke(token: string, args: Wire): Promise<Wire> {
    const request = new messages.InvokeRequest().setTok(token).setArgs(struct(args));
    return plain((await this.#call<messages.InvokeResponse>("invoke", request)).getReturn());
  }

  async check(subject: Subject, olds: Wire, news: Wire) {
    const request = named(new messages.CheckRequest(), subject).setOlds(struct(olds)).setNews(struct(news));
    const response = await this.#call<messages.CheckResponse>("check", request);
    return { inputs: plain(response.getInputs()), failures: response.getFailuresList().map(failureText) };
  }

  async diff(subject: Subject, old: Old, news: Wire, ignoreChanges: readonly string[]): Promise<Diff> {
    const request = named(new messages.DiffRequest(), subject).setId(old.id).setNews(struct(news));
    request
      .setOldInputs(struct(old.inputs))
      .setOlds(struct(old.outputs))
      .setIgnorechangesList([...ignoreChanges]);
    const response = await this.#call<messages.DiffResponse>("diff", request);
    const details = [...response.getDetaileddiffMap().entries()];
    const { DIFF_SOME, DIFF_UNKNOWN } = messages.DiffResponse.DiffChanges;
    // Where the provider does not tell, the engine compares the inputs.
    const isUnlike = () => differences(decode(old.inputs).value, decode(news).value).length > 0;
    return {
      changed: response.getChanges() === DIFF_UNKNOWN ? isUnlike() : response.getChanges() === DIFF_SOME,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      details: Object.fromEntries(details.map(([path, entry]) => [path, kinds[entry.getKind()] ?? ""])),
    };
  }

  async create(subject: Subject, inputs: Wire, preview: boolean) {
    const request = named(new messages.CreateRequest(), subject).setProperties(struct(inputs)).setPreview(preview);
    const response = await this.#call<messages.CreateResponse>("create", request);
    return { id: response.getId(), outputs: plain(response.getProperties()) };
  }

  async read(subject: Subject, id: string, old?: Omit<Old, "id">) {
    const request = named(new messages.ReadRequest(), subject)
      .setId(id)
      .setProperties(struct(old?.outputs ?? {}));
    if (old) request.setInputs(struct(old.inputs));
    const response = await this.#call<messages.ReadResponse>("read", request);
    if (response.getId() === "") return undefined;
    return { inputs: plain(response.getInputs()), outputs: plain(response.getProperties()) };
  }

  async update(subject: Subject, old: Old, news: Wire, preview: boolean) {
    const request = named(new messages.UpdateRequest(), subject).setId(old.id).setNews(struct(news));
    request.setOldInputs(struct(old.inputs)).setOlds(struct(old.outputs)).setPreview(preview);
    return plain((await this.#call<messages.UpdateResponse>("update", request)).getProperties());
  }

  async delete(subject: Subject, old: Old) {
    const request = named(new messages.DeleteRequest(), subject).setId(old.id);
    await this.#call("delete", request.setOldInputs(struct(old.inputs)).setProperties(struct(old.outputs)));
  }

  /** What the engine calls when it is interrupted, and at the end of every command (pulumi, pkg/host/host.go). */
  async cancel(): Promise<void> {
    await this.#call("cancel", new empty.Empty());
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #call<Response>(method: keyof ResourceProviderClient, request: object): Promise<Response> {
    type Method = (
      request: object,
      metadata: Metadata,
      options: Partial<CallOptions>,
      callback: (error: ServiceError | null, response: Response) => void,
    ) => void;
    return new Promise((resolve, reject) => {
      const call = (this.#client[method] as unknown as Method).bind(this.#client);
      call(request, new Metadata(), {}, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve(response);
      });
    });
  }
}

interface Named<Self> {
  setUrn(urn: string): Self;
  setName(name: string): Self;
  setType(type: string): Self;
}

const named = <Request extends Named<Request>>(request: Request, { urn, type, name }: Subject): Request =>
  request.setUrn(urn).setType(type).setName(name);
const struct = (properties: Wire) => structs.Struct.fromJavaScript(properties as never);
const plain = (sent: structs.Struct | undefined): Wire => sent?.toJavaScript() ?? {};
const failureText = (failure: messages.CheckFailure) => `${failure.getProperty()}: ${failure.getReason()}`;
