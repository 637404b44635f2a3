import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { decode, encode, encodeAgain, topLevel } from "../evaluator/envelopes.ts";
import type { Known, Properties, Provider } from "../resource-manager/provider.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { Failure } from "../resource-manager/rules.ts";
import { differenceResponse } from "./difference-response.ts";
import { outputsOfCreation, outputsOfUpdate } from "./preview.ts";
import type { ProviderConfig } from "./provider-config.ts";

/** A provider plugin as Pulumi's engine sees it. */
export interface PluginOptions {
  /** Package name, e.g. `azure-native`. */
  readonly name: string;
  readonly version: string;
  /** What is wrong with a configuration, of a stack's own default provider or of one that the program makes. */
  readonly check?: (config: ProviderConfig, isDefault: boolean) => readonly Failure[];
  readonly configure: (config: ProviderConfig) => Provider;
}

/**
 * Pulumi's `ResourceProvider` service (pulumi/provider.proto) over a provider of plain values: previews, detailed differences, secrets. What
 * is not here (components, parameters, lists) is answered `UNIMPLEMENTED`, as the engine expects.
 */
export function createProviderService({ name, version, check, configure }: PluginOptions) {
  /** By connection: the engine opens one for each provider of a stack, and says no other way which of them it means. */
  const providers = new Map<string, Provider>();
  const providerOf = (connection: string): Provider => {
    const provider = providers.get(connection);
    if (provider) return provider;
    throw new Error(`The provider ${name} was not configured on this connection. Run the command again.`);
  };

  return {
    handshake: unary(() =>
      new messages.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true).setAcceptOutputs(true),
    ),

    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(version)),

    getSchema: unary(() => new messages.GetSchemaResponse().setSchema(JSON.stringify({ name, version }))),

    attach: unary(() => new empty.Empty()),

    /** Comes at the end of every command too, also while another one runs: what is under way ends by itself within moments. */
    cancel: unary(() => new empty.Empty()),

    checkConfig: unary((request: messages.CheckRequest) => {
      const failures = check?.(plain(request.getNews()), isDefaultProvider(request.getUrn())) ?? [];
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      response.setFailuresList(failures.map(failure));
      return response;
    }),

    diffConfig: unary((request: messages.DiffRequest) =>
      // Nothing in it moves a resource elsewhere, so it never replaces the provider.
      differenceResponse(plain(request.getOldInputs()), plain(request.getNews())),
    ),

    configure: unary((request: messages.ConfigureRequest, connection) => {
      providers.set(connection, configure(plain(request.getArgs())));
      const response = new messages.ConfigureResponse();
      return response.setAcceptsecrets(true).setAcceptresources(true).setAcceptoutputs(true).setSupportspreview(true);
    }),

    invoke: unary(async (request: messages.InvokeRequest, connection) => {
      const result = await providerOf(connection).invoke(request.getTok(), plain(request.getArgs()));
      return new messages.InvokeResponse().setReturn(struct(result));
    }),

    check: unary(async (request: messages.CheckRequest, connection) => {
      const { sent, value, secrets, isPartial } = opened(request.getNews());
      const known = plain(request.getOlds());
      const checked = await providerOf(connection).check({
        type: request.getType(),
        name: request.getName(),
        inputs: value,
        knownInputs: Object.keys(known).length > 0 ? known : undefined,
        isPartial,
      });
      const response = new messages.CheckResponse();
      response.setInputs(struct(encodeAgain(sent, checked.inputs, secrets)));
      response.setFailuresList(checked.failures.map(failure));
      return response;
    }),

    diff: unary(async (request: messages.DiffRequest, connection) => {
      const known = knownOf(request.getId(), request.getOldInputs(), request.getOlds());
      const inputs = plain(request.getNews());
      const difference = await providerOf(connection).diff(request.getType(), known, inputs);
      return differenceResponse(known.inputs, inputs, difference, request.getIgnorechangesList());
    }),

    create: unary(async (request: messages.CreateRequest, connection) => {
      const { value, secrets } = opened(request.getProperties());
      const type = request.getType();
      const provider = providerOf(connection);
      const response = new messages.CreateResponse();
      if (request.getPreview()) return response.setProperties(struct(encode(outputsOfCreation(value), secrets)));
      const { id, outputs } = await provider.create(type, value);
      return response.setId(id).setProperties(struct(encode(outputs, [...secrets, ...provider.secretOutputs(type)])));
    }),

    read: unary(async (request: messages.ReadRequest, connection) => {
      const provider = providerOf(connection);
      const before = { inputs: opened(request.getInputs()), outputs: opened(request.getProperties()) };
      const isImport = !request.hasInputs();
      const known = knownOf(request.getId(), request.getInputs(), request.getProperties());
      const found = await provider.read(request.getType(), request.getId(), isImport ? undefined : known);
      const response = new messages.ReadResponse();
      if (!found) return response;
      const secrets = [
        ...before.inputs.secrets,
        ...before.outputs.secrets,
        ...provider.secretOutputs(request.getType()),
      ];
      response.setId(request.getId());
      response.setProperties(struct(encodeAgain(before.outputs.sent, found.outputs, secrets)));
      response.setInputs(struct(encodeAgain(before.inputs.sent, found.inputs, secrets)));
      return response;
    }),

    update: unary(async (request: messages.UpdateRequest, connection) => {
      const { value, secrets } = opened(request.getNews());
      const type = request.getType();
      const provider = providerOf(connection);
      const known = knownOf(request.getId(), request.getOldInputs(), request.getOlds());
      const outputs = request.getPreview()
        ? outputsOfUpdate(value, known.outputs)
        : await provider.update(type, known, value);
      const response = new messages.UpdateResponse();
      return response.setProperties(struct(encode(outputs, [...secrets, ...provider.secretOutputs(type)])));
    }),

    delete: unary(async (request: messages.DeleteRequest, connection) => {
      const known = knownOf(request.getId(), request.getOldInputs(), request.getProperties());
      await providerOf(connection).delete(request.getType(), known);
      return new empty.Empty();
    }),
  } satisfies UntypedServiceImplementation;
}

/** A method of the service whose failure is told in the provider's own words. */
function unary<Request, Response>(answer: (request: Request, connection: string) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, respond: sendUnaryData<Response>): void => {
    void (async () => answer(call.request, call.getPeer()))().then(
      (response) => respond(null, response),
      (error: unknown) => respond({ code: status.UNKNOWN, details: inWords(error) }),
    );
  };
}

function inWords(error: unknown): string {
  if (error instanceof AzureError) return `${error.status} ${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function opened(sent: structs.Struct | undefined) {
  const properties: Properties = sent?.toJavaScript() ?? {};
  const { value, secretPaths, unknownPaths } = decode(properties);
  return { sent: properties, value, secrets: secretPaths.map(topLevel), isPartial: unknownPaths.length > 0 };
}

const plain = (sent: structs.Struct | undefined): Properties => opened(sent).value;
const struct = (properties: Properties): structs.Struct => structs.Struct.fromJavaScript(properties as never);

const knownOf = (id: string, inputs: structs.Struct | undefined, outputs: structs.Struct | undefined): Known => ({
  id,
  inputs: plain(inputs),
  outputs: plain(outputs),
});

const failure = ({ property, reason }: Failure) => new messages.CheckFailure().setProperty(property).setReason(reason);

/** The engine names them `default`, or `default_<version>`. */
const isDefaultProvider = (urn: string): boolean => /::default(_[\d_]+)?$/.test(urn);
