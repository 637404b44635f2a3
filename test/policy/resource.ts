/** A resource as a policy sees it, whether the engine or a test has registered it. */
export interface Resource {
  /** Tells it from all others of the stack. */
  readonly key: string;
  /** Pulumi's token, e.g. `azure-native:keyvault:Vault`. */
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Keys of what it depends on. */
  readonly dependencies: readonly string[];
}

/** What a policy says of one resource, each text one violation; none: it keeps to it, or is not concerned. */
export type Rule = (resource: Pick<Resource, "type" | "props">) => readonly string[];

/** Whether the resource is of one of these types, `<module>:<Type>` of azure-native. */
export const isOneOf = ({ type }: Pick<Resource, "type">, ...types: readonly string[]): boolean =>
  types.some((name) => type === `azure-native:${name}`);

/** Value at a path of properties, `properties.enablePurgeProtection`; undefined where the path ends early. */
export function at({ props }: Pick<Resource, "props">, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], props);
}

/** A violation unless the condition holds. */
export const unless = (condition: boolean, violation: string): readonly string[] => (condition ? [] : [violation]);
