import { isRecord } from "../../../../local/azure/resource-manager/differences.ts";
import type { Wire } from "./provider-client.ts";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What the engine sends where a value is not known. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const secret = (value: unknown) => ({ [signature]: secretSignature, value });
export const isSecret = (value: unknown): boolean => isRecord(value) && value[signature] === secretSignature;

/** What the SDK may send for an output; the engine keeps it, and sends providers the value, a secret or that it is not known. */
export const output = (rest: { readonly value?: unknown; readonly secret?: boolean }) => ({
  [signature]: outputSignature,
  ...rest,
});

/** A program's inputs as the engine passes them on to a provider: output values opened, the rest as it came. */
export function asSent(inputs: Wire): Wire {
  return opened(inputs) as Wire;
}

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (!isRecord(value)) return value;
  if (value[signature] === outputSignature) {
    const known = "value" in value ? opened(value["value"]) : unknown;
    return value["secret"] === true ? secret(known) : known;
  }
  return Object.fromEntries(Object.entries(value).map(([name, property]) => [name, opened(property)]));
}

/** The inputs with the old values of top-level properties whose changes are to be ignored. */
export function ignoring(inputs: Wire, old: Wire, ignoreChanges: readonly string[]): Wire {
  const kept = ignoreChanges.filter((name) => name in old).map((name) => [name, old[name]]);
  return { ...inputs, ...Object.fromEntries(kept) } as Wire;
}
