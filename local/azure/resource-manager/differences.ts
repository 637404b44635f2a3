import type { Properties } from "./provider.ts";

/** Paths at which two sets of inputs differ; undefined and absent are the same. */
export function differences(before: Properties, after: Properties): string[] {
  return differingPaths(before, after, "");
}

function differingPaths(before: unknown, after: unknown, path: string): string[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      differingPaths(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differingPaths(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  return [path];
}

/** Whether a path is, or lies below, one of the given paths; `*` stands for every path. */
export function isBelow(path: string, parents: readonly string[]): boolean {
  return parents.some(
    (parent) => parent === "*" || path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`),
  );
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
