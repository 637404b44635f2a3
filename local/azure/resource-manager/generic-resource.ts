import type { AzureEnvironment } from "../environments.ts";
import type { AnyResourceType } from "./define-type.ts";
import { differences, isBelow } from "./differences.ts";
import type { Properties, Provider } from "./provider.ts";
import { resourceDocument } from "./resource-document.ts";
import { canonical, typeOf } from "./resource-id.ts";
import { AzureError, type ResourceId } from "./resource-type.ts";
import { appServicePlan, webApp } from "./types/web.ts";

/** azure-native's resource of any type: ARM's own document, and the API version to send it by. */
const genericType = "azure-native:resources:Resource";

type GenericInputs = {
  resourceGroupName: string;
  resourceProviderNamespace: string;
  parentResourcePath: string;
  resourceType: string;
  resourceName: string;
  apiVersion?: string;
  properties?: Properties;
} & Properties;

/** What names a resource, and so cannot be changed in place. */
const address = [
  "resourceGroupName",
  "resourceProviderNamespace",
  "parentResourcePath",
  "resourceType",
  "resourceName",
];

/** The types that are deployed so, by ARM's name. Each takes the resource's own name as `name`, and its properties side by side. */
const types = new Map(
  Object.entries({ "Microsoft.Web/serverfarms": appServicePlan, "Microsoft.Web/sites": webApp }).map(([name, type]) => [
    canonical(name),
    type,
  ]),
);

/** The API by which azure-native's typed resources of App Service are sent. Source: its package, module web. */
const typedWebApi = "2025-05-01";

/**
 * Lets a provider take generic resources too: each goes through the handler of its type and is that type's resource from then on, so that
 * whoever asks what is deployed sees no difference. An API that the cloud's App Service does not have yet is refused, as ARM does.
 */
export function withGenericResources(provider: Provider, { web }: AzureEnvironment): Provider {
  const requireApi = (api: string | undefined, type: string, location: unknown) => {
    if (api !== undefined && api <= web.newestApi) return;
    throw new AzureError(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for location '${String(location)}' and API version '${api ?? ""}' for type '${type}'. The newest supported api-version is '${web.newestApi}'.`,
    );
  };
  const sent = (type: string, inputs: Properties) => {
    if (type.startsWith("azure-native:web:")) requireApi(typedWebApi, type, inputs["location"]);
    if (type !== genericType) return { type, inputs };
    const generic = inputs as GenericInputs;
    requireApi(generic.apiVersion, generic.resourceType, generic["location"]);
    return typed(generic);
  };

  return {
    ...provider,
    async check(request) {
      if (request.type !== genericType) return provider.check(request);
      const { type, inputs } = typed(request.inputs as GenericInputs);
      const checked = await provider.check({ ...request, type, inputs, knownInputs: undefined });
      const { location } = checked.inputs;
      return { inputs: { ...request.inputs, ...(location !== undefined && { location }) }, failures: checked.failures };
    },
    async diff(type, known, inputs) {
      if (type !== genericType) return provider.diff(type, known, inputs);
      const changed = differences(known.inputs, inputs);
      const replaces = changed.filter((path) => isBelow(path, [...address, "location"]));
      const isSameAddress = replaces.length > 0 && !changed.some((path) => isBelow(path, address));
      return { changed, replaces, deleteBeforeReplace: isSameAddress };
    },
    async create(type, inputs) {
      const own = sent(type, inputs);
      const { id, outputs } = await provider.create(own.type, own.inputs);
      return { id, outputs: type === genericType ? documentOf(id, outputs) : outputs };
    },
    async update(type, known, inputs) {
      const own = sent(type, inputs);
      const outputs = await provider.update(own.type, known, own.inputs);
      return type === genericType ? documentOf(known.id, outputs) : outputs;
    },
    async read(type, id, known) {
      if (type !== genericType) return provider.read(type, id, known);
      const found = await provider.read(handlerOf(typeOf(id)).type, id, known);
      // ARM keeps no record of the API that a resource was sent by.
      return (
        found && {
          inputs: { ...generic(id, found.inputs), apiVersion: known?.inputs["apiVersion"] },
          outputs: documentOf(id, found.outputs),
        }
      );
    },
    find(type, inputs) {
      if (type !== genericType) return provider.find(type, inputs);
      const own = typed(inputs as GenericInputs);
      const found = provider.find(own.type, own.inputs);
      return found && { id: found.id, inputs, outputs: documentOf(found.id, found.outputs) };
    },
    secretOutputs: (type) => (type === genericType ? [] : provider.secretOutputs(type)),
  };
}

function handlerOf(armType: string): AnyResourceType {
  const handler = types.get(canonical(armType));
  if (handler) return handler;
  throw new Error(
    `The local Azure does not take ${armType} as ${genericType}. List its handler in local/azure/resource-manager/generic-resource.ts.`,
  );
}

/** The same resource as its own type takes it. */
function typed(inputs: GenericInputs): { readonly type: string; readonly inputs: Properties } {
  const { resourceGroupName, resourceProviderNamespace, parentResourcePath: _, resourceType, resourceName } = inputs;
  const envelope = Object.entries(inputs).filter(([name]) => ![...address, "apiVersion", "properties"].includes(name));
  return {
    type: handlerOf(`${resourceProviderNamespace}/${resourceType}`).type,
    inputs: { resourceGroupName, name: resourceName, ...Object.fromEntries(envelope), ...inputs.properties },
  };
}

/** `typed`, backwards. */
function generic(id: ResourceId, inputs: Properties): Properties {
  const { resourceGroupName, name, ...rest } = inputs;
  const [resourceProviderNamespace, resourceType] = typeOf(id).split("/");
  const { name: _, type: __, ...document } = documentOf(id, rest);
  return {
    resourceGroupName,
    resourceProviderNamespace,
    parentResourcePath: "",
    resourceType,
    resourceName: name,
    ...document,
  };
}

/** What ARM answers, but for the id, which the engine keeps apart. */
function documentOf(id: ResourceId, outputs: Properties): Properties {
  const { id: _, ...document } = resourceDocument({ id, outputs });
  return document;
}
