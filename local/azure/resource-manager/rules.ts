import { azureEnvironments } from "../environments.ts";
import { AzureError } from "./resource-type.ts";

/** What is wrong with one property, for people: what was given, what is allowed. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** Throws Azure's 400 if anything is wrong. */
export function refuse(code: string, failures: readonly Failure[]): void {
  if (failures.length === 0) return;
  throw new AzureError(400, code, failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
}

/** One rule: the failure if the condition holds. */
export const failIf = (condition: boolean, property: string, reason: string): Failure[] =>
  condition ? [{ property, reason }] : [];

/** A value, if it is there, must match. */
export function mustMatch(property: string, value: string | undefined, pattern: RegExp, allowed: string): Failure[] {
  return failIf(value !== undefined && !pattern.test(value), property, `'${value}' is not valid: ${allowed}`);
}

/** A value, if it is there, must be one of these. */
export function mustBeOneOf<T>(property: string, value: T | undefined, allowed: readonly T[]): Failure[] {
  return failIf(
    value !== undefined && !allowed.includes(value),
    property,
    `'${String(value)}' is not valid: allowed are ${allowed.join(", ")}`,
  );
}

const regions = Object.values(azureEnvironments).flatMap((environment) => environment.regions);

/** `West Europe` and `westeurope` are the same region. */
export const normalLocation = (location: string): string => location.toLowerCase().replaceAll(" ", "");

export function locationRules(location: string | undefined): Failure[] {
  return [
    ...failIf(location === undefined, "location", "a location is required"),
    ...failIf(
      location !== undefined && !regions.includes(normalLocation(location)),
      "location",
      `'${location}' is not a region of the local Azure: ${regions.join(", ")}`,
    ),
  ];
}
