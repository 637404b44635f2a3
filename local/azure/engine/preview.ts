import { unknownMark } from "../evaluator/envelopes.ts";
import { isRecord } from "../resource-manager/differences.ts";
import type { Properties } from "../resource-manager/provider.ts";

/**
 * Outputs of a resource that a preview would create: its inputs. What lies in an object is not known, as Azure adds properties to most of
 * them, and what it would add must not look absent, neither to the program nor to policies.
 */
export function outputsOfCreation(inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, isPlain(value) ? value : unknownMark]),
  );
}

/** Outputs that azure-native takes for granted in the preview of an update; all others may come out differently. */
const lasting = ["name", "location"];

/** Outputs of a resource that a preview would update: its inputs, with what Azure adds to them not known. */
export function outputsOfUpdate(inputs: Properties, outputs: Properties): Properties {
  const kept = lasting.flatMap((name) => (outputs[name] === undefined ? [] : [[name, outputs[name]] as const]));
  const told = Object.entries(inputs).map(([name, value]) => [name, withUnknowns(value, outputs[name])] as const);
  return Object.fromEntries([...told, ...kept]);
}

function withUnknowns(input: unknown, output: unknown): unknown {
  if (output === undefined || !(isRecord(input) && isRecord(output))) return input;
  const added = Object.keys(output).filter((name) => input[name] === undefined);
  const told = Object.entries(input).map(([name, value]) => [name, withUnknowns(value, output[name])] as const);
  return Object.fromEntries([...told, ...added.map((name) => [name, unknownMark] as const)]);
}

function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPlain) : !isRecord(value);
}
