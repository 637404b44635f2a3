import { randomBytes, randomUUID } from "node:crypto";
import type { LocalCloud } from "../cloud.ts";
import { knownAudience } from "../identity/audiences.ts";
import { type AnyResourceType, stored } from "./define-type.ts";
import { differences, isBelow } from "./differences.ts";
import { withGenericResources } from "./generic-resource.ts";
import type { Properties, Provider } from "./provider.ts";
import { azureTypes, resourceType } from "./registry.ts";
import { canonical, groupOf, isWithin, nameOf, parentOf, resourceGroupId, typeOf } from "./resource-id.ts";
import { AzureError, type ResourceId } from "./resource-type.ts";
import { normalLocation, refuse } from "./rules.ts";
import { requireUnlocked } from "./types/authorization-lock.ts";
import { requireUnlinked } from "./types/monitor-private-link.ts";

/** Settings of the azure-native provider, from stack config. */
export interface AzureProviderOptions {
  /** `azure-native:location`: where resources go that name no location. Otherwise their resource group's. */
  readonly location?: string;
  /** `azure-native:subscriptionId`, or the setting of a provider that the program makes. @default the local Azure's own */
  readonly subscriptionId?: string;
}

/** The azure-native provider over the local resource manager: its rules (what exists is not created again, names are made up), ARM's semantics. */
export function createAzureProvider(azure: LocalCloud, options: AzureProviderOptions = {}): Provider {
  const cloud = { ...azure, subscriptionId: options.subscriptionId ?? azure.subscriptionId };
  const creating = new Set<string>();
  const provider: Provider = {
    async check({ type, name, inputs, knownInputs, isPartial }) {
      const handler = resourceType(type);
      const complete = withLocation(handler, withName(handler, name, inputs, knownInputs), cloud, options);
      return { inputs: complete, failures: (isPartial ? undefined : handler.check?.(complete)) ?? [] };
    },

    async diff(type, known, inputs) {
      const handler = resourceType(type);
      const changed = differences(known.inputs, inputs);
      const replaces = changed.filter((path) => isBelow(path, handler.replaceOn));
      const sameName = canonical(handler.id(inputs, cloud)) === canonical(known.id);
      return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
    },

    async create(type, inputs) {
      const handler = resourceType(type);
      const id = handler.id(inputs, cloud);
      if (!handler.existsWithParent && (cloud.state.get(id) || creating.has(canonical(id)))) {
        throw new AzureError(409, "ResourceAlreadyExists", `cannot create already existing resource '${id}'`);
      }
      creating.add(canonical(id));
      try {
        handler.recover?.(id, cloud);
        return { id, outputs: await put(cloud, handler, id, inputs) };
      } finally {
        creating.delete(canonical(id));
      }
    },

    update: (type, known, inputs) => put(cloud, resourceType(type), known.id, inputs),

    read: (type, id) => resourceType(type).get(id, cloud),

    delete: (_, known) => remove(cloud, known.id),

    exists: (known) => cloud.state.get(known.id) !== undefined,

    find(type, inputs) {
      const id = resourceType(type).id(inputs, cloud);
      const found = stored(id, cloud);
      return found && { id, ...found };
    },

    async invoke(token, args) {
      if (token === "azure-native:authorization:getClientConfig") {
        const { clientId, principalId } = cloud.operator;
        return { clientId, objectId: principalId, subscriptionId: cloud.subscriptionId, tenantId: cloud.tenantId };
      }
      if (token === "azure-native:authorization:getClientToken")
        return { token: operatorToken(cloud, args["endpoint"]) };
      const handler = resourceType(token.replace(/:get(?=[A-Z]\w*$)/, ":"));
      const id = handler.id(args, cloud);
      const found = await handler.get(id, cloud);
      if (!found) throw notFound(id);
      return { ...found.outputs, id };
    },

    secretOutputs: (type) => resourceType(type).secretOutputs ?? [],
  };
  return withGenericResources(provider, cloud.environment);
}

