import resources from "@pulumi/pulumi/proto/resource_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../resource-manager/provider.ts";
import { aliasUrns } from "./aliases.ts";
import type { Goal } from "./deployment.ts";
import { type Decoded, decode, encode, topLevel } from "./envelopes.ts";
import type { Answering } from "./run-program.ts";
import { rootStackType, type StackName, urnOf } from "./urn.ts";

/** What the program's SDK is told of a resource. */
export interface Settled {
  readonly id: string;
  readonly outputs: Properties;
  /** Top-level outputs that are secret. */
  readonly secrets: readonly string[];
}

/** What the monitor asks the engine to do. */
export interface Engine extends StackName {
  settle(goal: Goal): Promise<Settled>;
  /** Makes a provider of the program's own; its id is part of what the others refer to it by. */
  configure(urn: string, type: string, settings: Properties): Settled;
  read(type: string, id: string, provider: string | undefined): Promise<Settled>;
  invoke(token: string, args: Properties): Promise<Properties>;
  stackOutputs(outputs: Decoded): void;
  readonly run: Answering;
}

type Callback<T> = (error: Error | null, response: T) => void;

/** The methods of Pulumi's resource monitor that matter here; they take the place of the mock monitor's. */
export function createMonitor(engine: Engine) {
  return {
    registerResource(
      request: resources.RegisterResourceRequest,
      callback: Callback<resources.RegisterResourceResponse>,
    ): void {
      const urn = urnOf(engine, request);
      const answer = ({ id, outputs, secrets }: Settled) => {
        const response = new resources.RegisterResourceResponse();
        response.setUrn(urn);
        response.setId(id);
        response.setObject(structs.Struct.fromJavaScript(encode(outputs, secrets) as never));
        callback(null, response);
      };
      if (request.getCustom()) engine.run(settle(engine, urn, request), answer);
      else engine.run(Promise.resolve({ id: "", outputs: {}, secrets: [] }), answer);
    },

    readResource(request: resources.ReadResourceRequest, callback: Callback<resources.ReadResourceResponse>): void {
      const found = engine.read(request.getType(), request.getId(), request.getProvider() || undefined);
      engine.run(found, ({ outputs, secrets }) => {
        const response = new resources.ReadResourceResponse();
        response.setUrn(urnOf(engine, request));
        response.setProperties(structs.Struct.fromJavaScript(encode(outputs, secrets) as never));
        callback(null, response);
      });
    },

    /** A failed invoke is the program's to handle, as under the real engine. */
    invoke(request: resources.ResourceInvokeRequest, callback: Callback<resources.ResourceInvokeResponse>): void {
      const called = engine.invoke(request.getTok(), decode(properties(request.getArgs())).value);
      engine.run(Promise.allSettled([called]), ([result]) => {
        const response = new resources.ResourceInvokeResponse();
        if (result.status === "rejected") return callback(result.reason as Error, response);
        response.setReturn(structs.Struct.fromJavaScript(result.value as never));
        return callback(null, response);
      });
    },

    registerResourceOutputs(request: resources.RegisterResourceOutputsRequest, callback: Callback<object>): void {
      const isStack = request.getUrn().split("::")[2] === rootStackType;
      if (isStack) engine.stackOutputs(decode(properties(request.getOutputs())));
      callback(null, {});
    },
  };
}

const properties = (struct: structs.Struct | undefined): Properties => struct?.toJavaScript() ?? {};

async function settle(engine: Engine, urn: string, request: resources.RegisterResourceRequest): Promise<Settled> {
  const type = request.getType();
  const name = request.getName();
  if (request.getTransformsList().length > 0) {
    throw new Error(`${type} "${name}": the local Azure runs no transforms. Change the inputs where they are made.`);
  }
  const { value, secretPaths, unknownPaths } = decode(properties(request.getObject()));
  if (unknownPaths.length > 0) throw new Error(`${type} "${name}": ${unknownPaths.join(", ")} is not known.`);
  if (type.startsWith("pulumi:providers:")) return engine.configure(urn, type, value);
  const parent = request.getParent();
  return engine.settle({
    urn,
    aliases: aliasUrns(engine, request),
    type,
    name,
    inputs: value,
    secrets: [...secretPaths.map(topLevel), ...request.getAdditionalsecretoutputsList()],
    dependencies: [...request.getDependenciesList(), ...(parent ? [parent] : [])],
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceWith: request.getReplaceWithList(),
    importId: request.getImportid() || undefined,
    provider: request.getProvider() || undefined,
  });
}
