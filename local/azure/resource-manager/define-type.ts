import type { LocalCloud } from "../cloud.ts";
import type { Properties } from "./provider.ts";
import { nameOf, typeOf } from "./resource-id.ts";
import type { ResourceId, ResourceType } from "./resource-type.ts";

/** A handler of any type, as the registry holds it. */
export type AnyResourceType = ResourceType<Properties, Properties>;

type Definition<I extends Properties> = Omit<ResourceType<I, Properties>, "get" | "delete"> &
  Partial<Pick<ResourceType<I, Properties>, "get" | "delete">>;

/** Completes a handler whose resource is what the state says, and which leaves nothing behind when it is deleted. */
export function defineType<I extends Properties>(definition: Definition<I>): AnyResourceType {
  const complete: ResourceType<I, Properties> = {
    get: async (id: ResourceId, cloud: LocalCloud) =>
      stored(id, cloud) as { inputs: I; outputs: Properties } | undefined,
    delete: () => Promise.resolve(),
    ...definition,
  };
  return complete;
}

/** A deployed resource's plain inputs and outputs. */
export function stored(id: ResourceId, cloud: LocalCloud): { inputs: Properties; outputs: Properties } | undefined {
  const resource = cloud.state.get(id);
  return resource && { inputs: { ...resource.inputs }, outputs: { ...resource.outputs } };
}

/** The outputs that a resource had before this PUT. */
export const outputsBefore = (id: ResourceId, cloud: LocalCloud): Properties => stored(id, cloud)?.outputs ?? {};

/** What Azure makes when a resource is created, and leaves as it is from then on. */
export function madeOnce(before: Properties, output: string, make: () => string): string {
  const made = before[output];
  return typeof made === "string" ? made : make();
}

/** The outputs that every resource has, and the inputs that Azure echoes: all but those that make up the id. */
export function echo(id: ResourceId, inputs: Properties, withoutInputs: readonly string[]): Properties {
  const echoed = Object.entries(inputs).filter(([name, value]) => value !== undefined && !withoutInputs.includes(name));
  return { ...Object.fromEntries(echoed), name: nameOf(id), type: typeOf(id) };
}