/** As whom the provider acts. @param endpoint whom the token is for. @default Azure Resource Manager */
function operatorToken({ environment, authority, operator }: LocalCloud, endpoint: unknown): string {
  const resource = typeof endpoint === "string" ? endpoint : `https://${environment.resourceManager}/`;
  return authority.issue(operator, knownAudience(resource, environment)).token;
}

async function put(cloud: LocalCloud, handler: AnyResourceType, id: ResourceId, inputs: Properties) {
  requireParent(cloud, id);
  refuse("InvalidRequestContent", handler.check?.(inputs) ?? []);
  requireRegion(cloud, id, inputs["location"]);
  const outputs = await handler.put(id, inputs, cloud);
  cloud.state.set({ id, type: handler.type, inputs, outputs });
  return outputs;
}

/** Deletes a resource and all that lies below it, as ARM does: the deepest first, then dependents first. Gone already is fine. */
async function remove(cloud: LocalCloud, id: ResourceId) {
  requireUnlocked(id, cloud);
  const depth = (resource: { readonly id: ResourceId }) => resource.id.split("/").length;
  const below = azureTypes
    .toReversed()
    .flatMap(({ type }) => cloud.state.list(type))
    .filter((resource) => isWithin(resource.id, id))
    .sort((one, other) => depth(other) - depth(one));
  for (const resource of below) requireUnlinked(resource.id, cloud);
  for (const resource of below) {
    await resourceType(resource.type).delete(resource.id, cloud);
    cloud.state.delete(resource.id);
  }
}

function requireParent(cloud: LocalCloud, id: ResourceId) {
  const group = groupOf(id);
  const groupIsItself = typeOf(id) === "Microsoft.Resources/resourceGroups";
  if (group !== undefined && !groupIsItself && !cloud.state.get(resourceGroupId(cloud, group))) {
    throw new AzureError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }
  const parent = parentOf(id);
  if (parent === undefined || typeOf(parent) === "" || cloud.state.get(parent)) return;
  throw new AzureError(
    404,
    "ParentResourceNotFound",
    `Failed to perform 'write' on resource(s) of type '${typeOf(id)}', because the parent resource '${parent}' could not be found.`,
  );
}

/** Another cloud's region is none of this one's; a few types are deployed to no region. */
function requireRegion({ environment }: LocalCloud, id: ResourceId, location: unknown) {
  if (typeof location !== "string" || ["global", ...environment.regions].includes(normalLocation(location))) return;
  throw new AzureError(
    400,
    "LocationNotAvailableForResourceType",
    `The provided location '${location}' is not available for resource type '${typeOf(id)}'. List of available regions for the resource type is '${environment.regions.join(",")}'.`,
  );
}

const notFound = (id: ResourceId) =>
  new AzureError(404, "ResourceNotFound", `The resource '${nameOf(id)}' of type '${typeOf(id)}' was not found: ${id}`);

/** The program's name, else the one from last time, else azure-native's own making. */
function withName(
  handler: AnyResourceType,
  name: string,
  inputs: Properties,
  known: Properties | undefined,
): Properties {
  const naming = handler.autoname;
  if (naming === undefined || inputs[naming.property] !== undefined) return inputs;
  const made = { random: () => `${name}${randomBytes(4).toString("hex")}`, copy: () => name, uuid: randomUUID };
  return { ...inputs, [naming.property]: known?.[naming.property] ?? made[naming.as]() };
}

/** A type that cannot be moved is a type that has a location. */
function withLocation(
  handler: AnyResourceType,
  inputs: Properties,
  cloud: LocalCloud,
  options: AzureProviderOptions,
): Properties {
  if (!handler.replaceOn.includes("location") || inputs["location"] !== undefined) return inputs;
  const group = inputs["resourceGroupName"];
  const ofGroup = typeof group === "string" ? cloud.state.get(resourceGroupId(cloud, group)) : undefined;
  const location = options.location ?? ofGroup?.outputs["location"];
  return location === undefined ? inputs : { ...inputs, location };
}
